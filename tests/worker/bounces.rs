//! An address gets no mail after a mail to it came back or was reported as spam, until its owner asks for it.

use serde_json::{Value, json};
use shared::mail::suppression::{RETRY_INTERVAL, SUPPRESSION_TTL};
use shared::values::{CODE_PAUSE_AFTER_BOUNCE, CODE_PAUSE_AFTER_COMPLAINT};
use tests::change_email::{confirm_change, email_change_body};
use tests::enumeration::comparable_parts;
use tests::mailboxes::{read_suppression, send_mail_event, set_mailbox};
use tests::tokens::create_token;
use tests::{Person, TestApp, race};

const RETRY: &str = "/v1/me/email/retry";
const BOUNCE: &str = include_str!("../../events/worker-bounce.json");
const COMPLAINT: &str = include_str!("../../events/worker-complaint.json");

/// Makes the service mail a person, and returns how many mails have arrived since the start.
async fn mail(app: &TestApp, person: &Person) -> usize {
    person.reauthenticate().await;
    create_token(person, json!({"token_name": "CI"})).await.expect(200);
    app.mails(&person.email).await.len()
}

/// Returns the stored records of addresses.
async fn records(app: &TestApp) -> Vec<Value> {
    app.items("SUPPRESSED#", "META").await
}

async fn retry(person: &Person) -> u16 {
    person.post(RETRY, json!({})).await.status
}

#[tokio::test]
async fn after_a_bounce_mail_waits_until_the_owner_tries_again() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let before = mail(&app, &ada).await;
    assert_eq!(read_suppression(&ada).await, Value::Null);
    set_mailbox(&app, &ada.email, "bounce").await;
    let now = app.now().await;
    assert_eq!(mail(&app, &ada).await, before, "the mail came back");
    let [record] = &records(&app).await[..] else { panic!("not one") };
    assert_eq!((&record["reason"]["S"], &record["retried_at"]), (&json!("bounce"), &Value::Null));
    assert!(!record.to_string().contains("ada@"), "{record}");
    // The mailbox works again, and the service does not know it.
    set_mailbox(&app, &ada.email, "deliver").await;
    assert_eq!(mail(&app, &ada).await, before, "no mail is sent");
    let seen = read_suppression(&ada).await;
    assert_eq!(seen["reason"], "bounce");
    assert!((now..now + 60).contains(&seen["since"].as_i64().unwrap()), "{seen}");
    assert_eq!(seen["can_retry_at"], seen["since"]);
    app.advance_clock(1).await;
    assert_eq!(retry(&ada).await, 200);
    assert_eq!(read_suppression(&ada).await, Value::Null);
    app.advance_clock(1).await;
    assert_eq!(mail(&app, &ada).await, before + 1);
    // It is possible once a day.
    set_mailbox(&app, &ada.email, "bounce").await;
    assert_eq!(mail(&app, &ada).await, before + 1);
    assert_eq!(read_suppression(&ada).await["reason"], "bounce");
    let refused = ada.post(RETRY, json!({})).await.expect(429);
    let wait: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((86_000..=RETRY_INTERVAL.as_secs()).contains(&wait), "{wait}");
    app.advance_clock(wait).await;
    assert_eq!(retry(&ada).await, 200);
    set_mailbox(&app, &ada.email, "deliver").await;
    assert_eq!(mail(&app, &ada).await, before + 2);
}

#[tokio::test]
async fn a_complaint_is_delivered_and_suppresses() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let before = mail(&app, &ada).await;
    set_mailbox(&app, &ada.email, "complaint").await;
    assert_eq!(mail(&app, &ada).await, before + 1);
    assert_eq!(mail(&app, &ada).await, before + 1);
    assert_eq!(read_suppression(&ada).await["reason"], "complaint");
}

#[tokio::test]
async fn a_bounce_that_can_pass_does_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let before = mail(&app, &ada).await;
    set_mailbox(&app, &ada.email, "soft_bounce").await;
    assert_eq!(mail(&app, &ada).await, before);
    set_mailbox(&app, &ada.email, "deliver").await;
    assert_eq!(mail(&app, &ada).await, before + 1);
    assert_eq!(records(&app).await, Vec::<Value>::new());
}

