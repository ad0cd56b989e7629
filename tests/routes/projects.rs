//! Tests of `GET` and `POST /v1/projects` and of `GET`, `PATCH` and `DELETE
//! /v1/projects/{project_id}`.

use reqwest::Method;
use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::ids::{OrganizationId, ProjectId};
use shared::organizations::Role;
use tests::{Person, Reply, TestApp, Visitor, keys};

/// The id of an organization that does not exist.
const NOBODYS: &str = "client_aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Sends the creation of a project.
pub(crate) async fn send_creation(visitor: &Visitor, client: &str, name: &str) -> Reply {
    visitor.post("/v1/projects", json!({"org_id": client, "name": name})).await
}

/// Creates a project and returns its path.
pub(crate) async fn create_project(person: &Person, client: &str, name: &str) -> String {
    let made = send_creation(&person.visitor, client, name).await.expect(200).json();
    format!("/v1/projects/{}", made["id"].as_str().unwrap())
}

/// Deletes a project.
pub(crate) async fn delete_project(visitor: &Visitor, path: &str) -> Reply {
    visitor.send(Method::DELETE, path, None).await
}

/// Lists the projects of an organization.
pub(crate) async fn list_projects(visitor: &Visitor, client: &str) -> Vec<Value> {
    let path = format!("/v1/projects?org_id={client}&limit=200");
    visitor.get(&path).await.expect(200).json()["data"].as_array().unwrap().clone()
}

/// Lists the project events with an action in the log of an organization.
pub(crate) async fn list_log_entries(app: &TestApp, client: &str, action: &str) -> Vec<Value> {
    let log = app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await;
    log.into_iter().filter(|entry| entry["action"]["S"] == action).collect()
}

/// Asserts the invariants of all projects. Each organization counts its projects correctly, and
/// each name is reserved for the project that has it.
pub(crate) async fn assert_consistent(app: &TestApp) {
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
pub(crate) fn project_calls() -> Vec<(Method, &'static str, Option<Value>)> {
    vec![
        (Method::GET, "", None),
        (Method::PATCH, "", Some(json!({"description": "of somebody else"}))),
        (Method::GET, "/brief", None),
        (Method::PUT, "/brief", Some(json!({"content": "of somebody else"}))),
        (Method::DELETE, "", None),
    ]
}

/// Sends a call of a project.
pub(crate) async fn send_call(
    visitor: &Visitor,
    path: &str,
    (method, rest, body): (Method, &str, Option<Value>),
) -> Reply {
    let body = body.map(|body| ("application/json", body.to_string().into_bytes()));
    visitor.send(method, &format!("{path}{rest}"), body).await
}

#[tokio::test]
async fn projects_are_created_shown_and_listed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    app.advance_clock(60).await;
    let body = json!({
        "org_id": acme, "name": " Churn analysis ", "description": "Q3 churn model",
        "owner_id": "usr_aaaaaaaaaaaaaaaaaaaaaaaaaa", "user_id": "eve@example.com",
    });
    let reply = ada.post("/v1/projects", body).await.expect(200);
    let exactly = ["created_at", "description", "id", "name", "org_id", "updated_at"];
    assert_eq!(reply.keys(), exactly);
    let project = reply.json();
    let (id, now) = (project["id"].as_str().unwrap(), app.now().await);
    assert!(id.starts_with("proj_"));
    let expected = json!({
        "id": id, "org_id": acme, "name": "Churn analysis", "description": "Q3 churn model",
        "created_at": now, "updated_at": now,
    });
    assert_eq!(project, expected);
    assert_eq!(ada.get(&format!("/v1/projects/{id}")).await.expect(200).json(), expected);
    let list = ada.get(&format!("/v1/projects?org_id={acme}")).await.expect(200).json();
    assert_eq!(list, json!({"data": [expected], "next_cursor": null}));

    app.advance_clock(1).await;
    let plain = send_creation(&ada.visitor, &acme, "Plain").await.expect(200);
    assert_eq!(
        (plain.keys(), &plain.json()["description"]),
        (exactly.map(str::to_owned).to_vec(), &json!(null))
    );
    let blank = json!({"org_id": acme, "name": "Blank", "description": " \t"});
    app.advance_clock(1).await;
    let blank = ada.post("/api/v1/projects", blank).await.expect(200);
    assert_eq!(blank.json()["description"], json!(null));
    let names: Vec<_> =
        list_projects(&ada.visitor, &acme).await.iter().map(|p| p["name"].clone()).collect();
    assert_eq!(names, ["Churn analysis", "Plain", "Blank"], "in the order of making");

    let log = list_log_entries(&app, &acme, "project.created").await;
    assert_eq!(log.len(), 3);
    let first = log.iter().find(|entry| entry["target"]["S"] == id).unwrap();
    assert_eq!(first["details"], json!({"M": {"name": {"S": "Churn analysis"}}}));
    assert_eq!(first["user_id"]["S"], ada.id().await.as_str());
    assert_consistent(&app).await;
}

