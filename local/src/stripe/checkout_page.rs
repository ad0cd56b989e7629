//! The page to pay on.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;

use super::cards::CARDS;
use super::page::{field, gone, money, number, show, text};
use super::{PATH, Stripe, control, paying};

#[derive(Template)]
#[template(path = "stripe/checkout.html")]
struct Checkout {
    heading: &'static str,
    verb: &'static str,
    action: String,
    is_open: bool,
    lines: Vec<Line>,
    total: String,
    cards: Vec<(&'static str, &'static str)>,
    message: Option<String>,
}

struct Line {
    what: String,
    amount: String,
}

/// `GET`
pub(super) async fn get(State(stripe): State<Arc<Stripe>>, Path(id): Path<String>) -> Response {
    page(&stripe, &id, StatusCode::OK, None)
}

/// `POST` of the form: on to where the session says.
pub(super) async fn post(
    State(stripe): State<Arc<Stripe>>,
    Path(id): Path<String>,
    form: Bytes,
) -> Response {
    let session =
        stripe.work((None, None), |work| work.get("checkout.session", &id, "id").cloned());
    let session = match session {
        Ok(session) => session,
        Err(refusal) => return gone(&refusal),
    };
    if field(&form, "action") == "cancel" {
        return match text(&session, "/cancel_url") {
            url if url.is_empty() => page(&stripe, &id, StatusCode::OK, None),
            url => Redirect::to(&url).into_response(),
        };
    }
    let card = field(&form, "card");
    match control::act(&stripe, |work| paying::pay(work, &id, &card)).await {
        Ok(session) => {
            let url = text(&session, "/success_url").replace("{CHECKOUT_SESSION_ID}", &id);
            Redirect::to(&url).into_response()
        }
        Err(refusal) => page(&stripe, &id, refusal.status, Some(refusal.message().to_owned())),
    }
}

fn page(stripe: &Stripe, id: &str, status: StatusCode, message: Option<String>) -> Response {
    let found = stripe.work((None, None), |work| {
        let session = work.get("checkout.session", id, "id")?.clone();
        let lines = work.store.orders.get(id).map(|order| order.lines.clone()).unwrap_or_default();
        Ok((session, lines))
    });
    let (session, items): (Value, Vec<Value>) = match found {
        Ok(found) => found,
        Err(refusal) => return gone(&refusal),
    };
    let (heading, verb) = match text(&session, "/mode").as_str() {
        "subscription" => ("Subscribe", "Subscribe"),
        "setup" => ("Save a card", "Save"),
        _ => ("Pay", "Pay"),
    };
    let is_open = session["status"] == "open";
    let over = (!is_open)
        .then(|| format!("This page is no longer open: it is {}.", text(&session, "/status")));
    let line = |item: &Value| {
        let quantity = number(item, "/quantity");
        let recurring = if item["price"]["recurring"].is_null() { "" } else { " a month" };
        let what = format!("{quantity} × {}", text(item, "/description"));
        Line { what, amount: format!("{}{recurring}", money(number(item, "/amount_total"))) }
    };
    let shown = Checkout {
        heading,
        verb,
        action: format!("{PATH}/checkout/{id}"),
        is_open,
        lines: items.iter().map(line).collect(),
        total: money(number(&session, "/amount_total")),
        cards: CARDS.to_vec(),
        message: message.or(over),
    };
    let targets = [text(&session, "/success_url"), text(&session, "/cancel_url")];
    show(status, &shown, &[&targets[0], &targets[1]])
}
