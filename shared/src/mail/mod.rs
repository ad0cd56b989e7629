//! Mail: what is sent on which occasion, and how it leaves.
//!
//! An operation never sends; it [`queue`]s the mail in its own transaction, and the `worker`
//! function delivers it from the table's stream. So no mail is sent for a change that didn't
//! happen, none is lost when SES is down, and no request takes longer because its address exists.

mod deliver;
mod device;
mod message;
mod outbox;

pub use deliver::{Mailer, deliver};
pub(crate) use device::describe as describe_device;
pub use message::{InvitationMail, Message, Rendered, UndoLink};
pub use outbox::{queue, queue_decoy};
