//! Load on better-auth, a library for accounts in Node, to compare the local stack with.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::account::PASSWORD;
use crate::error::Result;
use crate::load::{self, Load, LoadParams, MakeRequest};
use crate::operation::Operation;
use crate::packages;
use crate::server_process::ServerProcess;

/// The version of better-auth that is compared with, as npm names it.
pub(crate) const VERSION: &str = "1.7.25";

/// Its plugin for API keys, and SQLite as a package that needs no compiler.
const OTHER_PACKAGES: [&str; 2] = ["@better-auth/api-key@1.7.5", "libsql@0.5.29"];

/// The number of connections of each load.
pub(crate) const CONNECTIONS: usize = 16;

/// The operations that both can do.
pub(crate) const OPERATIONS: [Operation; 4] =
    [Operation::SessionCheck, Operation::KeyCheck, Operation::ListOrganizations, Operation::SignIn];

/// An account with an organization and an API key.
struct Account {
    base: String,
    email: String,
    cookie: String,
    key: String,
}

/// Measures each operation.
///
/// # Errors
/// If Node is missing, or the server does not start.
pub(crate) async fn measure() -> Result<Vec<(Operation, Load)>> {
    let package = format!("better-auth@{VERSION}");
    let [api_key, sqlite] = OTHER_PACKAGES;
    let folder = packages::npm(&format!("bench-{package}"), &[&package, api_key, sqlite])?;
    // Node looks for packages in the folder of the script.
    let script = folder.join("server.mjs");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("better-auth/server.mjs"), &script)?;
    let mut command = Command::new("node");
    command.arg(&script).env("NODE_ENV", "production");
    let server = ServerProcess::start(command)?;
    let mut accounts = Vec::new();
    for number in 0..CONNECTIONS {
        accounts.push(Arc::new(Account::create(&server.url, number).await?));
    }
    let mut loads = Vec::new();
    for operation in OPERATIONS {
        let of_account = |account: &Arc<Account>| -> MakeRequest {
            let account = account.clone();
            Arc::new(move |http| account.request(http, operation))
        };
        let params = LoadParams {
            name: format!("better-auth: {}", operation.name()),
            call: path(operation),
            connections: accounts.iter().map(of_account).collect(),
            beside: Vec::new(),
        };
        loads.push((operation, load::run(&server, params).await?));
    }
    Ok(loads)
}

/// Returns the path of an operation. The check of keys has no route of its own in better-auth, so `server.mjs` adds
/// one.
fn path(operation: Operation) -> &'static str {
    match operation {
        Operation::SessionCheck => "/api/auth/get-session",
        Operation::ListOrganizations => "/api/auth/organization/list",
        Operation::SignIn => "/api/auth/sign-in/email",
        Operation::KeyCheck | Operation::SpendCredits | Operation::SignUp => "/key",
    }
}

impl Account {
    async fn create(base: &str, number: usize) -> Result<Self> {
        let http = Client::new();
        let email = format!("load-{number}@example.com");
        let post = |path: &str, body: Value| {
            http.post(format!("{base}/api/auth/{path}")).header(ORIGIN, base).json(&body)
        };
        let sign_up =
            post("sign-up/email", json!({"email": email, "password": PASSWORD, "name": "Bench"}));
        let response = sign_up.send().await?.error_for_status()?;
        let cookie = response.headers().get(SET_COOKIE).ok_or("no session")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let organization = json!({"name": "Acme", "slug": format!("acme-{number}")});
        let organization = post("organization/create", organization).header(COOKIE, &cookie);
        organization.send().await?.error_for_status()?;
        let key = post("api-key/create", json!({"name": "bench"})).header(COOKIE, &cookie);
        let key: Value = key.send().await?.error_for_status()?.json().await?;
        let key = key["key"].as_str().ok_or("no key")?.to_owned();
        Ok(Self { base: base.to_owned(), email, cookie, key })
    }

    fn request(&self, http: &Client, operation: Operation) -> RequestBuilder {
        let url = format!("{}{}", self.base, path(operation));
        match operation {
            Operation::SignIn => http
                .post(url)
                .header(ORIGIN, &self.base)
                .json(&json!({"email": self.email, "password": PASSWORD})),
            Operation::KeyCheck | Operation::SpendCredits | Operation::SignUp => {
                http.get(url).bearer_auth(&self.key)
            }
            Operation::SessionCheck | Operation::ListOrganizations => {
                http.get(url).header(COOKIE, &self.cookie)
            }
        }
    }
}
