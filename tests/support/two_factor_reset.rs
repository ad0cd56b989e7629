//! Resets of the second factor by support.

use serde_json::{Value, json};
use shared::ids::UserId;
use shared::support_case::SupportCase;

use crate::operators::OPERATOR;
use crate::time::{DAY, HOUR};
use crate::{Authenticator, Person, TestApp};

/// The subject of the mail about a request.
pub const REQUESTED: &str = "Two-factor authentication will be reset";

/// The subject of the mail about a stop.
pub const STOPPED: &str = "The reset of your two-factor authentication was stopped";

/// The subject of the mail about the effect.
pub const DONE: &str = "Two-factor authentication was reset";

/// Time after which a reset has certainly taken effect: the hourly run does it.
pub const EFFECT: u64 = DAY + 2 * HOUR;

/// Returns the case of an operator who calls the operations directly.
pub fn case() -> SupportCase {
    SupportCase::parse(OPERATOR, "T-1", "lost the phone").unwrap()
}

/// Returns the action that requests a reset.
pub fn reset(person: &str) -> Value {
    json!({"name": "reset_two_factor", "user_id": person})
}

/// Signs up a person with a second factor and requests its reset.
pub async fn request_reset(app: &TestApp) -> (Person, Authenticator) {
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(app, &ada.visitor).await;
    app.operate_well(reset(ada.id().await.as_str())).await;
    (ada, authenticator)
}

/// Reads the reset of an account that waits.
pub async fn waiting_reset(app: &TestApp, user: &UserId) -> Value {
    let shown = app.operate_well(json!({"name": "show", "id": user})).await;
    shown["two_factor_reset"].clone()
}

/// Counts the stops of a reset in the logs of accounts.
pub async fn count_stops(app: &TestApp) -> usize {
    let events = app.items("ACTIVITY#USER#", "").await;
    let is_stop = |event: &&Value| event["action"]["S"] == "account.two_factor_reset_canceled";
    events.iter().filter(is_stop).count()
}

/// Lists the mails to a person about a stop, the newest first.
pub async fn stop_mails(app: &TestApp, person: &Person) -> Vec<Value> {
    let mails = app.mails(&person.email).await;
    mails.into_iter().filter(|mail| mail["subject"] == STOPPED).collect()
}

/// Asserts that each stop has sent one mail. Returns the words of the newest one, in one line.
pub async fn expect_stop_mail(app: &TestApp, person: &Person) -> String {
    let mails = stop_mails(app, person).await;
    assert!(!mails.is_empty(), "a stop was mailed");
    assert_eq!(mails.len(), count_stops(app).await);
    let text = mails[0]["text"].as_str().unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
