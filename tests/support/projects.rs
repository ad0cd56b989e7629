//! Requests about projects, and the invariants of all projects.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Person, Reply, TestApp, Visitor};

/// The id of an organization that does not exist.
pub const UNKNOWN_CLIENT: &str = "client_aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Sends the creation of a project.
pub async fn send_creation(visitor: &Visitor, client: &str, name: &str) -> Reply {
    visitor.post("/v1/projects", json!({"org_id": client, "name": name})).await
}

/// Creates a project and returns its path.
pub async fn create_project(person: &Person, client: &str, name: &str) -> String {
    let made = send_creation(&person.visitor, client, name).await.expect(200).json();
    format!("/v1/projects/{}", made["id"].as_str().unwrap())
}

/// Deletes a project.
pub async fn delete_project(visitor: &Visitor, path: &str) -> Reply {
    visitor.send(Method::DELETE, path, None).await
}

/// Lists the projects of an organization.
pub async fn list_projects(visitor: &Visitor, client: &str) -> Vec<Value> {
    let path = format!("/v1/projects?org_id={client}&limit=200");
    visitor.get(&path).await.expect(200).json()["data"].as_array().unwrap().clone()
}

/// Asserts the invariants of all projects. Each organization counts its projects correctly, and
/// each name is reserved for the project that has it.
pub async fn assert_projects_consistent(app: &TestApp) {
    let text = |item: &Value, name: &str| item[name]["S"].as_str().unwrap().to_owned();
    for client in app.items("CLIENT#", "META").await {
        let id = text(&client, "id");
        let under = format!("CLIENT#{id}");
        let mut projects = app.items(&under, "PROJECT#").await;
        projects.retain(|project| project.get("deleted_at").is_none());
        assert_eq!(client["projects"]["N"], projects.len().to_string(), "{id}");
        let held = |id: String, name: String| (format!("PROJECT-NAME#{}", name.to_lowercase()), id);
        let mut names: Vec<_> =
            projects.iter().map(|p| held(text(p, "id"), text(p, "name"))).collect();
        let guards = app.items(&under, "PROJECT-NAME#").await;
        let mut guards: Vec<_> =
            guards.iter().map(|g| (text(g, "sk"), text(g, "project_id"))).collect();
        names.sort();
        guards.sort();
        assert_eq!(names, guards, "{id}");
    }
}

/// Lists each call of a project with a valid body.
pub fn project_calls() -> Vec<(Method, &'static str, Option<Value>)> {
    vec![
        (Method::GET, "", None),
        (Method::PATCH, "", Some(json!({"description": "of somebody else"}))),
        (Method::GET, "/brief", None),
        (Method::PUT, "/brief", Some(json!({"content": "of somebody else"}))),
        (Method::DELETE, "", None),
    ]
}

/// Sends a call of a project.
pub async fn send_call(
    visitor: &Visitor,
    path: &str,
    (method, rest, body): (Method, &str, Option<Value>),
) -> Reply {
    let path = format!("{path}{rest}");
    match body {
        Some(body) => visitor.send_json(method, &path, &body).await,
        None => visitor.send(method, &path, None).await,
    }
}
