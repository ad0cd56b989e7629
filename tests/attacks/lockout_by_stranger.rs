//! A stranger who knows an address cannot keep its owner from signing in or from recovering the account.

use serde_json::{Value, json};
use shared::accounts::request_code::{ADDRESS_WINDOW, MAX_REQUESTS_PER_ADDRESS};
use shared::accounts::{MAX_UNDELAYED_FAILURES, RESET_LINK_TTL};
use shared::mailed_codes::MAX_RESETS_PER_WINDOW;
use tests::sign_in::login_body;
use tests::two_factor::{answer_challenge, start_challenge};
use tests::{Authenticator, PASSWORD, Person, Reply, TestApp, Visitor};

/// The number of requests of the attack.
const REQUESTS: usize = 35;

/// The password after a recovery.
const NEW: &str = "another-horse-7";

async fn fail(visitor: &Visitor, person: &Person) -> Reply {
    visitor.post("/v1/login", login_body(&person.email, "wrong-horse-9")).await
}

async fn forgot(visitor: &Visitor, person: &Person) {
    visitor.post("/v1/password/forgot", json!({"email": person.email})).await.expect(200);
}

/// Returns the number of mails to the person with a link for a new password.
async fn count_links(app: &TestApp, person: &Person) -> usize {
    let mails = app.mails(&person.email).await;
    let has_link =
        |mail: &&Value| mail["text"].as_str().unwrap().contains("/reset-password?token=");
    mails.iter().filter(has_link).count()
}

#[tokio::test]
async fn lockout_by_stranger_leaves_sign_in_and_recovery() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let stranger = app.visitor();
    for _ in 0..REQUESTS {
        // From one network and from many.
        fail(&stranger, &ada).await;
        fail(&app.visitor(), &ada).await.expect_error(401, "INVALID_CREDENTIALS");
        let guess = json!({"email": ada.email, "code": "AAAAAA", "new_password": NEW});
        app.visitor().post("/v1/password/forgot", json!({"email": ada.email})).await.expect(200);
        app.visitor().post("/v1/password/reset", guess).await.expect_error(400, "INVALID_CODE");
    }
    stranger.post("/v1/login", ada.credentials()).await.expect_error(429, "RATE_LIMITED");
    // At once, on the device of an earlier sign-in and on another.
    app.visitor().post("/v1/login", ada.credentials()).await.expect(200);
    ada.visitor.post("/v1/login", ada.credentials()).await.expect(200);
    // The guesses have spent the code of the only mail, and not its link.
    assert_eq!(count_links(&app, &ada).await, 1);
    let link = app.reset_token(&ada.email).await;
    let used_up =
        json!({"email": ada.email, "code": app_code(&app, &ada).await, "new_password": NEW});
    app.visitor().post("/v1/password/reset", used_up).await.expect_error(400, "INVALID_CODE");
    app.reset_with_link(&link, NEW).await.expect(200);
    app.visitor().post("/v1/login", login_body(&ada.email, NEW)).await.expect(200);
}

/// Returns the code in the newest mail that has one.
async fn app_code(app: &TestApp, person: &Person) -> String {
    let subjects = app.subjects(&person.email).await;
    let mut codes =
        subjects.iter().filter_map(|s| s.strip_suffix(" is your AIUS password reset code"));
    codes.next().expect("a code").to_owned()
}

#[tokio::test]
async fn lockout_by_stranger_many_networks_delay_no_known_device() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for _ in 0..=MAX_UNDELAYED_FAILURES {
        fail(&app.visitor(), &ada).await.expect_error(401, "INVALID_CREDENTIALS");
    }
    let waits = fail(&app.visitor(), &ada).await.expect_error(429, "RATE_LIMITED");
    assert_eq!(waits.header("retry-after"), Some("900"));
    app.visitor().post("/v1/login", ada.credentials()).await.expect(429);
    // Wrong passwords on a known device are delayed as everywhere.
    for _ in 0..4 {
        fail(&ada.visitor, &ada).await.expect_error(401, "INVALID_CREDENTIALS");
    }
    ada.visitor.post("/v1/login", ada.credentials()).await.expect(200);
    // The right password ends the delay of all.
    app.visitor().post("/v1/login", ada.credentials()).await.expect(200);
    for _ in 0..10 {
        fail(&ada.visitor, &ada).await;
    }
    ada.visitor.post("/v1/login", ada.credentials()).await.expect_error(429, "RATE_LIMITED");
}

#[tokio::test]
async fn lockout_by_stranger_in_the_network_of_a_known_device() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let stranger = ada.visitor.clone().with_header("user-agent", "curl/8.5.0");
    for _ in 0..5 {
        fail(&stranger, &ada).await.expect_error(401, "INVALID_CREDENTIALS");
    }
    stranger.post("/v1/login", ada.credentials()).await.expect_error(429, "RATE_LIMITED");
    ada.visitor.post("/v1/login", ada.credentials()).await.expect(200);
}

