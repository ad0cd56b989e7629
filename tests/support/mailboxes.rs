//! Mailboxes that refuse mail, and the events of SES about it.

use serde_json::{Value, json};
use shared::clock::Timestamp;
use worker::Worker;

use crate::{Person, TestApp};

/// Sets what a mailbox does with mail from now on: `deliver`, `bounce`, `soft_bounce` or `complaint`.
pub async fn set_mailbox(app: &TestApp, address: &str, response: &str) {
    let body = json!({"address": address, "response": response});
    app.visitor().post("/local/mail/mailboxes", body).await.expect(200);
}

/// Reads why a person's address gets no mail.
pub async fn read_suppression(person: &Person) -> Value {
    let settings = person.get("/v1/me/notifications").await.expect(200).json();
    settings["email_suppression"].clone()
}

/// Invokes the worker with a recorded event of SES about a mail to an address that was sent at a time.
pub async fn send_mail_event(app: &TestApp, recorded: &str, address: &str, sent_at: i64) {
    let mut event: Value = serde_json::from_str(recorded).unwrap();
    event["detail"]["mail"]["destination"] = json!([address]);
    event["detail"]["mail"]["timestamp"] = Timestamp::from_seconds(sent_at).rfc3339().into();
    let (ctx, clients) = (app.stack().context().clone(), app.stack().clients().clone());
    let worker = Worker::new(ctx, clients, app.stack().blobs().clone());
    worker.invoke(serde_json::from_value(event).unwrap()).await.unwrap();
}
