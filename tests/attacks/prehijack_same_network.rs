//! The network of a registration proves nothing: an attacker may be behind the same address as the owner.

use serde_json::{Value, json};
use tests::registration::registration_body;
use tests::{PASSWORD, Reply, TestApp, Visitor, registration_browser};

/// The address that two people register.
const ADA: &str = "ada@example.com";

/// The password of the attacker.
const ATTACKERS: &str = "attackers-pass-1";

async fn register(visitor: &Visitor, password: &str) -> Reply {
    visitor.post("/v1/register", registration_body(ADA, password)).await.expect(200)
}

/// Enters the newest code and returns the user.
async fn verify(app: &TestApp, visitor: &Visitor) -> Value {
    let code = json!({"email": ADA, "code": app.code(ADA).await});
    let reply = visitor.post("/v1/verify-email", code).await.expect(200).json();
    assert!(reply["session_token"].is_string());
    reply["user"].clone()
}

async fn sign_in(app: &TestApp, password: &str) -> Reply {
    app.visitor().post("/v1/login", json!({"email": ADA, "password": password})).await
}

/// The owner registers, an attacker behind the same address registers 5 seconds later, and the owner enters the
/// newest code.
#[tokio::test]
async fn prehijack_same_network_drops_the_last_password() {
    let app = TestApp::start().await;
    let network = app.visitor();
    let owner = registration_browser(&network, &register(&network, PASSWORD).await);
    app.advance_clock(5).await;
    register(&network, ATTACKERS).await;
    let user = verify(&app, &owner).await;
    assert_eq!((&user["email_verified"], &user["has_password"]), (&json!(true), &json!(false)));
    for password in [ATTACKERS, PASSWORD] {
        sign_in(&app, password).await.expect_error(401, "INVALID_CREDENTIALS");
    }
}

/// A command line keeps no cookie. Its owner cannot be told from the attacker, and sets a new password.
#[tokio::test]
async fn prehijack_same_network_without_cookies() {
    let app = TestApp::start().await;
    let network = app.visitor();
    register(&network, PASSWORD).await;
    register(&network, ATTACKERS).await;
    let code = json!({"email": ADA, "code": app.code(ADA).await});
    let reply = network.post("/v1/verify-email", code).await.expect(200).json();
    assert_eq!(reply["user"]["has_password"], false);
    let owner = network.with_session(reply["session_token"].as_str().unwrap());
    sign_in(&app, ATTACKERS).await.expect_error(401, "INVALID_CREDENTIALS");
    owner.post("/v1/me/password", json!({"new_password": PASSWORD})).await.expect(200);
    sign_in(&app, PASSWORD).await.expect(200);
}

/// The attacker was first. The owner's browser proves that the last password is the owner's.
#[tokio::test]
async fn prehijack_same_network_keeps_the_owners_password() {
    let app = TestApp::start().await;
    let network = app.visitor();
    register(&network, ATTACKERS).await;
    let owner = registration_browser(&network, &register(&network, PASSWORD).await);
    assert_eq!(verify(&app, &owner).await["has_password"], true);
    sign_in(&app, ATTACKERS).await.expect_error(401, "INVALID_CREDENTIALS");
    sign_in(&app, PASSWORD).await.expect(200);
}

/// Cookies of other registrations, and one of an earlier registration of the address, prove nothing.
#[tokio::test]
async fn prehijack_same_network_other_cookies_prove_nothing() {
    let app = TestApp::start().await;
    let network = app.visitor();
    let before = registration_browser(&network, &register(&network, ATTACKERS).await);
    let of_others = network.post("/v1/register", registration_body("eve@example.com", PASSWORD));
    let of_others = registration_browser(&network, &of_others.await.expect(200));
    register(&network, ATTACKERS).await;
    // A contested registration stays contested, also if its browser registers again.
    let attacker = registration_browser(&network, &register(&before, ATTACKERS).await);
    register(&attacker, ATTACKERS).await;
    let malformed = network.clone().with_header("cookie", "__Host-aius_registration=x");
    for wrong in [&before, &of_others, &malformed] {
        // The password is dropped by the first of them; the others find no registration.
        let code = json!({"email": ADA, "code": app.code(ADA).await});
        let reply = wrong.post("/v1/verify-email", code).await;
        assert!(matches!(reply.status, 200 | 400), "{}", reply.text);
    }
    sign_in(&app, ATTACKERS).await.expect_error(401, "INVALID_CREDENTIALS");
}

/// A single registration is verified with address and code alone, from any device.
#[tokio::test]
async fn prehijack_same_network_a_single_registration_needs_no_cookie() {
    let app = TestApp::start().await;
    register(&app.visitor(), PASSWORD).await;
    assert_eq!(verify(&app, &app.visitor()).await["has_password"], true);
    sign_in(&app, PASSWORD).await.expect(200);
}

/// A response that was lost is repeated with its cookie, so that the browser is recognized all the same.
#[tokio::test]
async fn prehijack_same_network_a_repeated_response_has_the_cookie() {
    let app = TestApp::start().await;
    let network = app.visitor();
    register(&network, ATTACKERS).await;
    let browser = network.clone().with_header("idempotency-key", "once");
    register(&browser, PASSWORD).await;
    let repeated = register(&browser, PASSWORD).await;
    assert_eq!(repeated.header("idempotent-replayed"), Some("true"));
    let owner = registration_browser(&network, &repeated);
    assert_eq!(verify(&app, &owner).await["has_password"], true);
}

/// Without required verification, a registration is in use before its address is verified. An attacker in the
/// owner's network loses it as soon as the owner verifies the address.
#[tokio::test]
async fn prehijack_same_network_without_required_verification() {
    let app = TestApp::start_without_email_verification().await;
    let network = app.visitor();
    let reply = register(&network, ATTACKERS).await.json();
    let attacker = network.clone().with_session(reply["session_token"].as_str().unwrap());
    network.post("/v1/verify-email/resend", json!({"email": ADA})).await.expect(200);
    assert_eq!(verify(&app, &network).await["has_password"], false);
    attacker.get("/v1/me").await.expect_error(401, "invalid session");
    sign_in(&app, ATTACKERS).await.expect_error(401, "INVALID_CREDENTIALS");
}