#[tokio::test]
async fn lockout_by_stranger_uses_up_no_requests_of_the_owner() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let stranger = app.visitor();
    let start = ADDRESS_WINDOW.as_secs()
        - u64::try_from(app.now().await).unwrap() % ADDRESS_WINDOW.as_secs();
    app.advance_clock(start).await;
    let max = usize::try_from(MAX_REQUESTS_PER_ADDRESS).unwrap();
    for _ in 0..max {
        forgot(&stranger, &ada).await;
        app.advance_clock(61).await;
    }
    assert_eq!(count_links(&app, &ada).await, max);
    // Further requests of the stranger mail nothing, and start no minute in which the owner waits.
    forgot(&stranger, &ada).await;
    assert_eq!(count_links(&app, &ada).await, max);
    forgot(&app.visitor(), &ada).await;
    assert_eq!(count_links(&app, &ada).await, max + 1);
    app.advance_clock(61).await;
    forgot(&stranger, &ada).await;
    assert_eq!(count_links(&app, &ada).await, max + 1);
    // A known device in the network of the stranger is not limited by it.
    for _ in 0..=max {
        forgot(&ada.visitor.clone().with_header("user-agent", "curl/8.5.0"), &ada).await;
    }
    app.advance_clock(61).await;
    let before = count_links(&app, &ada).await;
    forgot(&ada.visitor, &ada).await;
    assert_eq!(count_links(&app, &ada).await, before + 1);
}

/// Many networks together reach the limit of an address. Its mailbox then holds a link that works.
#[tokio::test]
async fn lockout_by_stranger_a_full_mailbox_has_a_valid_link() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let max = usize::try_from(MAX_RESETS_PER_WINDOW).unwrap();
    for _ in 0..max {
        forgot(&app.visitor(), &ada).await;
        app.advance_clock(61).await;
    }
    app.advance_clock(RESET_LINK_TTL.as_secs() - 61 * MAX_RESETS_PER_WINDOW as u64 - 1).await;
    forgot(&app.visitor(), &ada).await;
    assert_eq!(count_links(&app, &ada).await, max);
    app.reset_with_link(&app.reset_token(&ada.email).await, NEW).await.expect(200);
    app.visitor().post("/v1/login", login_body(&ada.email, NEW)).await.expect(200);
}

/// A stranger who has the password guesses codes of the second factor.
#[tokio::test]
async fn lockout_by_stranger_at_the_second_factor() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    for _ in 0..2 {
        let challenge = start_challenge(&app, &ada).await;
        for _ in 0..5 {
            let wrong = authenticator.wrong_code(&app).await;
            answer_challenge(&app, &challenge, &wrong).await;
        }
    }
    app.advance_clock(30).await;
    let challenge = start_challenge(&app, &ada).await;
    let code = authenticator.code(&app).await;
    let stranger = answer_challenge(&app, &challenge, &code).await;
    stranger.expect_error(429, "RATE_LIMITED");
    let body = json!({"challenge_token": challenge, "code": code});
    ada.visitor.post("/v1/2fa/login", body).await.expect(200);
}

/// Sessions are not delayed by failures elsewhere, and a stolen one delays no sign-in.
#[tokio::test]
async fn lockout_by_stranger_does_not_reach_sessions() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for _ in 0..=MAX_UNDELAYED_FAILURES {
        fail(&app.visitor(), &ada).await.expect(401);
    }
    ada.post("/v1/me/reauthenticate", json!({"password": PASSWORD})).await.expect(200);
    for _ in 0..5 {
        let wrong = json!({"password": "wrong-horse-9"});
        ada.post("/v1/me/reauthenticate", wrong).await.expect_error(401, "INVALID_CREDENTIALS");
    }
    ada.post("/v1/me/reauthenticate", json!({"password": PASSWORD})).await.expect(429);
    ada.visitor.post("/v1/login", ada.credentials()).await.expect(200);
}

#[tokio::test]
async fn a_link_for_a_new_password_works_once_for_30_minutes() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    forgot(&app.visitor(), &ada).await;
    let first = app.reset_token(&ada.email).await;
    for (bad, code) in [
        ("", "MISSING_TOKEN"),
        ("x", "INVALID_CODE"),
        (&first[..first.len() - 1], "INVALID_CODE"),
        (&first.replace('.', ".A"), "INVALID_CODE"),
    ] {
        app.reset_with_link(bad, NEW).await.expect_error(400, code);
    }
    // A password that breaks a rule does not spend the link.
    app.reset_with_link(&first, "ada@example.com1!").await.expect_error(400, "PASSWORD_TOO_WEAK");
    app.reset_with_link(&first, "short").await.expect_error(400, "PASSWORD_TOO_WEAK");
    app.advance_clock(61).await;
    forgot(&app.visitor(), &ada).await;
    let second = app.reset_token(&ada.email).await;
    assert_ne!(first, second);
    // An earlier link stays valid until the password changes.
    app.reset_with_link(&first, NEW).await.expect(200);
    for used in [&first, &second] {
        app.reset_with_link(used, PASSWORD).await.expect_error(400, "INVALID_CODE");
    }
    app.advance_clock(61).await;
    forgot(&app.visitor(), &ada).await;
    let third = app.reset_token(&ada.email).await;
    app.report_not_me(&third).await.expect_error(400, "INVALID_CODE");
    app.advance_clock(RESET_LINK_TTL.as_secs()).await;
    app.reset_with_link(&third, PASSWORD).await.expect_error(400, "INVALID_CODE");
    app.visitor().post("/v1/login", login_body(&ada.email, NEW)).await.expect(200);
}
