//! Tests of `GET /v1/auth/google` and its callback: accounts that a sign-in with Google creates or finds.

use reqwest::Method;
use serde_json::json;
use tests::google_accounts::{get_user, list_actions, list_connections, start_google_session};
use tests::{
    Authenticator, GoogleSignIn, PASSWORD, TestApp, assert_done_once, count_successes, race,
    race_size, session_cookie,
};

#[tokio::test]
async fn a_first_sign_in_creates_an_account_for_later_ones() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let browser = app.visitor();
    let reply = app.sign_in_with_google(&browser, "ada@example.com").await.expect(302);
    assert_eq!(reply.header("location"), Some("/account"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.text, "");
    let cookies: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
    assert!(
        cookies[0]
            .to_str()
            .unwrap()
            .ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=2592000")
    );
    assert_eq!(
        cookies[1],
        "__Host-aius_google=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
    );
    let ada = app.visitor().with_session(&session_cookie(&reply).unwrap());
    let user = get_user(&ada).await;
    assert_eq!(
        (&user["email"], &user["name"]),
        (&json!("ada@example.com"), &json!("ada at Google"))
    );
    assert_eq!((&user["provider"], &user["provider_id"]), (&json!("google"), &json!("sub-ada")));
    assert_eq!((&user["email_verified"], &user["has_password"]), (&json!(true), &json!(false)));
    let clients = ada.get("/v1/clients").await.expect(200).json();
    assert_eq!(clients["data"][0]["name"], "ada at Google");
    let expected = ["session.started", "account.google_connected", "account.registered"];
    let mut logged_actions = list_actions(&ada).await;
    logged_actions.sort_by_key(|action| expected.iter().position(|name| name == action));
    assert_eq!(logged_actions, expected);

    // The second sign-in starts another session of the same account.
    app.advance_clock(60).await;
    let again = app.sign_in_with_google(&browser, "ada@example.com").await.expect(302);
    assert_ne!(session_cookie(&again), session_cookie(&reply));
    let again = app.visitor().with_session(&session_cookie(&again).unwrap());
    assert_eq!(get_user(&again).await, user);
    assert!(app.subjects("ada@example.com").await.is_empty(), "it is the same browser");
    // A sign-in on another device is notified by mail, as with a password.
    let elsewhere = app.visitor().with_header("user-agent", "Mozilla/5.0 Firefox/133.0");
    session_cookie(&app.sign_in_with_google(&elsewhere, "ada@example.com").await).unwrap();
    assert_eq!(app.subjects("ada@example.com").await.len(), 1);
}

#[tokio::test]
async fn a_first_sign_in_sets_the_time_zone_of_the_browser() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    for zone in ["asia%2Fkolkata", "Europe%2FBerlin"] {
        let query = format!("login_hint=ada@example.com&timezone={zone}");
        let reply = GoogleSignIn::begin(&app.visitor(), None, &query).await.finish().await;
        let ada = app.visitor().with_session(&session_cookie(&reply).unwrap());
        assert_eq!(get_user(&ada).await["timezone"], "Asia/Kolkata", "later ones do not");
    }
    let refused = app.visitor().get("/v1/auth/google?timezone=Mars").await;
    refused.expect_error(400, "INVALID_FIELD");
}

#[tokio::test]
async fn concurrent_first_sign_ins_create_one_account() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let mut flows = Vec::new();
    for _ in 0..race_size().min(20) {
        let flow = GoogleSignIn::begin(&app.visitor(), None, "login_hint=ada@example.com").await;
        let path = flow.consent().await;
        flows.push((flow, path));
    }
    let replies = race(flows.len(), |number| {
        let (flow, path) = flows[number].clone();
        async move { flow.follow_callback(&path).await }
    })
    .await;
    for reply in &replies {
        // A request that met too many conflicts gets 503.
        assert!(matches!(reply.status, 302 | 503), "{}", reply.text);
    }
    assert!(replies.iter().all(|reply| session_cookie(reply).is_some() == (reply.status == 302)));
    app.wait_until_idle(&replies).await;
    for (kind, sort_key) in [("USER#", "META"), ("GOOGLE#", ""), ("CLIENT#", "META")] {
        assert_done_once(&replies, app.items(kind, sort_key).await.len());
    }
    let sessions = app.items("USER#", "SESSION#").await.len();
    assert!(count_successes(&replies).contains(&sessions));
}

