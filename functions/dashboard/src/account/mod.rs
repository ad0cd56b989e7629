//! The pages of the account, one file each.

pub(crate) mod home;
pub(crate) mod profile;
pub(crate) mod sign_out;
