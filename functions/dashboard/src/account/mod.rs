//! The pages of the account, one file or folder each.

pub(crate) mod activity;
pub(crate) mod api_keys;
pub(crate) mod connections;
pub(crate) mod device;
pub(crate) mod home;
mod identity_proof;
pub(crate) mod notifications;
pub(crate) mod organizations;
pub(crate) mod profile;
pub(crate) mod security;
pub(crate) mod sign_out;
pub(crate) mod tokens;
