//! The page of an invoice, and its PDF.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;

use super::cards::{self, Session};
use super::page::{field, gone, show};
use super::paper::Paper;
use super::payments::Paid;
use super::pdf::pdf;
use super::refusal::Refusal;
use super::work::{Result, Work};
use super::{PATH, Stripe, control, invoices};

#[derive(Template)]
#[template(path = "stripe/invoice.html")]
struct Shown {
    paper: Paper,
    action: String,
    message: Option<String>,
}

/// `GET`
pub(super) async fn get(State(stripe): State<Arc<Stripe>>, Path(id): Path<String>) -> Response {
    page(&stripe, &id, StatusCode::OK, None)
}

/// `GET …/pdf`
pub(super) async fn file(State(stripe): State<Arc<Stripe>>, Path(id): Path<String>) -> Response {
    match invoice(&stripe, &id) {
        Ok(invoice) => {
            let paper = Paper::of(&invoice);
            let name = format!("inline; filename=\"Invoice-{}.pdf\"", paper.number);
            let headers = [(CONTENT_TYPE, "application/pdf"), (CONTENT_DISPOSITION, name.as_str())];
            (headers, pdf(&paper)).into_response()
        }
        Err(refusal) => gone(&refusal),
    }
}

/// `POST` of the form: pays an open one with another card.
pub(super) async fn post(
    State(stripe): State<Arc<Stripe>>,
    Path(id): Path<String>,
    form: Bytes,
) -> Response {
    let card = cards::digits(&field(&form, "card"));
    match control::act(&stripe, |work| pay(work, &id, &card)).await {
        Ok(_) => Redirect::to(&format!("{PATH}/invoices/{id}")).into_response(),
        Err(refusal) => page(&stripe, &id, refusal.status, Some(refusal.message().to_owned())),
    }
}

fn pay(work: &mut Work<'_>, id: &str, card: &str) -> Result<Value> {
    let invoice = work.get("invoice", id, "id")?.clone();
    if invoice["status"] != "open" {
        return Err(Refusal::invalid("Invoice is already paid"));
    }
    // A card that is declined here leaves the retries as they were.
    if let Some(refusal) = cards::decline(card, Session::On) {
        return Err(refusal);
    }
    let customer = work.text(id, "/customer");
    let method = cards::make(work, card, &invoice["customer_email"]);
    cards::attach(work, &method, &customer);
    match invoices::collect(work, id, Some(&method), Session::On) {
        Paid::Declined(refusal) => Err(refusal),
        Paid::Succeeded | Paid::Processing => Ok(work.get("invoice", id, "id")?.clone()),
    }
}

fn invoice(stripe: &Stripe, id: &str) -> Result<Value> {
    stripe.work((None, None), |work| work.get("invoice", id, "id").cloned())
}

fn page(stripe: &Stripe, id: &str, status: StatusCode, message: Option<String>) -> Response {
    match invoice(stripe, id) {
        Ok(invoice) => {
            let action = format!("{PATH}/invoices/{id}");
            show(status, &Shown { paper: Paper::of(&invoice), action, message }, &[])
        }
        Err(refusal) => gone(&refusal),
    }
}
