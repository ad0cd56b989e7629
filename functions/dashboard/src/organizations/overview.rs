//! `/account/organizations/{client_id}`: the overview of an organization.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use shared::activity::ActivityFilter;
use shared::activity::organization_log::list_organization_events;
use shared::billing::daily_usage::read_daily_usage;
use shared::billing::read_credits::{CreditsView, read_credits};
use shared::billing::usage::{Metric, UsageView, read_usage};
use shared::context::Context;
use shared::dynamo::PageRequest;
use shared::error::Error;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::OrganizationView;
use shared::organizations::read::read;
use shared::organizations::rights::Right;
use shared::projects::ProjectView;
use shared::projects::list::list as list_projects;
use shared::stripe::Stripe;

use crate::filters;
use crate::organizations::projects::runs::run_commands;
use crate::organizations::quota_end_text;
use crate::organizations::usage::{MetricText, metric_text, usage_chart};
use crate::pages::{
    ActivityRow, Chart, ForPage, Frame, Loaded, NavigationItem, OrganizationPage, PageResult,
    Visitor, credits_number, credits_text, html,
};

/// Number of events and of projects on the page.
const LATEST: u16 = 5;

#[derive(Template)]
#[template(path = "organizations/overview.html")]
struct OverviewPage<'a> {
    frame: &'a Frame,
    id: &'a OrganizationId,
    organization: OrganizationView,
    /// The balance; `None` if the role does not show it.
    credits: Option<Loaded<CreditsView>>,
    usage: Loaded<UsageView>,
    chart: Loaded<Chart>,
    events: Loaded<Vec<ActivityRow>>,
    projects: Loaded<Vec<ProjectView>>,
    origin: &'a str,
}

/// Shows the overview.
pub(crate) async fn overview_page(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Id(id)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
) -> PageResult {
    let (ctx, caller, latest) = (&ctx, &visitor.caller, latest());
    let all = ActivityFilter::default();
    let (frame, organization, credits, usage, daily, events, projects) = tokio::join!(
        Frame::load(ctx, &visitor, NavigationItem::Organization(&id, OrganizationPage::Overview)),
        read(ctx, caller, &id),
        read_credits(ctx, &stripe, caller, &id),
        read_usage(ctx, caller, &id),
        read_daily_usage(ctx, caller, &id),
        list_organization_events(ctx, caller, &id, &all, &latest),
        list_projects(ctx, caller, &id, &latest),
    );
    let (frame, organization) = (frame?, organization?);
    let credits = match credits {
        Err(Error::NoAccess) => None,
        credits => Some(Loaded::new("The balance", credits)?),
    };
    let events = events.map(|page| {
        page.data.iter().map(|event| ActivityRow::of_organization(&frame, event)).collect()
    });
    html(&OverviewPage {
        frame: &frame,
        id: &id,
        organization,
        credits,
        usage: Loaded::new("Usage", usage)?,
        chart: Loaded::new("Usage", daily.map(|days| usage_chart(&days)))?,
        events: Loaded::new("Activity", events)?,
        projects: Loaded::new("The list of projects", projects.map(|page| page.data))?,
        origin: ctx.config.origin(),
    })
}

fn latest() -> PageRequest {
    PageRequest { limit: LATEST, cursor: None }
}

impl OverviewPage<'_> {
    /// Returns the metrics of the plan that have a limit, in words. Credits have a card of their own.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn meters(&self, usage: &UsageView) -> Vec<MetricText> {
        let has_meter = |metric: &&Metric| metric.limit.is_some() && metric.name != "credits";
        usage.metrics.iter().filter(has_meter).map(metric_text).collect()
    }

    /// Returns a path of the organization.
    fn path(&self, page: OrganizationPage) -> String {
        page.path(self.id)
    }

    /// Returns whether the person has a right. `Frame::can` does not know it without the switcher.
    fn can(&self, right: Right) -> bool {
        self.organization.role.has_right(right)
    }

    /// Returns the credits in words.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn amount(&self, credits: &shared::credits::Credits) -> String {
        credits_text(*credits)
    }

    /// Returns the credits without their unit.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn number(&self, credits: &shared::credits::Credits) -> String {
        credits_number(*credits)
    }

    /// Returns whether there is a quota. Only the first organization of an account has one on the free plan.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn has_quota(&self, credits: &CreditsView) -> bool {
        credits.quota.monthly.micros() > 0
    }

    /// Returns what happens at the end of the quota's period.
    fn quota_end(&self, credits: &CreditsView) -> Option<String> {
        quota_end_text(self.frame, &credits.quota)
    }

    /// Returns how much of the quota is used, in percent.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn quota_percent(&self, credits: &CreditsView) -> u64 {
        let (used, all) = (credits.quota.used.micros(), credits.quota.monthly.micros());
        let percent =
            i128::from(used).checked_mul(100).and_then(|used| used.checked_div(all.into()));
        percent.and_then(|percent| u64::try_from(percent).ok()).unwrap_or_default()
    }

    /// Returns the commands of the quick start.
    fn commands(&self) -> [String; 5] {
        let (origin, id) = (self.origin, self.id);
        let header = "-H \"Authorization: Bearer $AIUS_API_KEY\"";
        let json = "-H \"Content-Type: application/json\"";
        let [start, finish] = run_commands(origin, "$PROJECT");
        [
            format!("curl {origin}/v1/token {header}"),
            format!(
                "PROJECT=$(curl -sS {origin}/v1/projects {header} {json} -d '{{\"org_id\": \"{id}\", \"name\": \"Churn analysis\"}}' \
                 | sed -E 's/.*\"id\":\"(proj_[^\"]+)\".*/\\1/')"
            ),
            format!("curl \"{origin}/v1/projects?org_id={id}\" {header}"),
            start,
            finish,
        ]
    }
}
