//! The OpenAPI documents of the functions and their operations.

use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

/// Method and path of a route.
pub type Route = (&'static str, &'static str);

/// Returns the OpenAPI document of a function and the routes that it serves.
pub fn function_openapi(name: &str) -> (OpenApi, &'static [Route]) {
    match name {
        "auth" => (auth::openapi(), auth::ROUTES),
        "billing" => (billing::openapi(), billing::ROUTES),
        "clients" => (clients::openapi(), clients::ROUTES),
        "dashboard" => (dashboard::openapi(), dashboard::ROUTES),
        "passkeys" => (passkeys::openapi(), passkeys::ROUTES),
        "projects" => (projects::openapi(), projects::ROUTES),
        "tokens" => (tokens::openapi(), tokens::ROUTES),
        "webhooks" => (webhooks::openapi(), webhooks::ROUTES),
        "admin" | "worker" => (OpenApi::default(), &[]),
        other => panic!("no such function: {other}"),
    }
}

/// The Lambda functions, by the names of their binaries.
pub const FUNCTIONS: [&str; 10] = [
    "admin",
    "auth",
    "passkeys",
    "clients",
    "projects",
    "tokens",
    "billing",
    "webhooks",
    "worker",
    "dashboard",
];

/// Lists the routes of one function, such as `post /v1/login`.
pub fn operations_of(name: &str) -> Vec<String> {
    let (_, routes) = function_openapi(name);
    routes.iter().map(|(method, path)| format!("{} {path}", method.to_lowercase())).collect()
}

/// Lists the routes of all functions.
pub fn operations() -> Vec<String> {
    FUNCTIONS.iter().flat_map(|name| operations_of(name)).collect()
}

/// Generates the OpenAPI document of all functions.
pub fn document() -> String {
    let mut document = shared::http::openapi::Frame::openapi();
    for name in FUNCTIONS {
        document.merge(function_openapi(name).0);
    }
    document.to_pretty_json().unwrap() + "\n"
}