#[tokio::test]
async fn an_invalid_project_is_refused_with_the_field_name() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let long = "x".repeat(101);
    for (body, status, code) in [
        (json!({"name": "A"}), 400, "MISSING_ORG_ID"),
        (json!({"org_id": null, "name": "A"}), 400, "MISSING_ORG_ID"),
        (json!({"org_id": " ", "name": "A"}), 400, "MISSING_ORG_ID"),
        (json!({"org_id": 7, "name": "A"}), 400, "INVALID_FIELD"),
        (json!({"org_id": "client_x", "name": "A"}), 404, "NOT_FOUND"),
        (json!({"org_id": NOBODYS, "name": "A"}), 404, "NOT_FOUND"),
        (json!({"org_id": acme}), 400, "MISSING_NAME"),
        (json!({"org_id": acme, "name": null}), 400, "MISSING_NAME"),
        (json!({"org_id": acme, "name": " "}), 400, "MISSING_NAME"),
        (json!({"org_id": acme, "name": ["A"]}), 400, "INVALID_FIELD"),
        (json!({"org_id": acme, "name": long}), 400, "INVALID_FIELD"),
        (json!({"org_id": acme, "name": "a\nb"}), 400, "INVALID_FIELD"),
        (json!({"org_id": acme, "name": "A", "description": 7}), 400, "INVALID_FIELD"),
        (json!({"org_id": acme, "name": "A", "description": "a\nb"}), 400, "INVALID_FIELD"),
        (
            json!({"org_id": acme, "name": "A", "description": "x".repeat(1001)}),
            400,
            "INVALID_FIELD",
        ),
        (
            json!({"org_id": acme, "name": "A", "description": "x".repeat(70_000)}),
            413,
            "BODY_TOO_LARGE",
        ),
        (json!([]), 400, "INVALID_JSON"),
    ] {
        let sent_body = body.to_string();
        let reply = ada.post("/v1/projects", body).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{:.200}", sent_body);
    }
    let other_type = ada.visitor.post_raw("/v1/projects", "text/plain", "{}").await;
    other_type.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
    assert!(list_projects(&ada.visitor, &acme).await.is_empty());
    let longest =
        json!({"org_id": acme, "name": "李".repeat(100), "description": "李".repeat(1000)});
    ada.post("/v1/projects", longest).await.expect(200);
    assert_consistent(&app).await;
}

#[tokio::test]
async fn a_list_requires_an_organization() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let acme = ada.create_client("Acme").await;
    create_project(&ada, &acme, "Secret").await;
    for (query, status, code) in [
        (String::new(), 400, "MISSING_ORG_ID"),
        ("?org_id=".to_owned(), 400, "MISSING_ORG_ID"),
        ("?org_id=%20".to_owned(), 400, "MISSING_ORG_ID"),
        ("?ORG_ID=x".to_owned(), 400, "MISSING_ORG_ID"),
        (format!("?org_id={acme}&org_id={acme}"), 400, "INVALID_FIELD"),
        ("?org_id=x".to_owned(), 404, "NOT_FOUND"),
        (format!("?org_id={}", acme.to_uppercase()), 404, "NOT_FOUND"),
        (format!("?org_id={NOBODYS}"), 404, "NOT_FOUND"),
        (format!("?org_id={acme}&limit=0"), 400, "INVALID_FIELD"),
        (format!("?org_id={acme}&cursor=x"), 400, "INVALID_CURSOR"),
    ] {
        let reply = ada.get(&format!("/v1/projects{query}")).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{query}");
    }
    // Access is checked before the cursor.
    for query in ["", "&cursor=x"] {
        let theirs = eve.get(&format!("/v1/projects?org_id={acme}{query}")).await;
        assert!(!theirs.expect_error(403, "NO_ACCESS").text.contains("Secret"));
    }
    app.visitor().get("/v1/projects").await.expect_error(401, "missing bearer token");
}

