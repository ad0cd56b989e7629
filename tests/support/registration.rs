//! The body of a registration.

use serde_json::{Value, json};

/// Builds the body of a registration.
pub fn registration_body(email: &str, password: &str) -> Value {
    json!({"email": email, "name": "Ada Lovelace", "password": password})
}
