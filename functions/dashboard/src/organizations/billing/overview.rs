//! `/account/organizations/{client_id}/billing`: plan, credits, cards, invoices and transactions.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::billing::daily_usage::read_daily_usage;
use shared::billing::hosted_pages::top_up::{MAX_TOP_UP_CREDITS, MIN_TOP_UP_CREDITS};
use shared::billing::invoices::{InvoiceView, list_invoices};
use shared::billing::list_transactions::list_transactions;
use shared::billing::payment_methods::list::list_payment_methods;
use shared::billing::read_credits::read_credits;
use shared::billing::read_subscription::read_subscription;
use shared::context::Context;
use shared::dynamo::{MAX_PAGE_SIZE, PageRequest};
use shared::error::Error;
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::stripe::Stripe;

use super::credits_card::CreditsCard;
use super::method_rows::MethodRow;
use super::outcome::{HostedPageOutcome, Notice};
use super::payment_card::PaymentCard;
use super::plan_card::PlanCard;
use super::stripe_policy::stripe_policy;
use super::transaction_rows::TransactionRow;
use crate::filters;
use crate::forms::{FormState, Submission};
use crate::pages::{
    ForPage, Frame, ListRequest, Loaded, NavigationItem, OrganizationPage, PageQuery, PageResult,
    Pager, TimeText, Visitor, grouped, html_with_policy, money_text,
};

/// Invoices on one page.
pub(super) const INVOICES: u16 = 12;

/// Transactions on the page. They have a page of their own with all of them.
const SHOWN_TRANSACTIONS: u16 = 10;

/// Amounts of credits to choose from. Any other can be typed.
const TOP_UP_AMOUNTS: [u32; 5] = [500, 1_000, 5_000, 10_000, 50_000];

/// The organization whose billing a request shows or changes, with the clients for that.
#[derive(Clone, Copy)]
pub(super) struct BillingContext<'a> {
    pub(super) ctx: &'a Context,
    pub(super) stripe: &'a Stripe,
    pub(super) organization: &'a OrganizationId,
}

#[derive(Template)]
#[template(path = "organizations/billing/overview.html")]
struct BillingPage<'a> {
    frame: &'a Frame,
    path: String,
    /// What a visit to Stripe led to.
    notice: Option<Notice>,
    /// What only the owner sees.
    owner: Option<OwnerCards>,
    credits: Loaded<CreditsCard>,
    transactions: Loaded<Vec<TransactionRow>>,
}

/// The cards that only the owner sees.
struct OwnerCards {
    payment: Option<PaymentCard>,
    plan: Loaded<PlanCard>,
    methods: Loaded<Vec<MethodRow>>,
    invoices: Loaded<Vec<InvoiceRow>>,
    invoice_pager: Pager,
}

/// An invoice in a table.
struct InvoiceRow {
    id: String,
    number: String,
    created: TimeText,
    amount: String,
    status: String,
    /// The class of the status's badge.
    badge: &'static str,
    /// The page at Stripe where an open invoice is paid.
    pay_url: Option<String>,
    has_pdf: bool,
}

/// Shows the billing of an organization.
pub(crate) async fn billing_page(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    let context = BillingContext { ctx: &ctx, stripe: &stripe, organization: &organization };
    let outcome = HostedPageOutcome::parse(query.get(HostedPageOutcome::PARAMETER));
    show(context, &visitor, outcome, &query.list(INVOICES)).await
}

/// Shows the billing page again after one of its forms was refused.
pub(super) async fn show_again(
    context: BillingContext<'_>,
    submission: Submission,
    state: FormState,
) -> PageResult {
    let status = state.status();
    let path = OrganizationPage::Billing.path(context.organization);
    let visitor = submission.visitor.with_form(&path, state);
    let request = ListRequest::first(INVOICES);
    Ok((status, show(context, &visitor, None, &request).await?).into_response())
}

