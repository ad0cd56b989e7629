//! A copy of an authenticator is noticed when its counter goes back, and a removed passkey is of no use.

use tests::passkeys::{
    PasskeyAuthenticator, add_passkey, list_passkeys, reauthenticate_with_passkey, remove_passkey,
    sign_in_with_passkey,
};
use tests::time::HOUR;
use tests::{Person, TestApp};

/// Returns the mails about a copy.
async fn notices(app: &TestApp, person: &Person) -> usize {
    app.wait_for_worker().await;
    let subjects = app.subjects(&person.email).await;
    let subject = "A passkey of your AIUS account may have been copied";
    subjects.iter().filter(|own| *own == subject).count()
}

#[tokio::test]
async fn passkey_copied_is_refused_and_mailed_once_an_hour() {
    let app = TestApp::start().await;
    app.advance_to_next(HOUR).await;
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    let mut other = PasskeyAuthenticator::new(&app);
    add_passkey(&ada.visitor, &mut other, "Key").await;
    let mut other_copy = other.copy();
    sign_in_with_passkey(&app, &mut other).await.expect(200);
    let mut copy = authenticator.copy();
    sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
    sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
    let last_used = list_passkeys(&ada.visitor).await[0]["last_used_at"].clone();
    app.advance_clock(60).await;
    // The counter is behind, and then the same.
    for _ in 0..2 {
        sign_in_with_passkey(&app, &mut copy).await.expect_error(401, "INVALID_PASSKEY");
    }
    assert_eq!(notices(&app, &ada).await, 1, "at most one an hour");
    assert_eq!(list_passkeys(&ada.visitor).await[0]["last_used_at"], last_used);
    let mail = app.mails(&ada.email).await[0].clone();
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("Laptop") && text.contains("/account/not-me?token="), "{text}");
    let log = ada.get("/v1/me/activity").await.expect(200).json();
    let refused = log["data"].as_array().unwrap().iter();
    let refused: Vec<_> =
        refused.filter(|one| one["action"] == "account.passkey_refused").collect();
    assert_eq!((refused.len(), refused[0]["details"]["name"].as_str()), (1, Some("Laptop")));
    // A proof of identity notices it too, and each passkey has its own notice.
    reauthenticate_with_passkey(&ada.visitor, &mut other_copy)
        .await
        .expect_error(401, "INVALID_PASSKEY");
    assert_eq!(notices(&app, &ada).await, 2);
    // The next hour has a notice of its own.
    app.advance_to_next(HOUR).await;
    copy.set_counter(Some(0));
    sign_in_with_passkey(&app, &mut copy).await.expect_error(401, "INVALID_PASSKEY");
    assert_eq!(notices(&app, &ada).await, 3);
    // The owner's authenticator is ahead and works.
    sign_in_with_passkey(&app, &mut authenticator).await.expect(200);
    // A counter that falls back to zero is noticed as well.
    authenticator.set_counter(None);
    sign_in_with_passkey(&app, &mut authenticator).await.expect_error(401, "INVALID_PASSKEY");
}

#[tokio::test]
async fn passkey_copied_is_of_no_use_after_its_removal() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    let passkey = add_passkey(&ada.visitor, &mut authenticator, "Laptop").await;
    let mut copy = authenticator.copy();
    remove_passkey(&ada.visitor, &passkey).await.expect(200);
    sign_in_with_passkey(&app, &mut copy).await.expect_error(401, "INVALID_PASSKEY");
    assert_eq!(notices(&app, &ada).await, 0);
}
