//! `/account/organizations`: the list, creation, invitations that wait, and deleted organizations.

pub(crate) mod answer_invitation;
pub(crate) mod create;
pub(crate) mod page;
pub(crate) mod restore;

use crate::pages::AccountPage;

const PATH: &str = AccountPage::Organizations.path();
