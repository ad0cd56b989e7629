//! `/account/organizations/{client_id}/billing/transactions`: all changes of the credit balance.

use askama::Template;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use shared::billing::export_transactions::{MAX_CSV_TRANSACTIONS, export_transactions};
use shared::billing::ledger::EntryKind;
use shared::billing::ledger::TransactionView;
use shared::billing::list_transactions::{TransactionFilter, list_filtered_transactions};
use shared::context::Context;
use shared::dynamo::{Page, PageRequest};
use shared::error::{Error, Result};
use shared::http::Id;
use shared::ids::OrganizationId;
use shared::organizations::rights::Right;
use shared::organizations::switcher::load_page_user;
use shared::values::Timezone;

use super::transaction_rows::{TransactionRow, kind_label};
use crate::pages::{
    DateRange, ForPage, Frame, Loaded, NavigationItem, OrganizationPage, PageError, PageQuery,
    PageResult, Pager, Visitor, grouped, html,
};

const PAGE_SIZE: u16 = 50;

#[derive(Template)]
#[template(path = "organizations/billing/transactions.html")]
struct TransactionsPage<'a> {
    frame: &'a Frame,
    path: String,
    billing_path: String,
    filters: Filters<'a>,
    rows: Loaded<Vec<TransactionRow>>,
    pager: Pager,
    origin: &'a str,
    organization_id: &'a OrganizationId,
}

/// The filters of the list, as a page's query names them.
struct Filters<'a> {
    kind: Option<EntryKind>,
    range: DateRange,
    /// The chosen kind, or an empty text.
    kind_name: &'a str,
    /// The first day, or an empty text.
    from: &'a str,
    /// The last day, or an empty text.
    to: &'a str,
}

impl<'a> Filters<'a> {
    fn parse(query: &'a PageQuery) -> Result<Self> {
        let kind = query.optional("type").map(|name| {
            let known = EntryKind::ALL.into_iter().find(|kind| kind.name() == name);
            known.ok_or_else(|| Error::invalid_field("type", "must be a type of transactions"))
        });
        Ok(Self {
            kind: kind.transpose()?,
            range: DateRange::parse(query)?,
            kind_name: query.get("type"),
            from: query.get("from"),
            to: query.get("to"),
        })
    }

    /// Returns the filter of the ledger, with days of a time zone.
    fn in_zone(&self, zone: &Timezone) -> TransactionFilter {
        let (from, to) = self.range.bounds(zone);
        TransactionFilter { kind: self.kind, from, to }
    }

    /// Returns whether any filter is set.
    fn is_set(&self) -> bool {
        self.kind.is_some() || !self.range.is_unlimited()
    }

    /// Returns the parameters for links to other pages of the list, and to the file.
    fn parameters(&self) -> [(&'static str, &'a str); 3] {
        [("type", self.kind_name), ("from", self.from), ("to", self.to)]
    }
}

/// Shows the transactions, newest first.
pub(crate) async fn transactions_page(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    let (request, filters) = (query.list(PAGE_SIZE), Filters::parse(&query)?);
    let (frame, listed) = load(&ctx, &visitor, &organization, &filters, &request.page).await?;
    let listed = Loaded::new("The list of transactions", listed)?;
    let frame = frame.with_title("Transactions");
    let billing_path = OrganizationPage::Billing.path(&organization);
    let path = format!("{billing_path}/transactions");
    let next_cursor = listed.ready().and_then(|page| page.next_cursor.as_deref());
    let pager = Pager::new(&path, &filters.parameters(), &request, next_cursor);
    let rows = listed.map(|page| TransactionRow::all(&frame, &page.data));
    let origin = ctx.config.origin();
    html(&TransactionsPage {
        frame: &frame,
        path,
        billing_path,
        filters,
        rows,
        pager,
        origin,
        organization_id: &organization,
    })
}

/// Reads the frame and, unless the filter needs the person's time zone first, the transactions at the same time.
async fn load(
    ctx: &Context,
    visitor: &Visitor,
    organization: &OrganizationId,
    filters: &Filters<'_>,
    request: &PageRequest,
) -> std::result::Result<(Frame, Result<Page<TransactionView>>), PageError> {
    let caller = &visitor.caller;
    let item = NavigationItem::Organization(organization, OrganizationPage::Billing);
    if filters.range.is_unlimited() {
        let filter = filters.in_zone(&Timezone::default());
        let (frame, listed) = tokio::join!(
            Frame::load(ctx, visitor, item),
            list_filtered_transactions(ctx, caller, organization, &filter, request)
        );
        return Ok((frame?, listed));
    }
    let user = load_page_user(ctx, caller).await?;
    let filter = filters.in_zone(&user.signed_in.user.timezone.clone().unwrap_or_default());
    Ok(tokio::join!(
        Frame::of_user(ctx, &visitor.page, user, item),
        list_filtered_transactions(ctx, caller, organization, &filter, request)
    ))
}

/// Returns the transactions as CSV.
pub(crate) async fn transactions_csv(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    let filters = Filters::parse(&query)?;
    let user = load_page_user(&ctx, &visitor.caller).await?;
    let filter = filters.in_zone(&user.signed_in.user.timezone.clone().unwrap_or_default());
    let csv = export_transactions(&ctx, &visitor.caller, &organization, &filter).await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"transactions.csv\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, csv).into_response())
}

impl TransactionsPage<'_> {
    /// Returns whether a kind is the chosen one.
    fn is_kind(&self, name: &str) -> bool {
        self.filters.kind_name == name
    }

    /// Returns the path of the file with the same filters.
    fn csv_path(&self) -> String {
        let set = self.filters.parameters().into_iter().filter(|(_, value)| !value.is_empty());
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(set).finish();
        format!("{}.csv?{query}", self.path)
    }

    /// Returns what the file has.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn csv_help(&self) -> String {
        format!(
            "The file has up to {} of these transactions, newest first. Choose a period for older ones.",
            grouped(MAX_CSV_TRANSACTIONS.into())
        )
    }

    /// Returns whether the person may buy credits.
    fn can_buy(&self) -> bool {
        self.frame.can(Right::ManageBilling)
    }

    /// Returns the command that lists the transactions.
    fn command(&self) -> String {
        format!(
            "curl {}/v1/clients/{}/credits/transactions -H \"Authorization: Bearer $AIUS_API_KEY\"",
            self.origin, self.organization_id
        )
    }

    /// Returns names and labels of the kinds.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        EntryKind::ALL.into_iter().map(|kind| (kind.name(), kind_label(kind)))
    }
}
