//! User accounts: registration, sign-in, profile, address, password, second factor and deletion.

mod attempt_limiter;
pub mod change_password;
mod claim_unverified_account;
pub mod connect_google;
mod connection;
pub mod deletion;
mod devices;
pub mod disconnect_google;
pub mod email_change;
mod email_guard;
pub mod export;
pub mod failed_sign_in;
pub mod finish_sign_in;
mod free_grant;
mod google_account;
pub mod google_sign_in;
pub mod import;
mod mailed_link;
mod new_account;
pub mod not_me;
mod one_time_token;
pub mod passkeys;
pub mod password;
pub mod profile;
mod reauthenticate;
mod recent_access;
pub mod register;
mod registration_expiry;
mod registration_token;
pub mod renew_proof;
pub mod request_code;
pub mod reset_password;
mod security_notice;
pub mod sign_in;
mod sign_in_attempts;
pub mod start_session;
pub mod two_factor;
mod user;
pub mod verify_email;
mod view;

pub use attempt_limiter::{MAX_DELAY, MAX_UNDELAYED_FAILURES};
pub use connection::ConnectionView;
pub use email_guard::{EmailGuard, find_by_email};
pub use google_account::GoogleAccount;
pub use mailed_link::{ExportedLink, MAX_EXPORTED_LINKS, NOT_ME_LINK_TTL, RESET_LINK_TTL};
pub use reauthenticate::IdentityProof;
pub(crate) use reauthenticate::{
    CheckedProof, clear_failed_attempts, reauthenticate, require_same_password,
};
pub use recent_access::{EndedAccess, EndedToken, MAX_RECENT_TOKENS, RECENT_ACCESS_PERIOD};
pub use registration_expiry::REGISTRATION_TTL;
pub use registration_token::RegistrationToken;
pub(crate) use security_notice::queue_security_notice;
pub use user::{PendingRegistration, User};
pub use view::{SignInProvider, UserView};
