//! Notifications of users by mail and Slack, and the preferences that control them.
//!
//! A job of the worker sends the notifications: [`notify_run`], [`notify_usage`], [`notify_payment`] or
//! [`notify_expiry`], for which each recipient chooses the channels in their [`Preferences`], or
//! [`notify_organization_deleted`], which is always mailed.

mod change_preferences;
mod channels;
mod delivery_record;
mod limits;
mod notification;
mod notify_expiry;
mod notify_members;
mod notify_organization_deleted;
mod notify_payment;
mod notify_run;
mod notify_usage;
mod preferences;
mod store;
mod view;
mod webhook;

pub use change_preferences::change_preferences;
pub use limits::{NOTIFICATIONS_PER_USER, RUNS_PER_ORGANIZATION};
pub use notify_expiry::{TokenExpiry, notify_expiry};
pub use notify_organization_deleted::{OrganizationDeletion, notify_organization_deleted};
pub use notify_payment::notify_payment;
pub use notify_run::notify_run;
pub use notify_usage::{QuotaUsed, notify_usage};
pub use preferences::{AlertChannel, Preferences, PreferencesChange, RunChannel};
pub use store::read_preferences;
pub(crate) use store::{StoredWebhook, read_stored_webhook, read_webhook, reset_preferences};
pub use view::PreferencesView;
pub use webhook::{MAX_WEBHOOK_URL_LEN, SlackWebhook, WebhookChange};
