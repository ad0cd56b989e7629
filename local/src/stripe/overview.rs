//! `GET /local/stripe`: what there is, for people.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use super::page::{day, show, text};
use super::{PATH, Stripe};

/// Most rows of each kind.
const MOST: usize = 20;

#[derive(Template)]
#[template(path = "stripe/overview.html")]
struct Overview {
    mode: String,
    pending: usize,
    sections: Vec<Section>,
}

struct Section {
    title: &'static str,
    rows: Vec<Row>,
}

struct Row {
    cells: Vec<String>,
    link: Option<String>,
}

/// Title, kind, the fields that are shown, and the page of each, if it has one.
const SECTIONS: [(&str, &str, &[&str], Option<&str>); 6] = [
    ("Customers", "customer", &["/id", "/email"], None),
    (
        "Checkout sessions",
        "checkout.session",
        &["/id", "/mode", "/status", "/payment_status"],
        Some("checkout"),
    ),
    ("Subscriptions", "subscription", &["/id", "/items/data/0/price/id", "/status"], None),
    ("Invoices", "invoice", &["/id", "/billing_reason", "/number", "/status"], Some("invoices")),
    ("Portal sessions", "billing_portal.session", &["/id", "/customer"], Some("portal")),
    ("Events", "event", &["/id", "/type"], None),
];

/// `GET`
pub(super) async fn get(State(stripe): State<Arc<Stripe>>) -> Response {
    let (mode, _) = stripe.mode();
    let shown = stripe.work((None, None), |work| {
        let section = |(title, kind, fields, page): (_, _, &[&str], Option<&str>)| {
            let row = |object: &Value| {
                let mut cells = vec![day(object["created"].as_i64().unwrap_or_default())];
                cells.extend(fields.iter().map(|field| text(object, field)));
                let link = page.map(|page| format!("{PATH}/{page}/{}", text(object, "/id")));
                Row { cells, link }
            };
            Section { title, rows: work.store.all(kind).take(MOST).map(row).collect() }
        };
        Overview {
            mode: format!("{mode:?}").to_lowercase(),
            pending: work.store.deliveries.len(),
            sections: SECTIONS.into_iter().map(section).collect(),
        }
    });
    show(StatusCode::OK, &shown, &[])
}
