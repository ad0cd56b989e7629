//! Mail messages and their delivery.
//!
//! An operation does not send mail itself. It [`queue`]s the mail in its own transaction (an outbox), and the
//! `worker` function delivers it from the table's stream. This has three effects:
//!
//! - A change that fails sends no mail.
//! - An outage of SES loses no mail.
//! - The duration of a request does not show whether an address has an account.

mod action_link;
mod deliver;
pub mod device;
mod held;
mod linked_page;
mod message;
mod outbox;
mod recipient;
pub mod suppression;
mod waiting;

pub use action_link::ActionLink;
pub use deliver::{Mailer, deliver};
pub use device::describe as describe_device;
pub use held::{hold_if_switched_off, release_held};
pub use linked_page::LinkedPage;
pub(crate) use message::NOTICE_TTL;
pub use message::{
    DeviceApprovedParams, ExpiringTokenParams, InvitationMailParams, KeyChange, KeyChangeParams,
    MembershipChange, MembershipChangeParams, Message, NewPasswordReason,
    OrganizationDeletedParams, PasskeyChange, RenderedMail, ResetStopMethod, UndoLink,
};
pub(crate) use outbox::{SecurityNotice, queue_with_not_me_link};
pub use outbox::{queue, queue_decoy};
pub use recipient::Recipient;
pub use waiting::{WaitingMail, list_waiting_mails};