#[tokio::test]
async fn pages_are_ordered_without_duplicates_or_gaps() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (acme, other) = (ada.create_client("Acme").await, ada.create_client("Other").await);
    app.set_plan(&acme, "pro").await;
    let mut expected = Vec::new();
    for number in 0..11 {
        let path = create_project(&ada, &acme, &format!("Project {number}")).await;
        if number % 4 == 3 {
            delete_project(&ada.visitor, &path).await.expect(200);
        } else {
            expected.push(format!("Project {number}"));
        }
        app.advance_clock(1).await;
    }
    for limit in [1, 2, 3, 200] {
        let (mut names, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let path = format!("/v1/projects?org_id={acme}&limit={limit}{cursor}");
            let page = ada.get(&path).await.expect(200).json();
            let data = page["data"].as_array().unwrap().clone();
            assert!(data.len() <= limit);
            names.extend(data.iter().map(|project| project["name"].as_str().unwrap().to_owned()));
            pages += 1;
            assert!(pages < 20);
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
            let elsewhere = ada.get(&format!("/v1/projects?org_id={other}{cursor}")).await;
            elsewhere.expect_error(400, "INVALID_CURSOR");
        }
        assert_eq!(names, expected, "limit {limit}");
    }
    assert!(list_projects(&ada.visitor, &other).await.is_empty());
}

#[tokio::test]
async fn names_are_unique_per_organization_ignoring_case() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (acme, other) = (ada.create_client("Acme").await, ada.create_client("Other").await);
    let first = create_project(&ada, &acme, "Žižkov Études").await;
    for taken in
        ["Žižkov Études", " žižkov études", "ŽIŽKOV ÉTUDES", "Z\u{30c}iz\u{30c}kov E\u{301}tudes"]
    {
        send_creation(&ada.visitor, &acme, taken).await.expect_error(409, "PROJECT_NAME_TAKEN");
    }
    create_project(&ada, &other, "Žižkov Études").await;
    let second = create_project(&ada, &acme, "Second").await;
    let rename = async |path: &str, name: &str| ada.patch(path, json!({"name": name})).await;
    rename(&second, "žižkov ÉTUDES").await.expect_error(409, "PROJECT_NAME_TAKEN");
    assert_eq!(ada.get(&second).await.json()["name"], "Second");
    // A project can be renamed to its own name in another case.
    assert_eq!(rename(&first, "ŽIŽKOV études").await.expect(200).json()["name"], "ŽIŽKOV études");
    send_creation(&ada.visitor, &acme, "Žižkov Études")
        .await
        .expect_error(409, "PROJECT_NAME_TAKEN");
    assert_consistent(&app).await;
    // A previous name is free for other projects and can be chosen again.
    rename(&first, "Third").await.expect(200);
    rename(&second, "Žižkov Études").await.expect(200);
    rename(&first, "Second").await.expect(200);
    assert_consistent(&app).await;
    delete_project(&ada.visitor, &first).await.expect(200);
    create_project(&ada, &acme, "sECOND").await;
    assert_consistent(&app).await;
}

