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
mod new_account;
mod one_time_token;
pub mod password;
pub mod profile;
mod reauthenticate;
pub mod register;
mod registration_expiry;
mod registration_token;
pub mod renew_proof;
pub mod request_code;
pub mod reset_password;
pub mod sign_in;
pub mod start_session;
pub mod two_factor;
mod user;
pub mod verify_email;
mod view;

pub use attempt_limiter::MAX_DELAY;
pub use connection::ConnectionView;
pub use email_guard::{EmailGuard, find_by_email};
pub use google_account::GoogleAccount;
pub use reauthenticate::IdentityProof;
pub(crate) use reauthenticate::{
    CheckedProof, clear_failed_attempts, reauthenticate, require_same_password,
};
pub use registration_expiry::REGISTRATION_TTL;
pub use registration_token::RegistrationToken;
pub use user::{PendingRegistration, User};
pub use view::{SignInProvider, UserView};
