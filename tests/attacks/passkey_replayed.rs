//! The response of an authenticator works once, for 5 minutes, and only for what it was asked for.

use serde_json::{Value, json};
use shared::accounts::passkeys::CEREMONY_TTL;
use tests::passkeys::{
    PasskeyAuthenticator, ceremony_body, finish_registration, finish_sign_in, list_passkeys,
    remove_passkey, sign_up_with_passkey, start_ceremony, start_sign_in,
};
use tests::two_factor::start_challenge;
use tests::{Authenticator, Person, Reply, TestApp};

/// Sends the response of an authenticator to a proof of identity.
async fn finish_proof(person: &Person, start: &Value, credential: &Value) -> Reply {
    person.post("/v1/passkeys/reauthenticate", ceremony_body(start, credential)).await
}

#[tokio::test]
async fn passkey_replayed_is_refused() {
    let app = TestApp::start().await;
    let (ada, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    // A counter would refuse it too.
    authenticator.set_counter(None);
    let start = start_sign_in(&app, None).await;
    let credential = authenticator.get(&start["options"]).await;
    finish_sign_in(&app, &start, &credential).await.expect(200);
    finish_sign_in(&app, &start, &credential).await.expect_error(401, "INVALID_CHALLENGE");
    // The response to a ceremony does not answer a later one.
    let later = start_sign_in(&app, None).await;
    finish_sign_in(&app, &later, &credential).await.expect_error(401, "INVALID_PASSKEY");
    // Nor does a refused response leave its ceremony open.
    let right = authenticator.get(&later["options"]).await;
    finish_sign_in(&app, &later, &right).await.expect_error(401, "INVALID_CHALLENGE");

    let start = start_ceremony(&ada.visitor, "/reauthenticate").await;
    let credential = authenticator.get(&start["options"]).await;
    finish_proof(&ada, &start, &credential).await.expect(200);
    finish_proof(&ada, &start, &credential).await.expect_error(401, "INVALID_CHALLENGE");

    let start = start_ceremony(&ada.visitor, "").await;
    let credential = PasskeyAuthenticator::new(&app).create(&start["options"]).await;
    finish_registration(&ada.visitor, &start, &credential).await.expect(200);
    let added = list_passkeys(&ada.visitor).await[1].clone();
    remove_passkey(&ada.visitor, &added).await.expect(200);
    let again = finish_registration(&ada.visitor, &start, &credential).await;
    again.expect_error(401, "INVALID_CHALLENGE");
}

#[tokio::test]
async fn passkey_replayed_after_five_minutes_is_refused() {
    let app = TestApp::start().await;
    let (ada, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    let mut starts = Vec::new();
    for _ in 0..2 {
        starts.push((
            start_sign_in(&app, None).await,
            start_ceremony(&ada.visitor, "/reauthenticate").await,
            start_ceremony(&ada.visitor, "").await,
        ));
    }
    for (wait, statuses) in [(CEREMONY_TTL.as_secs() - 1, [200; 3]), (1, [401; 3])] {
        app.advance_clock(wait).await;
        let (sign_in, proof, registration) = starts.pop().unwrap();
        let credential = authenticator.get(&sign_in["options"]).await;
        let signed_in = finish_sign_in(&app, &sign_in, &credential).await;
        let credential = authenticator.get(&proof["options"]).await;
        let proven = finish_proof(&ada, &proof, &credential).await;
        let credential = PasskeyAuthenticator::new(&app).create(&registration["options"]).await;
        let added = finish_registration(&ada.visitor, &registration, &credential).await;
        let replies = [signed_in, proven, added];
        assert_eq!(replies.each_ref().map(|reply| reply.status), statuses, "{replies:?}");
        for reply in replies.iter().filter(|reply| reply.status == 401) {
            assert_eq!(reply.code(), "INVALID_CHALLENGE");
        }
    }
}

#[tokio::test]
async fn passkey_replayed_in_another_session_is_refused() {
    let app = TestApp::start().await;
    let (ada, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    let (eve, _, _) = sign_up_with_passkey(&app, "eve").await;
    let elsewhere = ada.sign_in(&app).await;
    for thief in [&elsewhere, &eve] {
        let start = start_ceremony(&ada.visitor, "").await;
        let credential = PasskeyAuthenticator::new(&app).create(&start["options"]).await;
        let refused = finish_registration(&thief.visitor, &start, &credential).await;
        refused.expect_error(401, "INVALID_CHALLENGE");
        let start = start_ceremony(&ada.visitor, "/reauthenticate").await;
        let credential = authenticator.get(&start["options"]).await;
        finish_proof(thief, &start, &credential).await.expect_error(401, "INVALID_CHALLENGE");
        // The ceremony of a thief does not take the passkey of another account either.
        let start = start_ceremony(&eve.visitor, "/reauthenticate").await;
        let credential = authenticator.get(&start["options"]).await;
        finish_proof(&eve, &start, &credential).await.expect_error(401, "INVALID_PASSKEY");
    }
    assert_eq!(list_passkeys(&eve.visitor).await.len(), 1);
}

#[tokio::test]
async fn passkey_replayed_for_another_purpose_is_refused() {
    let app = TestApp::start().await;
    let (ada, mut authenticator, _) = sign_up_with_passkey(&app, "ada").await;
    let created = async |start: &Value| {
        // A forged browser answers the options of a sign-in with a new credential.
        let mut forged = PasskeyAuthenticator::new(&app);
        let own = start_ceremony(&ada.visitor, "").await;
        let credential = forged.create(&own["options"]).await;
        forged.alter(&credential, |parts| {
            parts.client_data["challenge"] = start["options"]["publicKey"]["challenge"].clone();
        })
    };
    let signed = async |authenticator: &mut PasskeyAuthenticator, start: &Value| {
        let own = start_sign_in(&app, None).await;
        let credential = authenticator.get(&own["options"]).await;
        authenticator.alter(&credential, |parts| {
            parts.client_data["challenge"] = start["options"]["publicKey"]["challenge"].clone();
        })
    };
    // A registration is no sign-in and no proof of identity.
    let start = start_ceremony(&ada.visitor, "").await;
    let credential = signed(&mut authenticator, &start).await;
    finish_sign_in(&app, &start, &credential).await.expect_error(401, "INVALID_CHALLENGE");
    let start = start_ceremony(&ada.visitor, "").await;
    let credential = signed(&mut authenticator, &start).await;
    finish_proof(&ada, &start, &credential).await.expect_error(401, "INVALID_CHALLENGE");
    // A proof of identity is no sign-in, and the reverse.
    let start = start_ceremony(&ada.visitor, "/reauthenticate").await;
    let credential = authenticator.get(&start["options"]).await;
    finish_sign_in(&app, &start, &credential).await.expect_error(401, "INVALID_CHALLENGE");
    let start = start_sign_in(&app, None).await;
    let credential = authenticator.get(&start["options"]).await;
    finish_proof(&ada, &start, &credential).await.expect_error(401, "INVALID_CHALLENGE");
    // Neither adds a passkey.
    for start in
        [start_sign_in(&app, None).await, start_ceremony(&ada.visitor, "/reauthenticate").await]
    {
        let credential = created(&start).await;
        let refused = finish_registration(&ada.visitor, &start, &credential).await;
        refused.expect_error(401, "INVALID_CHALLENGE");
    }
    assert_eq!(list_passkeys(&ada.visitor).await.len(), 1);
}

/// The challenge of a second factor takes no passkey of another account.
#[tokio::test]
async fn passkey_replayed_as_another_second_factor_is_refused() {
    let app = TestApp::start().await;
    let (ada, _, _) = sign_up_with_passkey(&app, "ada").await;
    let (_, mut eves, _) = sign_up_with_passkey(&app, "eve").await;
    Authenticator::enabled(&app, &ada.visitor).await;
    let challenge = start_challenge(&app, &ada).await;
    let start = start_sign_in(&app, Some(&challenge)).await;
    let credential = eves.get(&start["options"]).await;
    finish_sign_in(&app, &start, &credential).await.expect_error(401, "INVALID_CHALLENGE");
    let body = json!({"challenge_token": format!("{challenge}x")});
    let refused = app.visitor().post("/v1/passkeys/login/options", body).await;
    refused.expect_error(401, "INVALID_CHALLENGE");
}
