//! The page of an invoice, and its PDF.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;

use super::invoice_pdf::write_pdf;
use super::invoice_view::InvoiceView;
use super::layout::{form_field, render, render_not_found};
use crate::billing::payments::{PaymentOutcome, SessionUsage};
use crate::billing::{invoices, payment_methods, test_cards};
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::simulator::{MOUNT_PATH, StripeSimulator};

#[derive(Template)]
#[template(path = "invoice.html")]
struct InvoicePage {
    invoice: InvoiceView,
    action: String,
    message: Option<String>,
}

/// `GET /invoices/{id}`: shows the invoice.
pub(crate) async fn get(
    State(stripe): State<Arc<StripeSimulator>>,
    Path(id): Path<String>,
) -> Response {
    show(&stripe, &id, StatusCode::OK, None)
}

/// `GET /invoices/{id}/pdf`: returns the invoice as a PDF.
pub(crate) async fn get_pdf(
    State(stripe): State<Arc<StripeSimulator>>,
    Path(id): Path<String>,
) -> Response {
    match find_invoice(&stripe, &id) {
        Ok(invoice) => {
            let invoice = InvoiceView::new(&invoice);
            let disposition = format!("inline; filename=\"Invoice-{}.pdf\"", invoice.number);
            let headers =
                [(CONTENT_TYPE, "application/pdf"), (CONTENT_DISPOSITION, disposition.as_str())];
            (headers, write_pdf(&invoice)).into_response()
        }
        Err(error) => render_not_found(&error),
    }
}

/// `POST /invoices/{id}`: pays an open invoice with another card.
pub(crate) async fn post(
    State(stripe): State<Arc<StripeSimulator>>,
    Path(id): Path<String>,
    form: Bytes,
) -> Response {
    let card = test_cards::normalize_number(&form_field(&form, "card"));
    match stripe.run_and_deliver(|op| pay(op, &id, &card)).await {
        Ok(_) => Redirect::to(&format!("{MOUNT_PATH}/invoices/{id}")).into_response(),
        Err(error) => show(&stripe, &id, error.status, Some(error.message().to_owned())),
    }
}

/// Pays an open invoice with a new card.
///
/// # Errors
/// Fails with 404 if the invoice does not exist, with 400 if it is not open, and with 402 if the card is
/// declined.
fn pay(op: &mut Operation<'_>, id: &str, card: &str) -> ApiResult<Value> {
    let invoice = op.get_object("invoice", id, "id")?.clone();
    if invoice["status"] != "open" {
        return Err(ApiError::invalid_request("Invoice is already paid"));
    }
    // A declined card must not count as an automatic attempt to collect the invoice.
    if let Some(error) = test_cards::find_decline(card, SessionUsage::OnSession) {
        return Err(error);
    }
    let customer = op.text(id, "/customer");
    let method = payment_methods::create(op, card, &invoice["customer_email"]);
    payment_methods::attach(op, &method, &customer);
    match invoices::collect(op, id, Some(&method), SessionUsage::OnSession) {
        PaymentOutcome::Declined(error) => Err(error),
        PaymentOutcome::Succeeded | PaymentOutcome::Processing => {
            Ok(op.get_object("invoice", id, "id")?.clone())
        }
    }
}

fn find_invoice(stripe: &StripeSimulator, id: &str) -> ApiResult<Value> {
    stripe.run(|op| op.get_object("invoice", id, "id").cloned())
}

fn show(
    stripe: &StripeSimulator,
    id: &str,
    status: StatusCode,
    message: Option<String>,
) -> Response {
    match find_invoice(stripe, id) {
        Ok(invoice) => {
            let invoice = InvoiceView::new(&invoice);
            let action = format!("{MOUNT_PATH}/invoices/{id}");
            render(status, &InvoicePage { invoice, action, message }, &[])
        }
        Err(error) => render_not_found(&error),
    }
}
