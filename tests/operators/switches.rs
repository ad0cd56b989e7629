//! Feature switches: calls of a feature that is off are refused, and work again once it is on.

use serde_json::json;
use shared::operators::set_switch::set_switch;
use shared::support_case::SupportCase;
use shared::switches::Feature;
use tests::passkeys::{
    PasskeyAuthenticator, add_passkey, finish_registration, finish_sign_in, start_ceremony,
    start_sign_in,
};
use tests::{Fault, FaultProxy, PASSWORD, PageVisitor, Reply, TestApp};

fn assert_disabled(reply: &Reply, message: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (503, "DISABLED"), "{}", reply.text);
    assert_eq!(reply.header("retry-after"), Some("60"));
    let text = reply.json()["detail"]["message"].as_str().unwrap().to_owned();
    assert_eq!(text, format!("{message} is switched off for now; try again later"));
}

#[tokio::test]
async fn sign_up_can_be_switched_off() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let keyed = app.visitor().with_header("idempotency-key", "one");
    let eve = json!({"email": "eve@example.com", "name": "Eve", "password": PASSWORD});
    let registered = keyed.post("/v1/register", eve.clone()).await.expect(200);
    app.set_switch("sign_up", false).await;
    // A repeated call is answered as before.
    let again = keyed.post("/v1/register", eve).await.expect(200);
    assert_eq!(again.json(), registered.json());
    let body = json!({"email": "bob@example.com", "name": "Bob", "password": PASSWORD});
    assert_disabled(&app.visitor().post("/v1/register", body.clone()).await, "Sign-up");
    // Existing accounts are not affected.
    ada.sign_in(&app).await.get("/v1/me").await.expect(200);
    let mut browser = PageVisitor::new(&app);
    let page = browser.open("/account/sign-up").await.expect(200);
    let fields = [("email", "bob@example.com"), ("name", "Bob"), ("password", PASSWORD)];
    let page = browser.submit(&page, "/account/sign-up", &fields).await.expect(503);
    page.expect_text("Sign-up is switched off for now; try again later.");
    app.set_switch("sign_up", true).await;
    app.visitor().post("/v1/register", body).await.expect(200);
}

#[tokio::test]
async fn debits_can_be_switched_off() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let key = ada.visitor_with_key(&app, &client).await;
    app.set_switch("debits", false).await;
    assert_disabled(&key.spend_credits(&client, "first", "1").await, "Spending credits");
    // A stranger learns nothing.
    let bob = app.sign_up("bob").await;
    let other = bob.visitor_with_key(&app, &bob.default_client().await).await;
    other.spend_credits(&client, "first", "1").await.expect_error(403, "NO_ACCESS");
    assert_eq!(ada.credits(&client).await["balance"], 1_000);
    app.set_switch("debits", true).await;
    key.spend_credits(&client, "first", "1").await.expect(200);
    app.assert_ledgers_consistent().await;
}

#[tokio::test]
async fn mail_that_is_switched_off_is_kept_and_sent_later() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let before = app.mails(&ada.email).await.len();
    app.set_switch("mail", false).await;
    // Calls that only mail a code are refused.
    let forgot = json!({"email": ada.email});
    for path in ["/v1/password/forgot", "/v1/verify-email/resend"] {
        assert_disabled(&app.visitor().post(path, forgot.clone()).await, "Mail");
    }
    let change = json!({"new_email": "countess@example.com", "password": PASSWORD});
    assert_disabled(&ada.post("/v1/me/email", change).await, "Mail");
    let body = json!({"email": "bob@example.com", "name": "Bob", "password": PASSWORD});
    assert_disabled(&app.visitor().post("/v1/register", body).await, "Mail");
    let resend = json!({"name": "resend_code", "user_id": ada.id().await});
    app.operate_refused(resend, "DISABLED").await;
    // A change whose notice is mailed is made, and the mail waits.
    let new = json!({"current_password": PASSWORD, "new_password": "another-horse-7"});
    ada.post("/v1/me/password", new).await.expect(200);
    assert_eq!(app.mails(&ada.email).await.len(), before);
    let waiting = app.items("MAIL#", "").await;
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!(app.items("HELD-MAIL#", "").await.len(), 1);
    let details = app.operate_well(json!({"name": "show", "id": ada.id().await})).await;
    assert_eq!(details["waiting_mails"][0]["has_code"], false);
    app.set_switch("mail", true).await;
    let mails = app.mails(&ada.email).await;
    assert_eq!(mails.len(), before + 1);
    assert_eq!(app.subjects(&ada.email).await[0], "Your AIUS password was changed");
    for partition in ["MAIL#", "HELD-MAIL#", "WORK#"] {
        assert!(app.items(partition, "").await.is_empty(), "{partition}");
    }
}

