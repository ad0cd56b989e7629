//! Resets of the second factor by support.

use serde_json::{Value, json};
use shared::ids::UserId;

use crate::time::{DAY, HOUR};
use crate::{Authenticator, Person, TestApp};

/// The subject of the mail about a request.
pub const REQUESTED: &str = "Two-factor authentication will be reset";

/// The subject of the mail about the effect.
pub const DONE: &str = "Two-factor authentication was reset";

/// Time after which a reset has certainly taken effect: the hourly run does it.
pub const EFFECT: u64 = DAY + 2 * HOUR;

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