#[tokio::test]
async fn events_may_arrive_twice_and_in_any_order() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let now = app.now().await;
    let (first, second, third) = (now - 300, now - 200, now - 100);
    send_mail_event(&app, BOUNCE, &ada.email, second).await;
    let stored = records(&app).await;
    assert_eq!(stored[0]["sent_at"]["N"], second.to_string());
    for sent_at in [second, first] {
        send_mail_event(&app, COMPLAINT, &ada.email, sent_at).await;
        assert_eq!(records(&app).await, stored, "an event that is no later changes nothing");
    }
    send_mail_event(&app, COMPLAINT, &ada.email, third).await;
    assert_eq!(read_suppression(&ada).await["reason"], "complaint");
    // The events of all mails that were sent before the owner tried again are answered by that.
    assert_eq!(retry(&ada).await, 200);
    for sent_at in [first, third, now - 1] {
        send_mail_event(&app, BOUNCE, &ada.email, sent_at).await;
        assert_eq!(read_suppression(&ada).await, Value::Null, "{sent_at}");
    }
    send_mail_event(&app, BOUNCE, &ada.email, app.now().await + 1).await;
    assert_eq!(read_suppression(&ada).await["reason"], "bounce");
}

#[tokio::test]
async fn two_retries_at_once_count_as_one() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    send_mail_event(&app, BOUNCE, &ada.email, app.now().await).await;
    let statuses = race(8, |_| {
        let ada = ada.clone();
        async move { retry(&ada).await }
    });
    let statuses = statuses.await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert_eq!(read_suppression(&ada).await, Value::Null);
    assert_eq!(records(&app).await.len(), 1);
}

#[tokio::test]
async fn a_new_address_gets_mail() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    send_mail_event(&app, BOUNCE, &ada.email, app.now().await).await;
    assert_eq!(read_suppression(&ada).await["reason"], "bounce");
    ada.post("/v1/me/email", email_change_body("new@example.com")).await.expect(200);
    let code = app.code("new@example.com").await;
    confirm_change(&ada, &code).await.expect(200);
    assert_eq!(read_suppression(&ada).await, Value::Null);
    let renewed = Person { email: "new@example.com".to_owned(), ..ada };
    let before = app.mails(&renewed.email).await.len();
    assert_eq!(mail(&app, &renewed).await, before + 1);
}

/// Asks for a code for an unverified address, and returns the parts of the answer that are compared.
async fn ask_for_code(app: &TestApp, email: &str) -> (String, Vec<(String, String)>) {
    let reply = app.visitor().post("/v1/verify-email/resend", json!({"email": email})).await;
    comparable_parts(&reply.expect(200))
}

/// The simulator's addresses of SES work as well.
#[tokio::test]
async fn a_request_for_a_code_does_not_show_that_an_address_bounced() {
    const BOUNCED: &str = "bounce+1@simulator.amazonses.com";
    const OTHER: &str = "success+1@simulator.amazonses.com";
    let app = TestApp::start().await;
    for email in [BOUNCED, OTHER] {
        let body = json!({"email": email, "name": "Ada", "password": tests::PASSWORD});
        app.visitor().post("/v1/register", body).await.expect(200);
    }
    assert_eq!((app.mails(BOUNCED).await.len(), app.mails(OTHER).await.len()), (0, 1));
    assert_eq!(records(&app).await.len(), 1);
    set_mailbox(&app, BOUNCED, "deliver").await;
    app.advance_clock(61).await;
    assert_eq!(ask_for_code(&app, BOUNCED).await, ask_for_code(&app, OTHER).await);
    assert_eq!((app.mails(BOUNCED).await.len(), app.mails(OTHER).await.len()), (0, 2));
    // Nobody can sign in to ask for another try, so a code is sent again after a day.
    app.advance_clock(CODE_PAUSE_AFTER_BOUNCE.as_secs()).await;
    ask_for_code(&app, BOUNCED).await;
    app.code(BOUNCED).await;
}

#[tokio::test]
async fn marks_last_longer_after_a_complaint_and_for_other_mail() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let codes = app.mails(&ada.email).await.len();
    send_mail_event(&app, COMPLAINT, &ada.email, app.now().await).await;
    let forgot = async || {
        app.visitor().post("/v1/password/forgot", json!({"email": ada.email})).await.expect(200);
        app.mails(&ada.email).await.len()
    };
    app.advance_clock_only(CODE_PAUSE_AFTER_BOUNCE.as_secs() * 2).await;
    assert_eq!(forgot().await, codes);
    app.advance_clock_only(CODE_PAUSE_AFTER_COMPLAINT.as_secs()).await;
    assert_eq!(forgot().await, codes + 1);
    let ada = ada.sign_in(&app).await;
    let before = app.mails(&ada.email).await.len();
    assert_eq!(mail(&app, &ada).await, before, "other mail still waits");
    app.advance_clock_only(SUPPRESSION_TTL.as_secs()).await;
    let ada = ada.sign_in(&app).await;
    let before = app.mails(&ada.email).await.len();
    assert_eq!(mail(&app, &ada).await, before + 1);
}
