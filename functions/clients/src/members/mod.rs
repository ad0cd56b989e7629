//! `/v1/clients/{client_id}/members`, `…/leave` and `…/transfer`

pub(crate) mod change_role;
pub(crate) mod leave;
pub(crate) mod list;
pub(crate) mod remove;
pub(crate) mod transfer;
