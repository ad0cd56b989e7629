//! Calls about passkeys that the engine interrupts.

use serde_json::{Value, json};
use tests::passkeys::{
    PasskeyAuthenticator, add_passkey, ceremony_body, finish_registration, finish_sign_in,
    list_passkeys, remove_passkey, sign_in_with_passkey, start_ceremony, start_sign_in,
};
use tests::{Fault, FaultProxy, Person, TestApp};

/// Faults before a call is executed, so that it changes nothing.
const REFUSED: [Fault; 3] = [Fault::Throttled, Fault::Broken, Fault::CutOffBefore];

async fn start() -> (FaultProxy, TestApp, Person) {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    (engine, app, ada)
}

/// Returns the rows of passkeys and their guards, and the account's entries.
async fn passkey_rows(app: &TestApp) -> (usize, usize, usize) {
    let account = app.items("USER#", "META").await[0].clone();
    let entries = account["passkeys"]["L"].as_array().map_or(0, Vec::len);
    (app.items("USER#", "PASSKEY#").await.len(), app.items("PASSKEY#", "").await.len(), entries)
}

#[tokio::test]
async fn an_interrupted_registration_leaves_nothing_or_all() {
    let (engine, app, ada) = start().await;
    for fault in REFUSED {
        // The session, the ceremony, the transaction.
        for step in 0..3 {
            let start = start_ceremony(&ada.visitor, "").await;
            let credential = PasskeyAuthenticator::new(&app).create(&start["options"]).await;
            app.wait_for_worker().await;
            engine.inject(fault, step, 1_000);
            let reply = finish_registration(&ada.visitor, &start, &credential).await;
            assert!(engine.clear_fault(), "{fault:?} at {step}");
            reply.expect_error(503, "UNAVAILABLE");
            assert_eq!(passkey_rows(&app).await, (0, 0, 0), "{fault:?} at {step}");
        }
    }
    // The response to the transaction is lost: the SDK sends it again, and it takes effect once.
    let mut authenticator = PasskeyAuthenticator::new(&app);
    let start = start_ceremony(&ada.visitor, "").await;
    let credential = authenticator.create(&start["options"]).await;
    app.wait_for_worker().await;
    engine.inject(Fault::CutOffAfter, 2, 1);
    let reply = finish_registration(&ada.visitor, &start, &credential).await;
    assert!(engine.clear_fault());
    assert!(reply.status == 200 || reply.status == 503, "{}", reply.text);
    assert_eq!(passkey_rows(&app).await, (1, 1, 1));
    // An hour later the client sends it again: the ceremony is over, and the passkey works.
    app.advance_clock(3600).await;
    let ada = ada.sign_in(&app).await;
    let again = finish_registration(&ada.visitor, &start, &credential).await;
    again.expect_error(401, "INVALID_CHALLENGE");
    sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
    let subjects = app.subjects(&ada.email).await;
    assert_eq!(subjects.iter().filter(|subject| subject.contains("passkey was added")).count(), 1);
}

#[tokio::test]
async fn an_interrupted_removal_leaves_all_or_nothing() {
    let (engine, app, ada) = start().await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    let passkey = add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    for fault in REFUSED {
        for step in 0..3 {
            app.wait_for_worker().await;
            engine.inject(fault, step, 1_000);
            let reply = remove_passkey(&ada.visitor, &passkey).await;
            assert!(engine.clear_fault(), "{fault:?} at {step}");
            reply.expect_error(503, "UNAVAILABLE");
            assert_eq!(passkey_rows(&app).await, (1, 1, 1), "{fault:?} at {step}");
        }
    }
    sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
    app.wait_for_worker().await;
    engine.inject(Fault::CutOffAfter, 2, 1);
    let reply = remove_passkey(&ada.visitor, &passkey).await;
    assert!(engine.clear_fault());
    assert!(matches!(reply.status, 200 | 503), "{}", reply.text);
    assert_eq!(passkey_rows(&app).await, (0, 0, 0));
    remove_passkey(&ada.visitor, &passkey).await.expect_error(404, "NOT_FOUND");
}

#[tokio::test]
async fn an_interrupted_sign_in_starts_no_session() {
    let (engine, app, ada) = start().await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    let sessions = async || app.items("USER#", "SESSION#").await.len();
    let before = sessions().await;
    for fault in REFUSED {
        // Three calls at once, then the transaction.
        for step in 0..4 {
            let start = start_sign_in(&app, None).await;
            let credential = authenticator.get(&start["options"]).await;
            app.wait_for_worker().await;
            engine.inject(fault, step, 1_000);
            let reply = finish_sign_in(&app, &start, &credential).await;
            assert!(engine.clear_fault(), "{fault:?} at {step}");
            reply.expect_error(503, "UNAVAILABLE");
            assert_eq!(sessions().await, before, "{fault:?} at {step}");
        }
    }
    // The refused signatures have not moved the stored counter.
    sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
    assert_eq!(list_passkeys(&ada.visitor).await.len(), 1);
}

/// An interruption does not use up the one notice of the hour.
#[tokio::test]
async fn an_interrupted_notice_about_a_copy_is_sent_later() {
    let (engine, app, ada) = start().await;
    app.advance_to_next(3600).await;
    let ada = ada.sign_in(&app).await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    let mut copy = authenticator.copy();
    sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
    let notices = async || {
        app.wait_for_worker().await;
        let subjects = app.subjects(&ada.email).await;
        subjects.iter().filter(|subject| subject.contains("may have been copied")).count()
    };
    // Three calls at once, then what reports the copy.
    for step in 3..6 {
        let start = start_sign_in(&app, None).await;
        copy.set_counter(Some(0));
        let credential = copy.get(&start["options"]).await;
        app.wait_for_worker().await;
        engine.inject(Fault::Broken, step, 1_000);
        let reply = finish_sign_in(&app, &start, &credential).await;
        let was_interrupted = engine.clear_fault();
        assert_eq!(reply.status, if was_interrupted { 503 } else { 401 }, "{}", reply.text);
        assert_eq!(notices().await, usize::from(!was_interrupted));
    }
    assert_eq!(notices().await, 1);
}

#[tokio::test]
async fn an_interrupted_proof_of_identity_renews_nothing() {
    let (engine, app, ada) = start().await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    app.expire_proof().await;
    for fault in REFUSED {
        // The session, two calls at once, the transaction.
        for step in 0..4 {
            let start = start_ceremony(&ada.visitor, "/reauthenticate").await;
            let credential: Value = authenticator.get(&start["options"]).await;
            app.wait_for_worker().await;
            engine.inject(fault, step, 1_000);
            let body = ceremony_body(&start, &credential);
            let reply = ada.post("/v1/passkeys/reauthenticate", body).await;
            assert!(engine.clear_fault(), "{fault:?} at {step}");
            reply.expect_error(503, "UNAVAILABLE");
            let token = ada.post("/v1/tokens", json!({"token_name": "x"})).await;
            token.expect_error(401, "REAUTH_REQUIRED");
        }
    }
}
