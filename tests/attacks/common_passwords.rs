//! Passwords that attackers try first are refused wherever one is chosen.

use serde_json::json;
use tests::registration::registration_body;
use tests::{PASSWORD, Reply, TestApp};

/// Passwords that follow the rules for length and characters.
const COMMON: [&str; 9] = [
    "Summer2024!",
    "Football1!",
    "Company123!",
    "P@ssw0rd1!",
    "$ummer2024",
    "we1come-2026",
    "Aius2026!",
    "q1w2e3r4!",
    "Dragonfly#7",
];

/// Asserts that a password is refused with the reason of NIST SP 800-63B and advice.
fn assert_refused(reply: Reply, password: &str) {
    let message =
        reply.expect_error(400, "PASSWORD_TOO_WEAK").json()["detail"]["message"].to_string();
    for part in ["commonly used, expected or compromised", "Choose a different one"] {
        assert!(message.contains(part), "{password}: {message}");
    }
}

#[tokio::test]
async fn common_passwords_and_their_variations_are_refused() {
    let app = TestApp::start().await;
    for password in COMMON {
        let new = registration_body("dev@example.com", password);
        assert_refused(app.visitor().post("/v1/register", new).await, password);
    }
    assert!(app.items("USER#", "").await.is_empty());
    let ada = app.sign_up("ada").await;
    ada.post("/v1/password/forgot", json!({"email": ada.email})).await.expect(200);
    let code = app.code(&ada.email).await;
    for password in COMMON {
        let change = json!({"current_password": PASSWORD, "new_password": password});
        assert_refused(ada.post("/v1/me/password", change).await, password);
        let reset = json!({"email": ada.email, "code": code, "new_password": password});
        assert_refused(app.visitor().post("/v1/password/reset", reset).await, password);
    }
}

#[tokio::test]
async fn common_passwords_of_ones_own_name_are_refused() {
    let app = TestApp::start().await;
    for password in ["Lovelace1815!", "ada.l-2024", "Acme2024!"] {
        let new =
            json!({"email": "ada.l@acme.example", "name": "Ada Lovelace", "password": password});
        let reply = app.visitor().post("/v1/register", new).await;
        reply.expect_error(400, "PASSWORD_TOO_WEAK");
    }
}
