//! Calls about passkeys at the same time.

use reqwest::Method;
use serde_json::{Value, json};
use tests::passkeys::{
    PasskeyAuthenticator, add_passkey, ceremony_body, finish_registration, finish_sign_in,
    list_passkeys, remove_passkey, start_ceremony, start_sign_in,
};
use tests::{
    FaultProxy, TestApp, assert_done_once, assert_others_refused, count_successes, race, race_size,
};

#[tokio::test]
async fn one_response_registers_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let start = start_ceremony(&ada.visitor, "").await;
    let credential = PasskeyAuthenticator::new(&app).create(&start["options"]).await;
    let replies = race(race_size(), |_| {
        let (visitor, start, credential) = (ada.visitor.clone(), start.clone(), credential.clone());
        async move { finish_registration(&visitor, &start, &credential).await }
    })
    .await;
    app.wait_until_idle(&replies).await;
    assert_done_once(&replies, app.items("PASSKEY#", "").await.len());
    assert_others_refused(&replies, 401, "INVALID_CHALLENGE");
}

#[tokio::test]
async fn concurrent_registrations_keep_the_limit() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for number in 0..8 {
        add_passkey(&ada.visitor, &mut PasskeyAuthenticator::new(&app), &format!("{number}")).await;
    }
    let mut responses = Vec::new();
    for _ in 0..5 {
        let start = start_ceremony(&ada.visitor, "").await;
        let credential = PasskeyAuthenticator::new(&app).create(&start["options"]).await;
        responses.push((start, credential));
    }
    let replies = race(responses.len(), |number| {
        let (visitor, (start, credential)) = (ada.visitor.clone(), responses[number].clone());
        async move { finish_registration(&visitor, &start, &credential).await }
    })
    .await;
    app.wait_until_idle(&replies).await;
    let stored = list_passkeys(&ada.visitor).await.len();
    assert!(stored <= 10 && count_successes(&replies).contains(&(stored - 8)), "{replies:?}");
    assert_eq!(app.items("PASSKEY#", "").await.len(), stored);
    assert_others_refused(&replies, 409, "TOO_MANY_PASSKEYS");
}

/// Two accounts cannot register one credential, even at the same time.
#[tokio::test]
async fn one_credential_is_registered_for_one_of_two_accounts() {
    let app = TestApp::start().await;
    let people = [app.sign_up("ada").await, app.sign_up("eve").await];
    let mut authenticator = PasskeyAuthenticator::new(&app);
    let mut responses = Vec::new();
    let start = start_ceremony(&people[0].visitor, "").await;
    let credential = authenticator.create(&start["options"]).await;
    for person in &people {
        let start = start_ceremony(&person.visitor, "").await;
        let credential = authenticator.alter(&credential, |parts| {
            parts.client_data["challenge"] = start["options"]["publicKey"]["challenge"].clone();
        });
        responses.push((person.visitor.clone(), start, credential));
    }
    let replies = race(2, |number| {
        let (visitor, start, credential) = responses[number].clone();
        async move { finish_registration(&visitor, &start, &credential).await }
    })
    .await;
    let mut statuses: Vec<_> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{replies:?}");
    assert_eq!(app.items("PASSKEY#", "").await.len(), 1);
    assert_eq!(app.items("USER#", "PASSKEY#").await.len(), 1);
}

#[tokio::test]
async fn one_response_signs_in_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    let before = app.items("USER#", "SESSION#").await.len();
    let start = start_sign_in(&app, None).await;
    let credential = authenticator.get(&start["options"]).await;
    let visitors: Vec<_> = (0..race_size()).map(|_| app.visitor()).collect();
    let replies = race(visitors.len(), |number| {
        let body = ceremony_body(&start, &credential);
        let visitor = visitors[number].clone();
        async move { visitor.post("/v1/passkeys/login", body).await }
    })
    .await;
    app.wait_until_idle(&replies).await;
    assert_done_once(&replies, app.items("USER#", "SESSION#").await.len() - before);
}

