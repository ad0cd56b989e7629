//! `/account/organizations/{client_id}/settings/delete`: says what is lost, and deletes the organization.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::api_keys::list::list as list_keys;
use shared::billing::read_credits::read_credits;
use shared::billing::read_subscription::{SubscriptionView, read_subscription};
use shared::billing::usage::{Amount, UsageView, read_usage};
use shared::context::Context;
use shared::credits::Credits;
use shared::dynamo::{MAX_PAGE_SIZE, PageRequest};
use shared::error::Error;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::OrganizationView;
use shared::organizations::delete::delete;
use shared::organizations::read::read;
use shared::organizations::rights::Right;
use shared::organizations::scheduled_deletion::ORGANIZATION_GRACE_PERIOD;
use shared::stripe::Stripe;

use super::settings_path;
use crate::forms::Submission;
use crate::organizations::plan_label;
use crate::pages::{
    AccountPage, ForPage, Frame, Loaded, NavigationItem, OrganizationPage, PageError, PageResult,
    Visitor, credits_text, html, money_text, redirects,
};

/// Number of days within which a deleted organization can be restored.
pub(crate) const RESTORE_DAYS: u64 = ORGANIZATION_GRACE_PERIOD.as_secs() / (24 * 60 * 60);

#[derive(Template)]
#[template(path = "organizations/settings/delete.html")]
struct DeletePage<'a> {
    frame: &'a Frame,
    path: String,
    organization: OrganizationView,
    /// Sentences about what cannot be loaded. The list of what is lost names it in general words.
    unavailable: Vec<String>,
    usage: Loaded<UsageView>,
    /// The number of keys that work, in words.
    keys: String,
    /// The subscription that ends, in words.
    subscription: Option<String>,
    credits: Option<String>,
    /// The day until which the organization can be restored.
    until: String,
}

/// Shows what is lost.
pub(crate) async fn delete_page(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
) -> PageResult {
    show(&ctx, &stripe, &organization, &visitor).await
}

async fn show(
    ctx: &Context,
    stripe: &Stripe,
    id: &OrganizationId,
    visitor: &Visitor,
) -> PageResult {
    let (caller, item) =
        (&visitor.caller, NavigationItem::Organization(id, OrganizationPage::Settings));
    let first = PageRequest { limit: MAX_PAGE_SIZE, cursor: None };
    let (frame, organization, usage, keys, subscription, credits) = tokio::join!(
        Frame::load(ctx, visitor, item),
        read(ctx, caller, id),
        read_usage(ctx, caller, id),
        list_keys(ctx, caller, id, &first),
        read_subscription(ctx, caller, id),
        read_credits(ctx, stripe, caller, id),
    );
    let (frame, organization) = (frame?, organization?);
    if !organization.role.has_right(Right::Delete) {
        return Err(PageError::Operation(Error::NoAccess));
    }
    let frame = frame.with_title(format!("Delete {}", organization.name));
    let usage = Loaded::new("The number of projects and files", usage)?;
    let keys = Loaded::new("The list of API keys", keys)?;
    let subscription = Loaded::new("The subscription", subscription)?;
    let credits = Loaded::new("The balance", credits)?;
    let messages = [usage.message(), keys.message(), subscription.message(), credits.message()];
    let unavailable = messages.into_iter().flatten().map(str::to_owned).collect();
    let keys = match keys {
        Loaded::Unavailable(_) => "All API keys".to_owned(),
        Loaded::Ready(page) => {
            let working = page.data.iter().filter(|key| key.revoked_at.is_none()).count();
            let more = if page.next_cursor.is_some() { " or more" } else { "" };
            counted(u64::try_from(working).unwrap_or_default(), &format!("{more} API key"))
        }
    };
    let subscription = match subscription {
        Loaded::Unavailable(_) => Some("The subscription, if there is one".to_owned()),
        Loaded::Ready(view) => subscription_text(&view),
    };
    let credits = match credits {
        Loaded::Unavailable(_) => Some("All credits".to_owned()),
        Loaded::Ready(view) => {
            (view.balance > Credits::default()).then(|| credits_text(view.balance))
        }
    };
    let until = frame.time(&ctx.now().plus(ORGANIZATION_GRACE_PERIOD)).day;
    let page = html(&DeletePage {
        frame: &frame,
        path: settings_path(id),
        organization,
        unavailable,
        usage,
        keys,
        subscription,
        credits,
        until,
    })?;
    Ok((visitor.page.form_state.status(), page).into_response())
}

/// Returns the subscription that ends with the organization; `None` if none is charged.
fn subscription_text(subscription: &SubscriptionView) -> Option<String> {
    subscription.current_period_end?;
    let plan = plan_label(subscription.plan_name);
    Some(match subscription.plan_name.price() {
        Some(price) if price > 0 => {
            format!("The {plan} plan ({} a month), at once", money_text(price.into()))
        }
        _ => format!("The {plan} plan, at once"),
    })
}

/// Returns a number with a noun: "1 project", "2 projects".
fn counted(number: u64, noun: &str) -> String {
    let noun = noun.trim_start();
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Deletes the organization, and leads to the list, from which it can be restored.
pub(crate) async fn delete_organization(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    submission: Submission,
) -> PageResult {
    let caller = &submission.visitor.caller;
    match delete(&ctx, caller, &organization, submission.fields.get("confirm")).await {
        Ok(_) => {
            let message =
                format!("Organization deleted. You can restore it for {RESTORE_DAYS} days.");
            Ok(redirects::done(AccountPage::Organizations.path(), &message))
        }
        Err(error) => {
            let path = submission.action.clone();
            let state = submission.refused(error)?;
            let visitor = submission.visitor.with_form(&path, state);
            show(&ctx, &stripe, &organization, &visitor).await
        }
    }
}

impl DeletePage<'_> {
    /// Returns the path that the form posts to.
    fn form_path(&self) -> String {
        format!("{}/delete", self.path)
    }

    /// Returns the label of the field for the typed name.
    fn confirm_label(&self) -> String {
        format!("Type {} to confirm", self.organization.name)
    }

    /// Returns how many projects and files are lost, in words.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn contents(&self, usage: &UsageView) -> Vec<String> {
        let nouns = [("projects", "project"), ("stored_files", "stored file")];
        let contents = nouns.iter().filter_map(|(name, noun)| {
            let metric = usage.metrics.iter().find(|metric| metric.name == *name)?;
            match metric.used {
                Amount::Count(count) => Some(counted(count, noun)),
                Amount::Credits(_) => None,
            }
        });
        contents.collect()
    }
}
