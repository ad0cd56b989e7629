//! The body of a sign-in.

use serde_json::{Value, json};

/// Builds the body of a sign-in.
pub fn login_body(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password})
}
