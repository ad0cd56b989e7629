//! `/account/activity`: the person's own log of security events.

use askama::Template;
use axum::extract::State;
use shared::activity::user_log::{UserEvent, list_own_events, list_user_events};
use shared::context::Context;
use shared::dynamo::{DEFAULT_PAGE_SIZE, Page};
use shared::organizations::switcher::load_page_user;
use shared::values::Timezone;

use crate::pages::{
    AccountPage, ActivityFilters, ActivityRow, Frame, Loaded, NavigationItem, PageQuery,
    PageResult, Pager, Visitor, html,
};

const PATH: &str = AccountPage::Activity.path();

#[derive(Template)]
#[template(path = "account/activity.html")]
struct ActivityPage<'a> {
    frame: &'a Frame,
    filters: ActivityFilters,
    events: Loaded<Vec<ActivityRow>>,
    pager: Pager,
    origin: &'a str,
}

/// Shows the log.
pub(crate) async fn activity_page(
    State(ctx): State<Context>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    let (filters, request) = (ActivityFilters::parse(&query)?, query.list(DEFAULT_PAGE_SIZE));
    let (caller, item) = (&visitor.caller, NavigationItem::Account(AccountPage::Activity));
    let (frame, events) = if filters.has_days() {
        // The days of the filter are those of the person's time zone, which is read first.
        let user = load_page_user(&ctx, caller).await?;
        let filter = filters.in_zone(&user.signed_in.user.timezone.clone().unwrap_or_default())?;
        let user_id = user.signed_in.user.id.clone();
        tokio::join!(
            Frame::of_user(&ctx, &visitor.page, user, item),
            list_user_events(&ctx, &user_id, &filter, &request.page)
        )
    } else {
        let filter = filters.in_zone(&Timezone::default())?;
        let (frame, events) = tokio::join!(
            Frame::load(&ctx, &visitor, item),
            list_own_events(&ctx, caller, &filter, &request.page)
        );
        (frame?, events)
    };
    let events: Loaded<Page<UserEvent>> = Loaded::new("Activity", events)?;
    let next_cursor = events.ready().and_then(|page| page.next_cursor.as_deref());
    let pager = Pager::new(PATH, &filters.parameters(), &request, next_cursor);
    let row = |event: &UserEvent| ActivityRow::of_user(&frame, event);
    let events = events.map(|page| page.data.iter().map(row).collect());
    html(&ActivityPage { frame: &frame, filters, events, pager, origin: ctx.config.origin() })
}

impl ActivityPage<'_> {
    /// Returns the command that lists the events.
    fn command(&self) -> String {
        format!("curl {}/v1/me/activity -H \"Authorization: Bearer $AIUS_TOKEN\"", self.origin)
    }
}
