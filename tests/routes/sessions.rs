//! Tests of `GET` and `DELETE /v1/me/sessions` and of `DELETE /v1/me/sessions/{id}`.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Person, Reply, TestApp, keys, race};

/// Sends a `DELETE` request without a body.
async fn send_delete(person: &Person, path: &str) -> Reply {
    person.visitor.send(Method::DELETE, path, None).await
}

/// Lists the sessions of a person.
async fn list_sessions(person: &Person) -> Vec<Value> {
    let reply = person.get("/v1/me/sessions").await.expect(200);
    reply.json()["data"].as_array().unwrap().clone()
}

/// Returns the id of a session.
fn session_id(session: &Value) -> String {
    session["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn own_sessions_are_listed_with_the_current_one_marked() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    app.sign_up("eve").await;
    app.advance_clock(3600).await;
    let phone = ada.sign_in(&app).await;
    let sessions = list_sessions(&ada).await;
    assert_eq!(sessions.len(), 2, "one's own only");
    for session in &sessions {
        assert_eq!(
            keys(session),
            ["created_at", "current", "expires_at", "id", "ip", "last_seen_at", "user_agent"]
        );
        assert!(session_id(session).starts_with("ses_"));
        let at = |name: &str| session[name].as_i64().unwrap();
        assert_eq!(at("expires_at"), at("last_seen_at") + 7 * 24 * 3600);
    }
    let current = |sessions: &[Value]| -> Vec<_> {
        sessions.iter().filter(|s| s["current"] == true).map(session_id).collect()
    };
    assert_eq!(current(&sessions).len(), 1);
    assert_ne!(current(&sessions), current(&list_sessions(&phone).await));
}

#[tokio::test]
async fn a_session_can_end_another_session() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let lost = ada.sign_in(&app).await;
    let other =
        list_sessions(&ada).await.iter().find(|s| s["current"] == false).map(session_id).unwrap();
    let path = format!("/v1/me/sessions/{other}");
    assert_eq!(send_delete(&ada, &path).await.expect(200).json(), json!({"deleted": true}));
    lost.get("/v1/me").await.expect_error(401, "invalid session");
    send_delete(&ada, &path).await.expect_error(404, "NOT_FOUND");
    // Ending one's own session signs out.
    let own = session_id(&list_sessions(&ada).await[0]);
    send_delete(&ada, &format!("/v1/me/sessions/{own}")).await.expect(200);
    ada.get("/v1/me").await.expect_error(401, "invalid session");
}

#[tokio::test]
async fn a_session_of_another_user_is_not_found() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let theirs = session_id(&list_sessions(&ada).await[0]);
    for bad in [
        theirs.as_str(),
        "ses_x",
        "x",
        "%23",
        &format!("{theirs}x"),
        "ses_%00",
        "%FF",
        "ses_%C3%28",
    ] {
        send_delete(&eve, &format!("/v1/me/sessions/{bad}")).await.expect_error(404, "NOT_FOUND");
    }
    ada.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn all_other_sessions_end_with_one_request() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let mut others = Vec::new();
    for _ in 0..5 {
        others.push(ada.sign_in(&app).await);
    }
    let reply = send_delete(&ada, "/v1/me/sessions").await.expect(200);
    assert_eq!(reply.cost().calls, 2, "however many");
    for other in others {
        other.get("/v1/me").await.expect_error(401, "invalid session");
    }
    assert_eq!(list_sessions(&ada).await.len(), 1);
    eve.get("/v1/me").await.expect(200);
    // The user can still sign in.
    ada.sign_in(&app).await.get("/v1/me").await.expect(200);
}

/// A double click sends two requests with the same session, which stays valid.
#[tokio::test(flavor = "multi_thread")]
async fn ending_all_others_twice_at_once_keeps_the_current_one() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let replies = race(5, |_| {
        let ada = ada.clone();
        async move { send_delete(&ada, "/v1/me/sessions").await }
    })
    .await;
    assert!(replies.iter().all(|reply| reply.status == 200), "{replies:#?}");
    ada.get("/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sessions_ending_all_others_leave_one() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let people = [ada.clone(), ada.sign_in(&app).await];
    let replies = race(2, |number| {
        let person = people[number].clone();
        async move { send_delete(&person, "/v1/me/sessions").await }
    })
    .await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1, "{replies:#?}");
    let mut alive = 0;
    for person in &people {
        alive += usize::from(person.get("/v1/me").await.status == 200);
    }
    assert_eq!(alive, 1);
}

#[tokio::test]
async fn ended_and_idle_sessions_are_not_listed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let signed_out = ada.sign_in(&app).await;
    signed_out.post("/v1/logout", json!({})).await.expect(200);
    ada.sign_in(&app).await;
    app.advance_clock(6 * 24 * 3600).await;
    ada.get("/v1/me").await.expect(200);
    assert_eq!(list_sessions(&ada).await.len(), 2);
    app.advance_clock(2 * 24 * 3600).await;
    assert_eq!(list_sessions(&ada).await.len(), 1);
}
