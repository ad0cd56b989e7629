//! What all pages share: the request, the response, errors, messages, and the frame around the content.
//!
//! | file | contents |
//! |---|---|
//! | `page_context.rs`, `page_query.rs`, `visitor.rs` | extractors: a page's request, its query, and its signed-in user |
//! | `frame.rs`, `place.rs` | header, navigation, switcher and banners of a signed-in page |
//! | `html.rs` | the response of a page |
//! | `page_error.rs`, `error_page.rs` | why there is no page, and the page that says so |
//! | `loaded.rs` | a part of a page that may be unavailable while the rest works |
//! | `redirects.rs`, `flash.rs` | redirects, and the message after one |
//! | `reauthenticate.rs` | asks for a proof of identity, then goes on with what was typed |
//! | `time_text.rs`, `number_text.rs` | times, credits, money and sizes in words |
//! | `pager.rs` | links to the next page of a list |

mod error_page;
pub(crate) mod flash;
mod frame;
mod html;
mod loaded;
mod number_text;
mod page_context;
mod page_error;
mod page_query;
mod pager;
mod place;
pub(crate) mod reauthenticate;
pub(crate) mod redirects;
mod time_text;
mod visitor;

pub(crate) use error_page::error_page;
pub(crate) use frame::Frame;
pub(crate) use html::{PagePolicy, html, html_with_policy};
pub(crate) use loaded::Loaded;
pub(crate) use number_text::{credits_text, money_text, size_text};
pub(crate) use page_context::PageContext;
pub(crate) use page_error::{PageError, PageFailure, PageResult};
pub(crate) use page_query::PageQuery;
pub(crate) use pager::Pager;
pub(crate) use place::{AccountPage, OrganizationPage, Place};
pub(crate) use time_text::{TimeText, time_zone};
pub(crate) use visitor::Visitor;

/// Answers a path that no page has.
pub(crate) async fn no_such_page() -> PageError {
    PageError::NoSuchPage
}
