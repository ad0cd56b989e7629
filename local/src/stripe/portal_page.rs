//! The customer portal: plan, cards, invoices.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value, json};

use super::cards::{self, Session};
use super::page::{day, field, gone, money, number, show, text};
use super::prices::PRICES;
use super::refusal::Refusal;
use super::work::{Result, Work};
use super::{PATH, Stripe, changes, control, customers, lines, subscriptions};

#[derive(Template)]
#[template(path = "stripe/portal.html")]
struct Portal {
    customer: String,
    action: String,
    subscriptions: Vec<Subscription>,
    prices: Vec<(&'static str, String)>,
    cards: Vec<Card>,
    invoices: Vec<Invoice>,
    return_url: Option<String>,
    message: Option<String>,
}

struct Subscription {
    id: String,
    plan: String,
    price: String,
    status: String,
    ends: bool,
    until: String,
}

struct Card {
    id: String,
    name: String,
    is_default: bool,
}

struct Invoice {
    date: String,
    number: String,
    status: String,
    total: String,
    /// Empty for a draft.
    page: String,
}

/// `GET`
pub(super) async fn get(State(stripe): State<Arc<Stripe>>, Path(id): Path<String>) -> Response {
    page(&stripe, &id, StatusCode::OK, None)
}

/// `POST` of one of the forms.
pub(super) async fn post(
    State(stripe): State<Arc<Stripe>>,
    Path(id): Path<String>,
    form: Bytes,
) -> Response {
    match control::act(&stripe, |work| act(work, &id, &form)).await {
        Ok(_) => Redirect::to(&format!("{PATH}/portal/{id}")).into_response(),
        Err(refusal) => page(&stripe, &id, refusal.status, Some(refusal.message().to_owned())),
    }
}

fn act(work: &mut Work<'_>, id: &str, form: &[u8]) -> Result<Value> {
    let customer = customer(work, id)?;
    let of = |name: &str| field(form, name);
    let (subscription, method) = (of("subscription"), of("method"));
    // The form's, and nobody else's.
    let is_theirs = |id: &str| work.text(id, "/customer") == customer;
    match of("action").as_str() {
        "change" if is_theirs(&subscription) => {
            let item = work.text(&subscription, "/items/data/0/id");
            let items = json!([{"id": item, "price": of("price")}]);
            // As docs/DEPLOY.md has it configured.
            let sent = json!({"items": items, "proration_behavior": "none"});
            changes::update(work, &subscription, &sent)
        }
        "cancel" if is_theirs(&subscription) => {
            changes::update(work, &subscription, &json!({"cancel_at_period_end": "true"}))
        }
        "resume" if is_theirs(&subscription) => {
            changes::update(work, &subscription, &json!({"cancel_at_period_end": "false"}))
        }
        "default" if is_theirs(&method) => Ok(set_default(work, &customer, &method)),
        "remove" if is_theirs(&method) => cards::detach(work, &method),
        "add" => {
            let number = cards::digits(&of("card"));
            if let Some(refusal) = cards::decline(&number, Session::On) {
                return Err(refusal);
            }
            let email = work.field(&customer, "/email").clone();
            let method = cards::make(work, &number, &email);
            cards::attach(work, &method, &customer);
            Ok(set_default(work, &customer, &method))
        }
        _ => Err(Refusal::invalid("There is no such thing to do here.")),
    }
}

/// From now on this pays, subscriptions included.
fn set_default(work: &mut Work<'_>, customer: &str, method: &str) -> Value {
    customers::set_default(work, customer, Some(method));
    for subscription in subscriptions::living_of(work, customer) {
        let fields = json!({"default_payment_method": method});
        work.change_and_tell("customer.subscription.updated", &subscription, fields);
    }
    Value::Null
}

fn customer(work: &Work<'_>, id: &str) -> Result<String> {
    let customer = text(work.get("billing_portal.session", id, "id")?, "/customer");
    customers::living(work, &customer, "customer")?;
    Ok(customer)
}

fn page(stripe: &Stripe, id: &str, status: StatusCode, message: Option<String>) -> Response {
    let shown = stripe.work((None, None), |work| {
        let customer = customer(work, id)?;
        let living = subscriptions::living_of(work, &customer);
        let default = living.first().and_then(|id| subscriptions::method(work, id));
        let theirs = work.field(&customer, "/invoice_settings/default_payment_method").as_str();
        let default = default.or_else(|| theirs.map(str::to_owned));
        let of = |kind| work.store.all(kind).filter(|each| each["customer"] == customer);
        let cards = of("payment_method").map(|method| card(method, default.as_deref())).collect();
        let prices = PRICES.iter().filter(|(price, ..)| *price != "price_unrelated");
        Ok::<_, Refusal>(Portal {
            action: format!("{PATH}/portal/{id}"),
            subscriptions: living.iter().map(|id| subscription(work, id)).collect(),
            prices: prices
                .map(|(price, _, name, cents)| {
                    (*price, format!("{name}, {} a month", money(*cents)))
                })
                .collect(),
            cards,
            invoices: of("invoice").map(invoice).collect(),
            return_url: work.field(id, "/return_url").as_str().map(str::to_owned),
            customer: work.field(&customer, "/email").as_str().unwrap_or(&customer).to_owned(),
            message,
        })
    });
    match shown {
        Ok(shown) => show(status, &shown, &[]),
        Err(refusal) => gone(&refusal),
    }
}

fn subscription(work: &Work<'_>, id: &str) -> Subscription {
    let price = work.text(id, "/items/data/0/price/id");
    Subscription {
        id: id.to_owned(),
        plan: lines::name(work, &price),
        price,
        status: work.text(id, "/status"),
        ends: *work.field(id, "/cancel_at_period_end") == true,
        until: day(work.number(id, "/items/data/0/current_period_end")),
    }
}

fn card(method: &Value, default: Option<&str>) -> Card {
    let id = text(method, "/id");
    let kind = text(method, "/type");
    let name = match text(method, "/card/brand") {
        brand if brand.is_empty() => kind.clone(),
        brand => brand,
    };
    Card {
        name: format!("{name} ending in {}", text(method, &format!("/{kind}/last4"))),
        is_default: default == Some(id.as_str()),
        id,
    }
}

fn invoice(invoice: &Value) -> Invoice {
    Invoice {
        date: day(number(invoice, "/created")),
        number: text(invoice, "/number"),
        status: text(invoice, "/status"),
        total: money(number(invoice, "/total")),
        page: text(invoice, "/hosted_invoice_url"),
    }
}
