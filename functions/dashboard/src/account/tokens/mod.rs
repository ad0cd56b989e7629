//! `/account/tokens`: personal tokens.

pub(crate) mod create;
pub(crate) mod page;
pub(crate) mod revoke;

use crate::pages::AccountPage;

const PATH: &str = AccountPage::Tokens.path();
