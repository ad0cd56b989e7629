//! `/account/notifications`: which events are sent where, and the Slack webhook.

pub(crate) mod channels;
pub(crate) mod page;
pub(crate) mod slack;

use crate::pages::AccountPage;

const PATH: &str = AccountPage::Notifications.path();
