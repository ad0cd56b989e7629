//! Accounts: a person, how they prove who they are, and what they are called.

pub mod ask_for_code;
pub mod change_password;
pub mod connect_google;
mod connection;
mod create;
pub mod deletion;
mod devices;
pub mod disconnect_google;
pub mod email_change;
pub mod export;
pub mod finish_sign_in;
mod google;
pub mod google_sign_in;
mod guesses;
mod one_time;
pub mod password;
pub mod profile;
mod prove_owner;
pub mod register;
pub mod reset_password;
pub mod sign_in;
mod store;
mod take_over;
pub mod two_factor;
mod user;
pub mod verify_email;
mod view;

pub use connection::ConnectionView;
pub use google::GoogleAccount;
pub(crate) use prove_owner::{forget_attempt, prove_owner, still_proven};
pub use store::{EmailGuard, find_by_email};
pub use user::{Pending, User};
pub use view::{Provider, UserView};