async fn show(
    context: BillingContext<'_>,
    visitor: &Visitor,
    outcome: Option<HostedPageOutcome>,
    request: &ListRequest,
) -> PageResult {
    let (BillingContext { ctx, stripe, organization }, caller) = (context, &visitor.caller);
    let item = NavigationItem::Organization(organization, OrganizationPage::Billing);
    let latest = PageRequest { limit: SHOWN_TRANSACTIONS, cursor: None };
    let all = PageRequest { limit: MAX_PAGE_SIZE, cursor: None };
    let (frame, subscription, credits, days, transactions, invoices, methods) = tokio::join!(
        Frame::load(ctx, visitor, item),
        read_subscription(ctx, caller, organization),
        read_credits(ctx, stripe, caller, organization),
        read_daily_usage(ctx, caller, organization),
        list_transactions(ctx, caller, organization, &latest),
        list_invoices(ctx, stripe, caller, organization, &request.page),
        list_payment_methods(ctx, stripe, caller, organization, &all),
    );
    let (frame, path) = (frame?, OrganizationPage::Billing.path(organization));
    let days = Loaded::new("The usage by day", days)?;
    let credits = Loaded::new("The balance", credits)?
        .map(|credits| CreditsCard::new(&frame, &credits, &days));
    let transactions = Loaded::new("The list of transactions", transactions)?;
    let owner = if matches!(subscription, Err(Error::NoAccess)) {
        None
    } else {
        let subscription = Loaded::new("The subscription", subscription)?;
        let invoices = Loaded::new("Stripe", invoices)?;
        let next_cursor = invoices.ready().and_then(|page| page.next_cursor.as_deref());
        Some(OwnerCards {
            payment: subscription
                .ready()
                .and_then(|subscription| PaymentCard::new(&frame, subscription, &invoices)),
            plan: subscription.map(|subscription| PlanCard::new(&frame, stripe, &subscription)),
            methods: Loaded::new("Stripe", methods)?
                .map(|page| page.data.iter().map(MethodRow::new).collect()),
            invoice_pager: Pager::new(&path, &[], request, next_cursor),
            invoices: invoices
                .map(|page| page.data.iter().map(|own| invoice_row(&frame, own)).collect()),
        })
    };
    let notice = outcome.map(|outcome| {
        let plan = owner.as_ref().and_then(|cards| cards.plan.ready());
        let latest = transactions.ready().map_or(&[][..], |page| &page.data);
        outcome.notice(plan, latest, frame.page.now)
    });
    let transactions = transactions.map(|page| TransactionRow::all(&frame, &page.data));
    let page = BillingPage { frame: &frame, path, notice, owner, credits, transactions };
    html_with_policy(&page, &stripe_policy())
}

fn invoice_row(frame: &Frame, invoice: &InvoiceView) -> InvoiceRow {
    let badge = match invoice.status.as_str() {
        "paid" => "good",
        "open" => "warn",
        "uncollectible" => "bad",
        _ => "",
    };
    let amount = if invoice.status == "paid" { invoice.amount_paid } else { invoice.amount_due };
    let pay_url = invoice.hosted_url.clone().filter(|_| invoice.status == "open");
    InvoiceRow {
        id: invoice.id.clone(),
        number: invoice.number.clone().unwrap_or_else(|| "Draft".to_owned()),
        created: frame.time(&invoice.created_at),
        amount: money_text(amount),
        status: invoice.status.clone(),
        badge,
        pay_url,
        has_pdf: invoice.hosted_url.is_some(),
    }
}

impl BillingPage<'_> {
    /// Returns the amounts of credits to choose from, with their prices.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn amounts(&self) -> impl Iterator<Item = (u32, String)> {
        TOP_UP_AMOUNTS.into_iter().map(|credits| {
            (
                credits,
                format!("{} credits for {}", grouped(credits.into()), money_text(credits.into())),
            )
        })
    }

    /// Returns the help of the field of credits.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn amount_help(&self) -> String {
        format!(
            "From {} to {}. 1,000 credits cost {}. They do not expire.",
            grouped(MIN_TOP_UP_CREDITS.into()),
            grouped(MAX_TOP_UP_CREDITS.into()),
            money_text(1_000)
        )
    }

    /// Returns the attributes of the field of credits.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn amount_attributes(&self) -> String {
        format!(
            "required inputmode=\"numeric\" min={MIN_TOP_UP_CREDITS} max={MAX_TOP_UP_CREDITS} step=1 list=\"amounts\""
        )
    }

    /// Returns the payment that is due.
    fn payment(&self) -> Option<&PaymentCard> {
        self.owner.as_ref()?.payment.as_ref()
    }

    /// Returns whether a plan is paid for, or is not known.
    fn is_subscribed(&self) -> bool {
        let plan = self.owner.as_ref().and_then(|cards| cards.plan.ready());
        plan.is_none_or(|plan| plan.is_live)
    }

    /// Returns whether a payment method may be removed: the default pays for the plan.
    fn can_remove(&self, row: &MethodRow) -> bool {
        !(row.is_default && self.is_subscribed())
    }

    /// Returns the path of an action on a payment method.
    fn method_action(&self, row: &MethodRow, action: &str) -> String {
        format!("{}/cards/{}/{action}", self.path, row.id)
    }

    /// Returns a path below the page.
    fn subpath(&self, part: &str) -> String {
        format!("{}/{part}", self.path)
    }
}