/// A sign-in that another one overtakes is verified again, against the counter by then.
#[tokio::test]
async fn two_sign_ins_at_once_are_in_order_or_refused() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    // A known device, so that a sign-in changes nothing in the account.
    let visitor = app.visitor();
    let finish = async |start: &Value, credential: &Value| {
        visitor.post("/v1/passkeys/login", ceremony_body(start, credential)).await
    };
    let start = start_sign_in(&app, None).await;
    finish(&start, &authenticator.get(&start["options"]).await).await.expect(200);
    for (overtaken, status) in [(1, 200), (0, 401)] {
        let mut responses = Vec::new();
        for _ in 0..2 {
            let start = start_sign_in(&app, None).await;
            let credential = authenticator.get(&start["options"]).await;
            responses.push((start, credential));
        }
        let (late, early) = (&responses[overtaken], &responses[1 - overtaken]);
        app.wait_for_worker().await;
        let late = engine
            .delay_transaction(finish(&late.0, &late.1), async {
                finish(&early.0, &early.1).await.expect(200);
            })
            .await;
        assert_eq!(late.status, status, "{}", late.text);
    }
}

/// A sign-in that the end of all sessions overtakes starts a session of the new generation.
#[tokio::test]
async fn a_sign_in_during_a_change_starts_a_valid_session() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    let visitor = app.visitor();
    for _ in 0..2 {
        let start = start_sign_in(&app, None).await;
        let body = ceremony_body(&start, &authenticator.get(&start["options"]).await);
        app.wait_for_worker().await;
        let late = engine
            .delay_transaction(visitor.post("/v1/passkeys/login", body), async {
                let path = "/v1/me/sessions";
                ada.visitor.send(Method::DELETE, path, None).await.expect(200);
            })
            .await
            .expect(200);
        let session = late.json()["session_token"].as_str().unwrap().to_owned();
        app.visitor().with_session(&session).get("/v1/me").await.expect(200);
    }
}

/// A sign-in that read the passkey before its removal must not succeed after it.
#[tokio::test]
async fn a_sign_in_that_a_removal_overtakes_is_refused() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    let passkey = add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    let start = start_sign_in(&app, None).await;
    let credential = authenticator.get(&start["options"]).await;
    app.wait_for_worker().await;
    let late = engine
        .delay_transaction(finish_sign_in(&app, &start, &credential), async {
            remove_passkey(&ada.visitor, &passkey).await.expect(200);
        })
        .await;
    late.expect_error(401, "INVALID_PASSKEY");
    assert!(app.items("USER#", "PASSKEY#").await.is_empty(), "not written again");
}

/// A new name that a removal or a sign-in overtakes.
#[tokio::test]
async fn a_rename_that_is_overtaken_restores_nothing() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    let passkey = add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    let path = format!("/v1/passkeys/{}", passkey["id"].as_str().unwrap());
    app.advance_clock(5).await;
    let start = start_sign_in(&app, None).await;
    let credential = authenticator.get(&start["options"]).await;
    app.wait_for_worker().await;
    let late = engine
        .delay_transaction(ada.patch(&path, json!({"name": "Phone"})), async {
            finish_sign_in(&app, &start, &credential).await.expect(200);
        })
        .await;
    let renamed = late.expect(200).json();
    assert_eq!(
        (&renamed["name"], &renamed["last_used_at"]),
        (&json!("Phone"), &json!(app.now().await))
    );
    app.wait_for_worker().await;
    let late = engine
        .delay_transaction(ada.patch(&path, json!({"name": "Zombie"})), async {
            remove_passkey(&ada.visitor, &passkey).await.expect(200);
        })
        .await;
    late.expect_error(404, "NOT_FOUND");
    assert!(app.items("USER#", "PASSKEY#").await.is_empty());
    // A session that was ended meanwhile renames nothing.
    let passkey = add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    let path = format!("/v1/passkeys/{}", passkey["id"].as_str().unwrap());
    let elsewhere = ada.sign_in(&app).await;
    app.wait_for_worker().await;
    let late = engine
        .delay_transaction(elsewhere.patch(&path, json!({"name": "Thief"})), async {
            ada.visitor.send(Method::DELETE, "/v1/me/sessions", None).await.expect(200);
        })
        .await;
    late.expect_error(401, "invalid session");
}
