//! Mail messages and their delivery.
//!
//! An operation does not send mail itself. It [`queue`]s the mail in its own transaction (an outbox), and the
//! `worker` function delivers it from the table's stream. This has three effects:
//!
//! - A change that fails sends no mail.
//! - An outage of SES loses no mail.
//! - The duration of a request does not show whether an address has an account.

mod deliver;
mod device;
mod message;
mod outbox;

pub use deliver::{Mailer, deliver};
pub(crate) use device::describe as describe_device;
pub(crate) use message::NOTICE_TTL;
pub use message::{
    ExpiringTokenParams, InvitationMailParams, KeyChange, KeyChangeParams, MembershipChange,
    MembershipChangeParams, Message, RenderedMail, UndoLink,
};
pub use outbox::{queue, queue_decoy};
