//! The customer portal: address, cards and invoices. It shows the plan but does not change it.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use super::layout::{
    customer_name, form_field, format_cents, format_date, number, render, render_not_found, text,
    text_for_people,
};
use crate::billing::payments::SessionUsage;
use crate::billing::prices::product_name;
use crate::billing::{customers, payment_methods, subscriptions, test_cards};
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::simulator::{MOUNT_PATH, StripeSimulator};

#[derive(Template)]
#[template(path = "portal.html")]
struct PortalPage {
    customer: String,
    email: String,
    action: String,
    subscriptions: Vec<SubscriptionView>,
    cards: Vec<CardView>,
    invoices: Vec<InvoiceRow>,
    return_url: Option<String>,
    message: Option<String>,
}

struct SubscriptionView {
    plan: String,
    status: String,
    /// Whether the subscription ends at the end of its period.
    is_ending: bool,
    period_end: String,
}

struct CardView {
    id: String,
    name: String,
    is_default: bool,
}

struct InvoiceRow {
    date: String,
    number: String,
    status: String,
    total: String,
    /// The URL of the invoice's page; empty for a draft.
    url: String,
}

/// `GET /portal/{id}`: shows the portal.
pub(crate) async fn get(
    State(stripe): State<Arc<StripeSimulator>>,
    Path(id): Path<String>,
) -> Response {
    show(&stripe, &id, StatusCode::OK, None)
}

/// `POST /portal/{id}`: handles the forms of the portal.
pub(crate) async fn post(
    State(stripe): State<Arc<StripeSimulator>>,
    Path(id): Path<String>,
    form: Bytes,
) -> Response {
    match stripe.run_and_deliver(|op| execute_action(op, &id, &form)).await {
        Ok(_) => Redirect::to(&format!("{MOUNT_PATH}/portal/{id}")).into_response(),
        Err(error) => show(&stripe, &id, error.status, Some(error.message().to_owned())),
    }
}

/// Executes the action of a form.
///
/// # Errors
/// Fails with 400 if the action is unknown or names an object of another customer. Fails with 402 if a
/// new card is declined.
fn execute_action(op: &mut Operation<'_>, id: &str, form: &[u8]) -> ApiResult<Value> {
    let customer = find_customer(op, id)?;
    let field = |name: &str| form_field(form, name);
    let method = field("method");
    let is_owned = |id: &str| op.text(id, "/customer") == customer;
    match field("action").as_str() {
        "details" => {
            let details = json!({"name": field("name"), "email": field("email")});
            customers::update(op, &customer, &details)
        }
        "default" if is_owned(&method) => Ok(set_default_card(op, &customer, &method)),
        "remove" if is_owned(&method) => payment_methods::detach(op, &method),
        "add" => {
            let number = test_cards::normalize_number(&field("card"));
            if let Some(error) = test_cards::find_decline(&number, SessionUsage::OnSession) {
                return Err(error);
            }
            let email = op.field(&customer, "/email").clone();
            let method = payment_methods::create(op, &number, &email);
            payment_methods::attach(op, &method, &customer);
            Ok(set_default_card(op, &customer, &method))
        }
        _ => Err(ApiError::invalid_request("This action does not exist. Reload the page.")),
    }
}

/// Uses a card for all future payments of a customer, including those of subscriptions.
fn set_default_card(op: &mut Operation<'_>, customer: &str, method: &str) -> Value {
    customers::set_default_payment_method(op, customer, Some(method));
    for subscription in subscriptions::list_active(op, customer) {
        let fields = json!({"default_payment_method": method});
        op.update_and_emit("customer.subscription.updated", &subscription, fields);
    }
    Value::Null
}

/// Returns the id of the customer of a portal session.
///
/// # Errors
/// Fails if the session does not exist or the customer was deleted.
fn find_customer(op: &Operation<'_>, id: &str) -> ApiResult<String> {
    let customer = text(op.get_object("billing_portal.session", id, "id")?, "/customer");
    customers::require_exists(op, &customer, "customer")?;
    Ok(customer)
}

fn show(
    stripe: &StripeSimulator,
    id: &str,
    status: StatusCode,
    message: Option<String>,
) -> Response {
    match stripe.run(|op| build_page(op, id, message)) {
        Ok(page) => render(status, &page, &[]),
        Err(error) => render_not_found(&error),
    }
}

fn build_page(op: &Operation<'_>, id: &str, message: Option<String>) -> ApiResult<PortalPage> {
    let customer = find_customer(op, id)?;
    let active = subscriptions::list_active(op, &customer);
    let used = active.first().and_then(|id| subscriptions::find_payment_method(op, id));
    let default = op.field(&customer, "/invoice_settings/default_payment_method").as_str();
    let default = used.or_else(|| default.map(str::to_owned));
    let owned =
        |object_type| op.store.list(object_type).filter(|each| each["customer"] == customer);
    Ok(PortalPage {
        action: format!("{MOUNT_PATH}/portal/{id}"),
        subscriptions: active.iter().map(|id| SubscriptionView::new(op, id)).collect(),
        cards: owned("payment_method")
            .map(|method| CardView::new(method, default.as_deref()))
            .collect(),
        invoices: owned("invoice").map(InvoiceRow::new).collect(),
        return_url: op.field(id, "/return_url").as_str().map(str::to_owned),
        customer: customer_name(op, &customer),
        email: op.text(&customer, "/email"),
        message,
    })
}

impl SubscriptionView {
    fn new(op: &Operation<'_>, id: &str) -> Self {
        let price = op.text(id, "/items/data/0/price/id");
        Self {
            plan: product_name(op, &price),
            status: op.text(id, "/status").replace('_', " "),
            is_ending: *op.field(id, "/cancel_at_period_end") == true,
            period_end: format_date(op.number(id, "/items/data/0/current_period_end")),
        }
    }
}

impl CardView {
    fn new(method: &Value, default: Option<&str>) -> Self {
        let id = text(method, "/id");
        let method_type = text(method, "/type");
        let name = match text(method, "/card/brand") {
            brand if brand.is_empty() => text_for_people(method, "/type"),
            brand => brand,
        };
        Self {
            name: format!("{name} ending in {}", text(method, &format!("/{method_type}/last4"))),
            is_default: default == Some(id.as_str()),
            id,
        }
    }
}

impl InvoiceRow {
    fn new(invoice: &Value) -> Self {
        Self {
            date: format_date(number(invoice, "/created")),
            number: text(invoice, "/number"),
            status: text(invoice, "/status"),
            total: format_cents(number(invoice, "/total")),
            url: text(invoice, "/hosted_invoice_url"),
        }
    }
}
