//! The pages of the account, one file each.

pub(crate) mod connections;
pub(crate) mod home;
mod identity_proof;
pub(crate) mod profile;
pub(crate) mod security;
pub(crate) mod sign_out;
