//! Which calls there are, and what each takes of what Stripe's does.

use serde_json::Value;

use super::lists::{self, page};
use super::work::{Result, Work};
use super::{cards, changes, checkout, customers, endings, portal, refunds};

type Run = fn(&mut Work<'_>, id: &str, sent: &Value) -> Result<Value>;

/// A call.
pub(super) struct Call {
    pub(super) method: &'static str,
    /// As Stripe's description has it.
    pub(super) path: &'static str,
    /// Beside `expand`, and `limit` and `starting_after` of lists.
    pub(super) takes: &'static [&'static str],
    pub(super) run: Run,
}

/// The call of a method and a path, with the id in the path.
pub(super) fn find<'p>(method: &str, path: &'p str) -> Option<(&'static Call, &'p str)> {
    CALLS
        .iter()
        .filter(|call| call.method == method)
        .find_map(|call| Some((call, id(call.path, path)?)))
}

/// The id in a path; empty where it has none.
fn id<'p>(template: &str, path: &'p str) -> Option<&'p str> {
    let (mut parts, mut id) = (path.split('/'), "");
    for expected in template.split('/') {
        let part = parts.next()?;
        if expected.starts_with('{') {
            id = Some(part).filter(|part| !part.is_empty())?;
        } else if part != expected {
            return None;
        }
    }
    parts.next().is_none().then_some(id)
}

/// One object.
fn one(work: &Work<'_>, kind: &str, id: &str) -> Result<Value> {
    Ok(work.get(kind, id, "id")?.clone())
}

const fn get(path: &'static str, takes: &'static [&'static str], run: Run) -> Call {
    Call { method: "GET", path, takes, run }
}

const fn post(path: &'static str, takes: &'static [&'static str], run: Run) -> Call {
    Call { method: "POST", path, takes, run }
}

const fn delete(path: &'static str, takes: &'static [&'static str], run: Run) -> Call {
    Call { method: "DELETE", path, takes, run }
}

const CREATED: &[&str] = &["created"];

static CALLS: [Call; 34] = [
    post("/v1/customers", customers::CREATE, customers::create),
    get("/v1/customers", &["created", "email"], |w, _, sent| {
        page(w, "customer", "/v1/customers", sent, |_| true)
    }),
    get("/v1/customers/{customer}", &[], |w, id, _| one(w, "customer", id)),
    post("/v1/customers/{customer}", customers::UPDATE, customers::update),
    delete("/v1/customers/{customer}", &[], customers::delete),
    post("/v1/checkout/sessions", checkout::CREATE, checkout::create),
    get("/v1/checkout/sessions", &["customer", "payment_intent", "subscription"], |w, _, sent| {
        let wanted = sent.get("subscription");
        page(w, "checkout.session", "/v1/checkout/sessions", sent, |each| {
            wanted.is_none_or(|wanted| each["subscription"] == *wanted)
        })
    }),
    get("/v1/checkout/sessions/{session}", &[], |w, id, _| one(w, "checkout.session", id)),
    post("/v1/checkout/sessions/{session}/expire", &[], checkout::expire),
    get("/v1/subscriptions", &["created", "customer", "price", "status"], |w, _, sent| {
        lists::subscriptions(w, sent)
    }),
    get("/v1/subscriptions/{subscription_exposed_id}", &[], |w, id, _| one(w, "subscription", id)),
    post("/v1/subscriptions/{subscription_exposed_id}", changes::UPDATE, changes::update),
    delete(
        "/v1/subscriptions/{subscription_exposed_id}",
        &["cancellation_details"],
        endings::cancel,
    ),
    get("/v1/invoices", &["created", "customer", "status", "subscription"], |w, _, sent| {
        lists::invoices(w, sent)
    }),
    get("/v1/invoices/{invoice}", &[], |w, id, _| one(w, "invoice", id)),
    get("/v1/invoice_payments", &["created", "invoice", "payment", "status"], |w, _, sent| {
        lists::invoice_payments(w, sent)
    }),
    get("/v1/payment_methods", &["customer", "type"], |w, _, sent| {
        let is_one_s = |method: &Value| method["customer"].is_string();
        page(w, "payment_method", "/v1/payment_methods", sent, is_one_s)
    }),
    get("/v1/payment_methods/{payment_method}", &[], |w, id, _| one(w, "payment_method", id)),
    post("/v1/payment_methods/{payment_method}/detach", &[], |w, id, _| cards::detach(w, id)),
    post("/v1/billing_portal/sessions", portal::CREATE, portal::create),
    get("/v1/charges", &["created", "customer", "payment_intent"], |w, _, sent| {
        page(w, "charge", "/v1/charges", sent, |_| true)
    }),
    get("/v1/charges/{charge}", &[], |w, id, _| one(w, "charge", id)),
    get("/v1/refunds", &["charge", "created", "payment_intent"], |w, _, sent| {
        page(w, "refund", "/v1/refunds", sent, |_| true)
    }),
    post("/v1/refunds", refunds::CREATE, refunds::create),
    get("/v1/refunds/{refund}", &[], |w, id, _| one(w, "refund", id)),
    get("/v1/disputes", &["charge", "created", "payment_intent"], |w, _, sent| {
        page(w, "dispute", "/v1/disputes", sent, |_| true)
    }),
    get("/v1/disputes/{dispute}", &[], |w, id, _| one(w, "dispute", id)),
    get("/v1/payment_intents", &["created", "customer"], |w, _, sent| {
        page(w, "payment_intent", "/v1/payment_intents", sent, |_| true)
    }),
    get("/v1/payment_intents/{intent}", &[], |w, id, _| one(w, "payment_intent", id)),
    get("/v1/events", &["created", "delivery_success", "type", "types"], |w, _, sent| {
        lists::events(w, sent)
    }),
    get("/v1/events/{id}", &[], |w, id, _| one(w, "event", id)),
    get("/v1/prices/{price}", &[], |w, id, _| one(w, "price", id)),
    get("/v1/products/{id}", &[], |w, id, _| one(w, "product", id)),
    get("/v1/prices", CREATED, |w, _, sent| {
        page(w, "price", "/v1/prices", sent, |price| price["active"] == true)
    }),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stripe::beyond::first_beyond;
    use crate::stripe::public::Public;
    use serde_json::json;

    #[test]
    fn paths_name_one_thing() {
        let found =
            |method: &str, path: &'static str| find(method, path).map(|(call, id)| (call.path, id));
        assert_eq!(
            found("GET", "/v1/customers/cus_1"),
            Some(("/v1/customers/{customer}", "cus_1"))
        );
        assert_eq!(found("GET", "/v1/customers"), Some(("/v1/customers", "")));
        for path in ["/v1/customers/", "/v1/customers/cus_1/x", "/v1/coupons", "/v1"] {
            assert_eq!(found("GET", path), None, "{path}");
        }
        assert_eq!(found("PUT", "/v1/customers"), None);
    }

    /// Whatever a call takes, Stripe's description has.
    #[test]
    fn calls_take_what_stripe_s_do() {
        let public = Public::read().unwrap();
        for call in &CALLS {
            let schema = public.parameters(&call.method.to_lowercase(), call.path);
            let described = schema["properties"].as_object().expect(call.path);
            for name in call.takes {
                let first = name.split('.').next().unwrap();
                assert!(described.contains_key(first), "{} {name}", call.path);
            }
            assert_eq!(first_beyond(call.takes, &json!({}), ""), None);
        }
    }
}
