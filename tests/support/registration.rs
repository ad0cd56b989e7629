//! The body and the browser of a registration.

use serde_json::{Value, json};

use crate::{Reply, Visitor, cookie};

/// Builds the body of a registration.
pub fn registration_body(email: &str, password: &str) -> Value {
    json!({"email": email, "name": "Ada Lovelace", "password": password})
}

/// Returns the visitor with the cookie that a registration set, as a browser sends it from then on.
pub fn registration_browser(visitor: &Visitor, registered: &Reply) -> Visitor {
    let name = "__Host-aius_registration";
    let token = cookie(registered, name).expect("a cookie of the registration");
    visitor.clone().with_header("cookie", &format!("{name}={token}"))
}
