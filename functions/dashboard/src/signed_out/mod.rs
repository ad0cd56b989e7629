//! The pages that a person sees without being signed in, one file each.
//!
//! | file | contents |
//! |---|---|
//! | `next_path.rs` | the page that a person asked for before they had to sign in |
//! | `signed_in.rs` | the response to a successful sign-in |
//! | `ended_text.rs` | what a reset of the password ended, in words |
//! | `google_text.rs` | the sentences about a sign-in with Google that failed |
//! | all others | a page each |

mod ended_text;
pub(crate) mod forgot_password;
mod google_text;
pub(crate) mod invitation;
pub(crate) mod moved;
mod next_path;
pub(crate) mod not_me;
pub(crate) mod reset_password;
pub(crate) mod restore;
pub(crate) mod sign_in;
pub(crate) mod sign_up;
mod signed_in;
pub(crate) mod two_factor;
pub(crate) mod undo_email;
pub(crate) mod verify_email;

pub(crate) use google_text::google_text;
pub(crate) use next_path::NextPath;