#[tokio::test]
async fn google_can_be_switched_off() {
    let app = TestApp::start().await;
    app.set_switch("google", false).await;
    let begun = app.visitor().get("/v1/auth/google").await;
    assert_disabled(&begun, "Sign-in with Google");
    app.set_switch("google", true).await;
    app.visitor().get("/v1/auth/google").await.expect(302);
}

#[tokio::test]
async fn passkeys_can_be_switched_off() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    let start = start_ceremony(&ada.visitor, "").await;
    let credential = authenticator.create(&start["options"]).await;
    finish_registration(&ada.visitor, &start, &credential).await.expect(200);
    let mut phone = PasskeyAuthenticator::new(&app);
    add_passkey(&ada.visitor, &mut phone, "Phone").await;
    let sign_in = start_sign_in(&app, None).await;
    let response = phone.get(&sign_in["options"]).await;
    app.set_switch("passkeys", false).await;
    assert_disabled(&finish_sign_in(&app, &sign_in, &response).await, "Use of passkeys");
    ada.reauthenticate().await;
    for path in ["/v1/passkeys/options", "/v1/passkeys/reauthenticate/options"] {
        assert_disabled(&ada.post(path, json!({})).await, "Use of passkeys");
    }
    let options = app.visitor().post("/v1/passkeys/login/options", json!({})).await;
    assert_disabled(&options, "Use of passkeys");
    // They stay listed and can be removed.
    let listed = ada.get("/v1/passkeys").await.expect(200).json();
    let id = listed["data"][0]["id"].as_str().unwrap().to_owned();
    ada.delete(&format!("/v1/passkeys/{id}"), json!({})).await.expect(200);
    // A refused call does not use up the options.
    app.set_switch("passkeys", true).await;
    finish_sign_in(&app, &sign_in, &response).await.expect(200);
}

#[tokio::test]
async fn a_process_follows_within_thirty_seconds() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let key = ada.visitor_with_key(&app, &client).await;
    key.spend_credits(&client, "first", "1").await.expect(200);
    let switch = json!({"name": "set_switch", "feature": "debits", "on": false});
    let switched = app.operate_well(switch.clone()).await;
    assert_eq!(switched["off"][0]["operator"], tests::operators::OPERATOR);
    // The cached switches are used for 30 seconds, without a read.
    let warm = key.spend_credits(&client, "second", "1").await.expect(200);
    app.advance_clock(31).await;
    key.spend_credits(&client, "third", "1").await.expect_error(503, "DISABLED");
    // Switching it off again changes nothing.
    assert_eq!(app.operate_well(switch).await, switched);
    app.set_switch("debits", true).await;
    // The read that notices the change counts for the process, and takes no round trip of the request.
    let cold = key.spend_credits(&client, "fourth", "1").await.expect(200);
    assert_eq!(cold.calls_and_trips(), warm.calls_and_trips());
}

#[tokio::test]
async fn switches_that_cannot_be_read_stay_as_they_were() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    app.set_switch("google", false).await;
    let switches = &app.stack().context().switches;
    assert!(!switches.is_on(Feature::Google).await && switches.is_on(Feature::Mail).await);
    app.set_switch("google", true).await;
    for fault in [Fault::Broken, Fault::CutOffBefore] {
        engine.inject(fault, 0, 100);
        assert!(!switches.is_on(Feature::Google).await);
        assert!(engine.clear_fault());
    }
    assert!(switches.is_on(Feature::Google).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn switches_that_change_at_once_all_take_effect() {
    let app = TestApp::start().await;
    let replies = tests::race(5, |number| {
        let ctx = app.stack().context().clone();
        async move {
            let case = SupportCase::parse("grace", "T-1", "a test").unwrap();
            set_switch(&ctx, Feature::ALL[number], false, &case).await
        }
    })
    .await;
    assert!(replies.iter().all(Result::is_ok), "{replies:?}");
    let stored = app.items("SWITCHES", "META").await;
    assert_eq!(stored[0]["off"]["L"].as_array().unwrap().len(), 5);
}
