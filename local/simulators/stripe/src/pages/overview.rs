//! `GET /local/stripe`: an overview of all objects, for people.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use super::layout::{format_date, render, text};
use crate::operation::Operation;
use crate::simulator::{MOUNT_PATH, StripeSimulator};

/// The maximum number of rows in a section.
const MAX_ROWS: usize = 20;

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
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

/// A section that lists the objects of one type.
struct SectionConfig {
    title: &'static str,
    object_type: &'static str,
    /// JSON pointers to the fields that are shown after the date.
    fields: &'static [&'static str],
    /// The path of the object's page, if there is one.
    page: Option<&'static str>,
}

const SECTIONS: [SectionConfig; 6] = [
    SectionConfig {
        title: "Customers",
        object_type: "customer",
        fields: &["/id", "/email"],
        page: None,
    },
    SectionConfig {
        title: "Checkout sessions",
        object_type: "checkout.session",
        fields: &["/id", "/mode", "/status", "/payment_status"],
        page: Some("checkout"),
    },
    SectionConfig {
        title: "Subscriptions",
        object_type: "subscription",
        fields: &["/id", "/items/data/0/price/id", "/status"],
        page: None,
    },
    SectionConfig {
        title: "Invoices",
        object_type: "invoice",
        fields: &["/id", "/billing_reason", "/number", "/status"],
        page: Some("invoices"),
    },
    SectionConfig {
        title: "Portal sessions",
        object_type: "billing_portal.session",
        fields: &["/id", "/customer"],
        page: Some("portal"),
    },
    SectionConfig { title: "Events", object_type: "event", fields: &["/id", "/type"], page: None },
];

/// `GET /`: shows the newest objects of each type.
pub(crate) async fn get(State(stripe): State<Arc<StripeSimulator>>) -> Response {
    let (mode, _) = stripe.delivery_mode();
    let page = stripe.run(|op| OverviewPage {
        mode: format!("{mode:?}").to_lowercase(),
        pending: op.store.deliveries.len(),
        sections: SECTIONS.iter().map(|config| build_section(op, config)).collect(),
    });
    render(StatusCode::OK, &page, &[])
}

fn build_section(op: &Operation<'_>, config: &SectionConfig) -> Section {
    let row = |object: &Value| {
        let mut cells = vec![format_date(object["created"].as_i64().unwrap_or_default())];
        cells.extend(config.fields.iter().map(|field| text(object, field)));
        let link = config.page.map(|page| format!("{MOUNT_PATH}/{page}/{}", text(object, "/id")));
        Row { cells, link }
    };
    let rows = op.store.list(config.object_type).take(MAX_ROWS).map(row).collect();
    Section { title: config.title, rows }
}
