//! `/account/organizations/{client_id}/billing/transactions`: all changes of the credit balance.

use askama::Template;
use axum::extract::State;
use shared::billing::ledger::EntryKind;
use shared::billing::list_transactions::list_transactions_of_kind;
use shared::context::Context;
use shared::error::Error;
use shared::http::Id;
use shared::ids::OrganizationId;

use super::transaction_rows::{TransactionRow, kind_label};
use crate::pages::{
    ForPage, Frame, Loaded, OrganizationPage, PageQuery, PageResult, Pager, Place, Visitor, html,
};

/// Transactions on one page.
const PAGE_SIZE: u16 = 50;

#[derive(Template)]
#[template(path = "organizations/billing/transactions.html")]
struct TransactionsPage<'a> {
    frame: &'a Frame,
    path: String,
    billing_path: String,
    /// The chosen kind, or an empty text.
    kind: &'a str,
    rows: Loaded<Vec<TransactionRow>>,
    pager: Pager,
}

/// Shows the transactions, newest first.
pub(crate) async fn transactions_page(
    State(ctx): State<Context>,
    ForPage(Id(organization)): ForPage<Id<OrganizationId>>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    let (request, kind) = (query.page(PAGE_SIZE), query.get("type"));
    let wanted = match query.optional("type") {
        None => None,
        Some(name) => {
            let known = EntryKind::ALL.into_iter().find(|kind| kind.name() == name);
            let refused = || Error::invalid_field("type", "must be a type of transactions");
            Some(known.ok_or_else(refused)?)
        }
    };
    let place = Place::Organization(&organization, OrganizationPage::Billing);
    let (frame, listed) = tokio::join!(
        Frame::load(&ctx, &visitor, place),
        list_transactions_of_kind(&ctx, &visitor.caller, &organization, wanted, &request)
    );
    let (frame, listed) = (frame?, Loaded::new("The list of transactions", listed)?);
    let frame = frame.with_title("Transactions");
    let billing_path = OrganizationPage::Billing.path(&organization);
    let path = format!("{billing_path}/transactions");
    let next_cursor = listed.ready().and_then(|page| page.next_cursor.as_deref());
    let pager = Pager::new(&path, &[("type", kind)], request.cursor.as_deref(), next_cursor);
    let rows = listed.map(|page| TransactionRow::all(&frame, &page.data));
    html(&TransactionsPage { frame: &frame, path, billing_path, kind, rows, pager })
}

impl TransactionsPage<'_> {
    /// Returns whether a kind is the chosen one.
    fn is_kind(&self, name: &str) -> bool {
        self.kind == name
    }

    /// Returns names and labels of the kinds.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        EntryKind::ALL.into_iter().map(|kind| (kind.name(), kind_label(kind)))
    }
}
