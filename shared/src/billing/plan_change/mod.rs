//! Changes, cancels and resumes a subscription.
//!
//! | operation | effect |
//! |---|---|
//! | [`preview`] | what a change to another plan costs, and when it takes effect |
//! | [`change`] | an upgrade takes effect when its invoice is paid, a downgrade at the end of the period |
//! | [`cancel`] | the subscription ends with its period |
//! | [`resume`] | takes back a cancellation or a scheduled downgrade |

pub mod cancel;
pub mod change;
mod live_subscription;
pub mod preview;
mod record;
pub mod resume;
mod view;

pub use view::{ChangeStatus, PlanChangePreview, PlanChangeView, PlanDirection};
