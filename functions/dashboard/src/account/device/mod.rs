//! `/account/device`: signs in a command line with the code that it shows.

pub(crate) mod answer;
pub(crate) mod answered;
pub(crate) mod look_up;
pub(crate) mod page;

use shared::device_sign_in::VERIFICATION_PATH;

use crate::pages::{AccountPage, NavigationItem};

const PATH: &str = VERIFICATION_PATH;

/// The page belongs to the section of the tokens, because it makes one.
const NAVIGATION_ITEM: NavigationItem<'static> = NavigationItem::Account(AccountPage::Tokens);

const TITLE: &str = "Sign in a command line";