#[tokio::test]
async fn users_are_identified_by_issuer_and_subject() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let ada = start_google_session(&app, "ada@example.com").await;
    let id = get_user(&ada).await["id"].clone();
    // Her address at Google changes and is unverified, but her subject is the same.
    let moved = json!({"sub": "sub-ada", "email": "countess@example.com", "email_verified": false});
    app.create_google_account_from(moved).await;
    app.advance_clock(60).await;
    let again = start_google_session(&app, "countess@example.com").await;
    let user = get_user(&again).await;
    assert_eq!((&user["id"], &user["email"]), (&id, &json!("ada@example.com")));
    let list = list_connections(&again).await;
    assert_eq!(list["data"][0]["email"], "countess@example.com");
    // Another Google user gets her address and is not signed in to her account.
    let other = json!({"sub": "sub-eve", "email": "ada@example.com", "email_verified": true, "hd": "example.com"});
    app.create_google_account_from(other).await;
    let eve = app.sign_in_with_google(&app.visitor(), "sub-eve").await;
    eve.expect_error(409, "GOOGLE_ALREADY_CONNECTED");
}

#[tokio::test]
async fn an_invalid_google_name_is_replaced_by_the_address() {
    let app = TestApp::start().await;
    for (number, name) in [json!(null), json!(""), json!("a\u{202e}b"), json!("x".repeat(101))]
        .into_iter()
        .enumerate()
    {
        let email = format!("ada.{number}@example.com");
        let sub = format!("sub-{number}");
        let account = json!({"sub": sub, "email": email, "email_verified": true, "hd": "example.com", "name": name});
        app.create_google_account_from(account).await;
        let ada = start_google_session(&app, &sub).await;
        assert_eq!(get_user(&ada).await["name"], format!("ada.{number}"));
    }
}

#[tokio::test]
async fn google_addresses_are_normalized_before_comparison() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let account = json!({"sub": "1", "email": "ADA@Example.COM", "email_verified": true, "hd": "Example.COM"});
    app.create_google_account_from(account).await;
    let same = start_google_session(&app, "1").await;
    assert_eq!(get_user(&same).await["id"], get_user(&ada.visitor).await["id"]);
    // An address that cannot receive mail is refused.
    let account = json!({"sub": "2", "email": "\u{212a}evin@example.com", "email_verified": true, "hd": "example.com"});
    app.create_google_account_from(account).await;
    let kevin = app.sign_in_with_google(&app.visitor(), "2").await;
    kevin.expect_error(403, "EMAIL_NOT_VERIFIED");
}

#[tokio::test]
async fn a_google_user_sets_a_password_after_a_recent_sign_in() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let ada = start_google_session(&app, "ada@example.com").await;
    let first = json!({"new_password": PASSWORD});
    app.expire_proof().await;
    ada.post("/v1/me/password", first.clone()).await.expect_error(401, "REAUTH_REQUIRED");
    let change = json!({"new_email": "new@example.com", "password": PASSWORD});
    ada.post("/v1/me/email", change).await.expect_error(409, "NO_PASSWORD");
    let ada = start_google_session(&app, "ada@example.com").await;
    app.advance_clock(599).await;
    ada.post("/v1/me/password", first).await.expect(200);
    assert_eq!(get_user(&ada).await["has_password"], true);
    let login = json!({"email": "ada@example.com", "password": PASSWORD});
    app.visitor().post("/v1/login", login).await.expect(200);
    start_google_session(&app, "ada@example.com").await;
}

