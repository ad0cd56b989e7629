//! What all pages share: the request, the response, errors, messages, and the frame around the content.
//!
//! | file | contents |
//! |---|---|
//! | `page_context.rs`, `page_query.rs`, `visitor.rs` | extractors: a page's request, query and signed-in user |
//! | `for_page.rs` | extractors of the API, whose rejections are shown as pages |
//! | `frame.rs`, `navigation_item.rs` | header, navigation, switcher and banners of a signed-in page |
//! | `html.rs` | the response of a page |
//! | `page_error.rs`, `error_page.rs` | why there is no page, and the page that says so |
//! | `last_organization.rs` | the organization that the navigation keeps |
//! | `loaded.rs` | a part of a page that may be unavailable while the rest works |
//! | `redirects.rs`, `flash.rs` | redirects, and the message after one |
//! | `passkey_offer.rs` | the offer to add a passkey after a sign-in |
//! | `reauthenticate.rs` | asks for a proof of identity, then goes on with what was typed |
//! | `time_text.rs`, `number_text.rs`, `scope_text.rs` | times, credits, money, sizes and scopes in words |
//! | `markdown.rs` | Markdown of people as safe HTML |
//! | `page_query.rs` | filters and cursors in a page's query |
//! | `list_request.rs`, `pager.rs` | the requested page of a list, the search in it, and links to the other pages |
//! | `activity_text.rs`, `activity_rows.rs`, `activity_filters.rs` | the events of an activity log as sentences |
//! | `chart.rs`, `meter_level.rs` | bar charts, and how much a meter warns |
//! | `confirm.rs` | the confirmation of a destructive action |
//! | `device_text.rs` | browsers and systems in words |
//! | `date_range.rs` | a period of days in a page's query |

mod activity_filters;
mod activity_rows;
mod activity_text;
mod chart;
mod confirm;
mod date_range;
mod device_text;
mod error_page;
pub(crate) mod flash;
mod for_page;
mod frame;
mod html;
pub(crate) mod last_organization;
mod list_request;
mod loaded;
mod markdown;
mod meter_level;
mod navigation_item;
mod number_text;
mod page_context;
mod page_error;
mod page_query;
mod pager;
pub(crate) mod passkey_offer;
pub(crate) mod reauthenticate;
pub(crate) mod redirects;
mod scope_text;
mod time_text;
mod visitor;

pub(crate) use activity_filters::ActivityFilters;
pub(crate) use activity_rows::{ActivityRow, kind_label, own_activity_text};
pub(crate) use chart::{Chart, ChartPoint, ChartTexts};
pub(crate) use confirm::{Confirmation, confirm_page};
pub(crate) use date_range::DateRange;
pub(crate) use device_text::device_text;
pub(crate) use error_page::error_page;
pub(crate) use for_page::ForPage;
pub(crate) use frame::Frame;
pub(crate) use html::{PagePolicy, html, html_with_policy};
pub(crate) use list_request::{ListRequest, SearchField};
pub(crate) use loaded::Loaded;
pub(crate) use markdown::markdown_html;
pub(crate) use meter_level::meter_level;
pub(crate) use navigation_item::{AccountPage, NavigationItem, OrganizationPage};
pub(crate) use number_text::{credits_number, credits_text, grouped, money_text, size_text};
pub(crate) use page_context::PageContext;
pub(crate) use page_error::{PageError, PageFailure, PageResult};
pub(crate) use page_query::PageQuery;
pub(crate) use pager::Pager;
pub(crate) use scope_text::{scope_label, scope_text};
pub(crate) use time_text::TimeText;
pub(crate) use visitor::Visitor;

/// Answers a path that no page has.
pub(crate) async fn no_such_page() -> PageError {
    PageError::NoSuchPage
}
