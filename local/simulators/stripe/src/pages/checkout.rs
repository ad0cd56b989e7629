//! The page that pays a checkout session.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;

use super::layout::{form_field, format_cents, number, render, render_not_found, text};
use crate::billing::test_cards::TEST_CARDS;
use crate::checkout::payment;
use crate::error::ApiResult;
use crate::simulator::{MOUNT_PATH, StripeSimulator};

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutPage {
    heading: &'static str,
    button: &'static str,
    action: String,
    is_open: bool,
    lines: Vec<CheckoutLine>,
    total: String,
    cards: Vec<(&'static str, &'static str)>,
    message: Option<String>,
}

struct CheckoutLine {
    description: String,
    amount: String,
}

/// `GET /checkout/{id}`: shows the session.
pub(crate) async fn get(
    State(stripe): State<Arc<StripeSimulator>>,
    Path(id): Path<String>,
) -> Response {
    show(&stripe, &id, StatusCode::OK, None)
}

/// `POST /checkout/{id}`: pays or cancels, and redirects to the URL of the session.
pub(crate) async fn post(
    State(stripe): State<Arc<StripeSimulator>>,
    Path(id): Path<String>,
    form: Bytes,
) -> Response {
    let session = stripe.run(|op| op.get_object("checkout.session", &id, "id").cloned());
    let session = match session {
        Ok(session) => session,
        Err(error) => return render_not_found(&error),
    };
    if form_field(&form, "action") == "cancel" {
        return match text(&session, "/cancel_url") {
            url if url.is_empty() => show(&stripe, &id, StatusCode::OK, None),
            url => Redirect::to(&url).into_response(),
        };
    }
    let card = form_field(&form, "card");
    match stripe.run_and_deliver(|op| payment::pay(op, &id, &card)).await {
        Ok(session) => {
            let url = text(&session, "/success_url").replace("{CHECKOUT_SESSION_ID}", &id);
            Redirect::to(&url).into_response()
        }
        Err(error) => show(&stripe, &id, error.status, Some(error.message().to_owned())),
    }
}

fn show(
    stripe: &StripeSimulator,
    id: &str,
    status: StatusCode,
    message: Option<String>,
) -> Response {
    let found: ApiResult<(Value, Vec<Value>)> = stripe.run(|op| {
        let session = op.get_object("checkout.session", id, "id")?.clone();
        let details = op.store.checkout_details.get(id);
        Ok((session, details.map(|details| details.line_items.clone()).unwrap_or_default()))
    });
    let (session, items) = match found {
        Ok(found) => found,
        Err(error) => return render_not_found(&error),
    };
    let (heading, button) = match text(&session, "/mode").as_str() {
        "subscription" => ("Subscribe", "Subscribe"),
        "setup" => ("Save a card", "Save"),
        _ => ("Pay", "Pay"),
    };
    let is_open = session["status"] == "open";
    let closed = (!is_open).then(|| {
        format!("This page is no longer open. Its status is {}.", text(&session, "/status"))
    });
    let page = CheckoutPage {
        heading,
        button,
        action: format!("{MOUNT_PATH}/checkout/{id}"),
        is_open,
        lines: items.iter().map(CheckoutLine::new).collect(),
        total: format_cents(number(&session, "/amount_total")),
        cards: TEST_CARDS.to_vec(),
        message: message.or(closed),
    };
    let targets = [text(&session, "/success_url"), text(&session, "/cancel_url")];
    render(status, &page, &[&targets[0], &targets[1]])
}

impl CheckoutLine {
    fn new(item: &Value) -> Self {
        let quantity = number(item, "/quantity");
        let suffix = if item["price"]["recurring"].is_null() { "" } else { " a month" };
        Self {
            description: format!("{quantity} × {}", text(item, "/description")),
            amount: format!("{}{suffix}", format_cents(number(item, "/amount_total"))),
        }
    }
}