#[tokio::test]
async fn google_sign_in_requires_the_second_factor() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let ada = start_google_session(&app, "ada@example.com").await;
    let authenticator = Authenticator::enabled(&app, &ada).await;
    app.advance_clock(60).await;
    let query = "login_hint=ada@example.com&redirect=/welcome";
    let reply = GoogleSignIn::begin(&app.visitor(), None, query).await.finish().await.expect(302);
    assert_eq!(session_cookie(&reply), None);
    let (path, fragment) = reply.header("location").unwrap().split_once('#').unwrap();
    assert_eq!(path, "/welcome");
    let url = reqwest::Url::parse(&format!("http://x/?{fragment}")).unwrap();
    let parameters: Vec<_> = url.query_pairs().into_owned().collect();
    let names: Vec<_> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["requires_2fa", "challenge_token", "email"]);
    assert_eq!((parameters[0].1.as_str(), parameters[2].1.as_str()), ("true", "ada@example.com"));
    let answer =
        json!({"challenge_token": parameters[1].1, "code": authenticator.code(&app).await});
    let reply = app.visitor().post("/v1/2fa/login", answer).await.expect(200);
    let session = reply.json()["session_token"].as_str().unwrap().to_owned();
    let ada = app.visitor().with_session(&session);
    assert_eq!(get_user(&ada).await["two_factor_enabled"], true);

    // Disabling the second factor of an account without a password requires a recent sign-in.
    app.expire_proof().await;
    let code = json!({"code": authenticator.code(&app).await});
    ada.post("/v1/2fa/disable", code.clone()).await.expect_error(401, "REAUTH_REQUIRED");
    let challenge =
        GoogleSignIn::begin(&app.visitor(), None, query).await.finish().await.expect(302);
    let url = challenge.header("location").unwrap().replace('#', "?");
    let url = reqwest::Url::parse(&format!("http://x{url}")).unwrap();
    let token = url.query_pairs().find(|(name, _)| name == "challenge_token").unwrap().1;
    let answer = json!({"challenge_token": token, "code": authenticator.code(&app).await});
    let reply = app.visitor().post("/v1/2fa/login", answer).await.expect(200);
    let session = reply.json()["session_token"].as_str().unwrap().to_owned();
    let ada = app.visitor().with_session(&session);
    let code = json!({"code": authenticator.recovery_codes[0]});
    ada.post("/v1/2fa/disable", code).await.expect(200);
    start_google_session(&app, "ada@example.com").await;
}

#[tokio::test]
async fn google_sign_in_restores_a_deleted_account() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let ada = start_google_session(&app, "ada@example.com").await;
    let delete = Some(("application/json", br#"{"confirm":"DELETE"}"#.to_vec()));
    let due = ada.send(Method::DELETE, "/v1/me", delete).await.expect(200).json();
    let due = due["deletion_scheduled_at"].clone();
    let reply = app.sign_in_with_google(&app.visitor(), "ada@example.com").await.expect(302);
    let location = reply.header("location").unwrap();
    let expected_location = format!("/account#pending_deletion=true&deletion_scheduled_at={due}");
    assert_eq!(location, expected_location);
    let ada = app.visitor().with_session(&session_cookie(&reply).unwrap());
    ada.get("/v1/me").await.expect_error(403, "PENDING_DELETION");
    ada.post("/v1/me/restore", json!({})).await.expect(200);
    ada.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn an_address_reserved_for_undo_is_not_available() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let change = json!({"new_email": "new@example.com", "password": PASSWORD});
    ada.post("/v1/me/email", change).await.expect(200);
    let code = json!({"code": app.code("new@example.com").await});
    ada.post("/v1/me/email/confirm", code).await.expect(200);
    app.create_google_account("ada@example.com", true).await;
    let reply = app.sign_in_with_google(&app.visitor(), "ada@example.com").await;
    reply.expect_error(409, "EMAIL_ALREADY_EXISTS");
    // A change can be undone for a week, and then the address is free.
    app.advance_clock(7 * 24 * 60 * 60).await;
    let other = start_google_session(&app, "ada@example.com").await;
    let login = json!({"email": "new@example.com", "password": PASSWORD});
    let reply = app.visitor().post("/v1/login", login).await.expect(200);
    assert_ne!(get_user(&other).await["id"], reply.json()["user"]["id"]);
}
