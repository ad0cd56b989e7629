//! `GET /local/stripe`: an overview of all objects, for people.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use super::layout::{customer_name, format_date, render, text, text_for_people};
use crate::billing::prices::product_name;
use crate::operation::Operation;
use crate::simulator::{MOUNT_PATH, StripeSimulator};

/// The maximum number of rows in a section.
const MAX_ROWS: usize = 20;

use Content::{Customer, Price, Text, Words};

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    mode: String,
    pending: usize,
    sections: Vec<Section>,
}

struct Section {
    title: &'static str,
    headings: Vec<&'static str>,
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
    /// The columns after the date: the heading, the JSON pointer to the field, and what it holds.
    columns: &'static [(&'static str, &'static str, Content)],
    /// The path of the object's page, if there is one.
    page: Option<&'static str>,
}

/// What a field holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Text,
    /// Words with underscores between them.
    Words,
    /// The id of a customer.
    Customer,
    /// The id of a price.
    Price,
}

const SECTIONS: [SectionConfig; 6] = [
    SectionConfig {
        title: "Customers",
        object_type: "customer",
        columns: &[("Name", "/id", Customer), ("Email", "/email", Text), ("Id", "/id", Text)],
        page: None,
    },
    SectionConfig {
        title: "Checkout sessions",
        object_type: "checkout.session",
        columns: &[
            ("Customer", "/customer", Customer),
            ("For", "/mode", Words),
            ("Status", "/status", Words),
            ("Payment", "/payment_status", Words),
            ("Id", "/id", Text),
        ],
        page: Some("checkout"),
    },
    SectionConfig {
        title: "Subscriptions",
        object_type: "subscription",
        columns: &[
            ("Customer", "/customer", Customer),
            ("Plan", "/items/data/0/price/id", Price),
            ("Status", "/status", Words),
            ("Id", "/id", Text),
        ],
        page: None,
    },
    SectionConfig {
        title: "Invoices",
        object_type: "invoice",
        columns: &[
            ("Customer", "/customer", Customer),
            ("Number", "/number", Text),
            ("For", "/billing_reason", Words),
            ("Status", "/status", Words),
            ("Id", "/id", Text),
        ],
        page: Some("invoices"),
    },
    SectionConfig {
        title: "Portal sessions",
        object_type: "billing_portal.session",
        columns: &[("Customer", "/customer", Customer), ("Id", "/id", Text)],
        page: Some("portal"),
    },
    SectionConfig {
        title: "Events",
        object_type: "event",
        columns: &[("Type", "/type", Text), ("Id", "/id", Text)],
        page: None,
    },
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
        cells.extend(config.columns.iter().map(|(_, field, content)| match content {
            Text => text(object, field),
            Words => text_for_people(object, field),
            Customer => customer_name(op, &text(object, field)),
            Price => product_name(op, &text(object, field)),
        }));
        let link = config.page.map(|page| format!("{MOUNT_PATH}/{page}/{}", text(object, "/id")));
        Row { cells, link }
    };
    let rows = op.store.list(config.object_type).take(MAX_ROWS).map(row).collect();
    let headings = config.columns.iter().map(|(heading, ..)| *heading).collect();
    Section { title: config.title, headings, rows }
}
