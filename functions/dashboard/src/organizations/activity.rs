//! `/account/organizations/{client_id}/activity`: the log of an organization.

use askama::Template;
use axum::extract::State;
use shared::activity::ActivityFilter;
use shared::activity::organization_log::{OrganizationEvent, list_organization_events};
use shared::context::Context;
use shared::dynamo::{DEFAULT_PAGE_SIZE, Page};
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::switcher::load_page_user;
use shared::values::Timezone;

use crate::pages::{
    ActivityFilters, ActivityRow, ForPage, Frame, Loaded, NavigationItem, OrganizationPage,
    PageQuery, PageResult, Pager, Visitor, html,
};

#[derive(Template)]
#[template(path = "organizations/activity.html")]
struct ActivityPage<'a> {
    frame: &'a Frame,
    path: String,
    organization_id: &'a OrganizationId,
    filters: ActivityFilters,
    /// The filter with the times of the days, for the link to the CSV file.
    filter: ActivityFilter,
    events: Loaded<Vec<ActivityRow>>,
    pager: Pager,
    origin: &'a str,
}

/// Shows the log.
pub(crate) async fn activity_page(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    let (filters, request) = (ActivityFilters::parse(&query)?, query.list(DEFAULT_PAGE_SIZE));
    let item = NavigationItem::Organization(&organization, OrganizationPage::Activity);
    let caller = &visitor.caller;
    let (frame, filter, events) = if filters.has_days() {
        // The days of the filter are those of the person's time zone, which is read first.
        let user = load_page_user(&ctx, caller).await?;
        let filter = filters.in_zone(&user.signed_in.user.timezone.clone().unwrap_or_default())?;
        let (frame, events) = tokio::join!(
            Frame::of_user(&ctx, &visitor.page, user, item),
            list_organization_events(&ctx, caller, &organization, &filter, &request.page)
        );
        (frame, filter, events)
    } else {
        let filter = filters.in_zone(&Timezone::default())?;
        let (frame, events) = tokio::join!(
            Frame::load(&ctx, &visitor, item),
            list_organization_events(&ctx, caller, &organization, &filter, &request.page)
        );
        (frame?, filter, events)
    };
    let events: Loaded<Page<OrganizationEvent>> = Loaded::new("Activity", events)?;
    let path = OrganizationPage::Activity.path(&organization);
    let next_cursor = events.ready().and_then(|page| page.next_cursor.as_deref());
    let pager = Pager::new(&path, &filters.parameters(), &request, next_cursor);
    let row = |event: &OrganizationEvent| ActivityRow::of_organization(&frame, event);
    let events = events.map(|page| page.data.iter().map(row).collect());
    html(&ActivityPage {
        frame: &frame,
        path,
        organization_id: &organization,
        filters,
        filter,
        events,
        pager,
        origin: ctx.config.origin(),
    })
}

impl ActivityPage<'_> {
    /// Returns whether the plan includes the CSV file.
    fn has_csv(&self) -> bool {
        self.frame.page_organization().is_some_and(|entry| entry.plan.limits().activity_csv)
    }

    /// Returns the path of the CSV file with the days of the filter.
    fn csv_path(&self) -> String {
        let (from, to) = self.filter.period();
        let seconds = [("from", from), ("to", to)];
        let query =
            seconds.iter().filter_map(|(name, at)| Some((*name, (*at)?.seconds().to_string())));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        format!("/v1/clients/{}/activity.csv?{query}", self.organization_id)
    }

    /// Returns the command that lists the events.
    fn command(&self) -> String {
        format!(
            "curl {}/v1/clients/{}/activity -H \"Authorization: Bearer $AIUS_API_KEY\"",
            self.origin, self.organization_id
        )
    }
}