#[tokio::test]
async fn a_change_sets_sent_fields_and_logs_old_values() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let path = create_project(&ada, &acme, "Churn").await;
    let before = ada.get(&path).await.json();
    app.advance_clock(10).await;
    for nothing in [json!({}), json!({"name": "Churn"}), json!({"description": null, "id": "x"})] {
        assert_eq!(ada.patch(&path, nothing).await.expect(200).json(), before);
    }
    assert!(list_log_entries(&app, &acme, "project.changed").await.is_empty());
    let described = ada.patch(&path, json!({"description": " Q3 "})).await.expect(200).json();
    let now = app.now().await;
    let mut expected = before.clone();
    (expected["description"], expected["updated_at"]) = (json!("Q3"), json!(now));
    assert_eq!(described, expected);
    assert_eq!(ada.get(&path).await.json(), expected);
    let renamed = json!({"name": "Churn model", "description": "Q4", "org_id": "client_x"});
    let both = ada.patch(&path, renamed).await.expect(200).json();
    (expected["description"], expected["name"]) = (json!("Q4"), json!("Churn model"));
    assert_eq!(both, expected);
    let cleared = ada.patch(&path, json!({"description": null})).await.expect(200).json();
    assert_eq!(cleared["description"], json!(null));

    let log = list_log_entries(&app, &acme, "project.changed").await;
    let mut details: Vec<_> = log.iter().map(|entry| entry["details"]["M"].to_string()).collect();
    details.sort();
    let text = |text: &str| json!({"S": text});
    let mut expected = [
        json!({"description_before": text(""), "description_after": text("Q3")}),
        json!({
            "description_before": text("Q3"), "description_after": text("Q4"),
            "name_before": text("Churn"), "name_after": text("Churn model"),
        }),
        json!({"description_before": text("Q4"), "description_after": text("")}),
    ]
    .map(|details| details.to_string());
    expected.sort();
    assert_eq!(details, expected);

    for (body, code) in [
        (json!({"name": null}), "MISSING_NAME"),
        (json!({"name": " "}), "MISSING_NAME"),
        (json!({"name": 7}), "INVALID_FIELD"),
        (json!({"name": "x".repeat(101)}), "INVALID_FIELD"),
        (json!({"description": "x".repeat(1001)}), "INVALID_FIELD"),
        (json!({"description": []}), "INVALID_FIELD"),
    ] {
        ada.patch(&path, body).await.expect_error(400, code);
    }
    assert_consistent(&app).await;
}

#[tokio::test]
async fn a_deleted_project_is_inaccessible_at_once() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &bob, Role::Member).await;
    let script = app.visitor().with_bearer(&ada.key(&acme, "ci").await.1);
    let (path, kept) =
        (create_project(&ada, &acme, "Churn").await, create_project(&ada, &acme, "Kept").await);
    ada.visitor
        .send(
            Method::PUT,
            &format!("{path}/brief"),
            Some(("application/json", br#"{"content":"x"}"#.to_vec())),
        )
        .await
        .expect(200);
    // A member can delete a project, and the body is ignored.
    let reply = bob.delete(&path, json!({"confirm": 7})).await.expect(200);
    assert_eq!(reply.json(), json!({"deleted": true}));
    for visitor in [&ada.visitor, &bob.visitor, &script] {
        for request in project_calls() {
            send_call(visitor, &path, request).await.expect_error(404, "NOT_FOUND");
        }
        assert_eq!(list_projects(visitor, &acme).await.len(), 1);
        visitor.get(&kept).await.expect(200);
    }
    let log = list_log_entries(&app, &acme, "project.deleted").await;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["details"], json!({"M": {"name": {"S": "Churn"}}}));
    assert_eq!(log[0]["user_id"]["S"], bob.id().await.as_str());
    // The rows of the project have been swept, or their sweep is queued.
    let id = path.rsplit('/').next().unwrap();
    let remaining_rows = app.items("CLIENT#", &format!("PROJECT#{id}")).await;
    let waiting = app.items("WORK", &format!("sweep-project#{id}")).await;
    assert!(remaining_rows.is_empty() || waiting.len() == 1);
    assert_consistent(&app).await;
    // The deleted project no longer counts as used.
    let usage = ada.get(&format!("/v1/clients/{acme}/usage")).await.expect(200).json();
    assert_eq!(usage["metrics"][0]["used"], 1);
}

