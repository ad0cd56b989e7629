//! Validated values that several features and the key formats share.

mod artifact_scope;
mod code_purpose;
mod email_address;
mod mailbox;
mod name;
mod suppression_reason;
mod timezone;
mod token_holder;

pub use artifact_scope::ArtifactScope;
pub use code_purpose::CodePurpose;
pub use email_address::{EmailAddress, MAX_ADDRESS_LEN};
pub use name::{MAX_NAME_LEN, Name};
pub use suppression_reason::{
    CODE_PAUSE_AFTER_BOUNCE, CODE_PAUSE_AFTER_COMPLAINT, SuppressionReason,
};
pub use timezone::Timezone;
pub use token_holder::TokenHolder;