#[tokio::test]
async fn deleting_an_organization_hides_its_projects_at_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let path = create_project(&ada, &acme, "Churn").await;
    ada.delete(&format!("/v1/clients/{acme}"), json!({"confirm": "Acme"})).await.expect(200);
    for request in project_calls() {
        send_call(&ada.visitor, &path, request).await.expect_error(404, "NOT_FOUND");
    }
    send_creation(&ada.visitor, &acme, "Another").await.expect_error(404, "NOT_FOUND");
    let list = ada.get(&format!("/v1/projects?org_id={acme}")).await;
    list.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn projects_of_others_get_403_and_unknown_projects_404() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (acme, evil) = (ada.create_client("Acme").await, eve.create_client("Evil").await);
    let path = create_project(&ada, &acme, "Top secret").await;
    let before = app.items("CLIENT#", "PROJECT").await;
    let ctx = app.stack().context();
    let (now, client): (Timestamp, OrganizationId) = (ctx.now(), acme.parse().unwrap());
    let unknown = ProjectId::generate(&*ctx.random, now, &client);
    let confined = json!({"token_name": "ci", "client_id": evil});
    let confined = eve.post("/v1/tokens", confined).await.expect(200).json();
    let bearer = |token: &str| app.visitor().with_bearer(token);
    let outsiders = [
        eve.visitor.clone(),
        bearer(&eve.token("ci").await),
        bearer(confined["token"].as_str().unwrap()),
        bearer(&eve.key(&evil, "ci").await.1),
    ];
    for visitor in &outsiders {
        // The response does not reveal whether the project exists.
        for path in [&path, &format!("/v1/projects/{unknown}")] {
            for request in project_calls() {
                let reply = send_call(visitor, path, request).await.expect_error(403, "NO_ACCESS");
                assert!(!reply.text.contains("secret") && !reply.text.contains("Acme"));
            }
        }
        for name in ["Top secret", "Another"] {
            send_creation(visitor, &acme, name).await.expect_error(403, "NO_ACCESS");
        }
    }
    // Users with and without access get 404 for ids that cannot exist.
    let nobodys = ProjectId::generate(&*ctx.random, now, &NOBODYS.parse().unwrap());
    for visitor in [&ada.visitor, &eve.visitor] {
        for id in [nobodys.as_str(), "proj_", "proj_123", "x", &path.to_uppercase()[13..]] {
            for request in project_calls() {
                let reply = send_call(visitor, &format!("/v1/projects/{id}"), request).await;
                reply.expect_error(404, "NOT_FOUND");
            }
        }
    }
    for request in project_calls() {
        let reply = send_call(&ada.visitor, &format!("/v1/projects/{unknown}"), request).await;
        reply.expect_error(404, "NOT_FOUND");
    }
    assert_eq!(app.items("CLIENT#", "PROJECT").await, before);
    assert!(app.items("PROJECT#", "").await.is_empty());
    assert_consistent(&app).await;
}

#[tokio::test]
async fn an_organization_key_has_the_rights_of_a_member() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let (number, key) = ada.key(&acme, "ci").await;
    let script = app.visitor().with_bearer(&key);
    let project = send_creation(&script, &acme, "Churn").await.expect(200);
    assert_eq!(keys(&project.json()).len(), 6);
    let path = format!("/v1/projects/{}", project.json()["id"].as_str().unwrap());
    assert_eq!(list_projects(&script, &acme).await, list_projects(&ada.visitor, &acme).await);
    for request in project_calls() {
        send_call(&script, &path, request).await.expect(200);
    }
    for action in ["project.created", "project.changed", "project.brief_changed", "project.deleted"]
    {
        let log = list_log_entries(&app, &acme, action).await;
        assert_eq!(log.len(), 1, "{action}");
        assert_eq!(
            (&log[0]["key"]["N"], log[0].get("user_id")),
            (&json!(number.to_string()), None)
        );
    }
    assert_consistent(&app).await;
    ada.post(&format!("/v1/clients/{acme}/api-keys/{number}/revoke"), json!({})).await.expect(200);
    send_creation(&script, &acme, "Late").await.expect_error(401, "invalid token");
}
