//! The calls of the API and the parameters that the simulator supports for each.

use serde_json::Value;

use super::lists::{
    list_events, list_invoice_payments, list_invoices, list_page, list_subscriptions,
};
use crate::billing::{
    customer_deletion, customers, invoice_previews, invoices, payment_methods, portal_sessions,
    refunds, subscription_cancellation, subscription_changes, subscription_schedules,
};
use crate::checkout::sessions;
use crate::error::ApiResult;
use crate::operation::Operation;

/// Executes a call with the id in the path (empty if there is none) and the parameters.
type Handler = fn(&mut Operation<'_>, id: &str, parameters: &Value) -> ApiResult<Value>;

/// A call of the API.
pub(crate) struct ApiRoute {
    pub(crate) method: &'static str,
    /// The path in the notation of Stripe's API description.
    pub(crate) path: &'static str,
    /// The supported parameters in addition to `expand` and to the pagination of lists.
    pub(crate) parameters: &'static [&'static str],
    pub(crate) handler: Handler,
}

/// Returns the call of a method and a path, and the id in the path.
pub(crate) fn find_route<'p>(method: &str, path: &'p str) -> Option<(&'static ApiRoute, &'p str)> {
    ROUTES
        .iter()
        .filter(|route| route.method == method)
        .find_map(|route| Some((route, match_path(route.path, path)?)))
}

/// Returns the id in a path that matches a template; empty if the template has no id.
fn match_path<'p>(template: &str, path: &'p str) -> Option<&'p str> {
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

/// Returns one object by the id in the path.
fn retrieve(op: &Operation<'_>, object_type: &str, id: &str) -> ApiResult<Value> {
    Ok(op.get_object(object_type, id, "id")?.clone())
}

const fn get(
    path: &'static str,
    parameters: &'static [&'static str],
    handler: Handler,
) -> ApiRoute {
    ApiRoute { method: "GET", path, parameters, handler }
}

const fn post(
    path: &'static str,
    parameters: &'static [&'static str],
    handler: Handler,
) -> ApiRoute {
    ApiRoute { method: "POST", path, parameters, handler }
}

const fn delete(
    path: &'static str,
    parameters: &'static [&'static str],
    handler: Handler,
) -> ApiRoute {
    ApiRoute { method: "DELETE", path, parameters, handler }
}

static ROUTES: [ApiRoute; 40] = [
    post("/v1/customers", customers::CREATE_PARAMETERS, customers::create),
    get("/v1/customers", &["created", "email"], |op, _, parameters| {
        list_page(op, "customer", "/v1/customers", parameters, |_| true)
    }),
    get("/v1/customers/{customer}", &[], |op, id, _| retrieve(op, "customer", id)),
    post("/v1/customers/{customer}", customers::UPDATE_PARAMETERS, customers::update),
    delete("/v1/customers/{customer}", &[], customer_deletion::delete),
    post("/v1/checkout/sessions", sessions::CREATE_PARAMETERS, sessions::create),
    get(
        "/v1/checkout/sessions",
        &["customer", "payment_intent", "subscription"],
        |op, _, parameters| {
            let wanted = parameters.get("subscription");
            list_page(op, "checkout.session", "/v1/checkout/sessions", parameters, |session| {
                wanted.is_none_or(|wanted| session["subscription"] == *wanted)
            })
        },
    ),
    get("/v1/checkout/sessions/{session}", &[], |op, id, _| retrieve(op, "checkout.session", id)),
    post("/v1/checkout/sessions/{session}/expire", &[], sessions::expire),
    get("/v1/subscriptions", &["created", "customer", "price", "status"], |op, _, parameters| {
        list_subscriptions(op, parameters)
    }),
    get("/v1/subscriptions/{subscription_exposed_id}", &[], |op, id, _| {
        retrieve(op, "subscription", id)
    }),
    post(
        "/v1/subscriptions/{subscription_exposed_id}",
        subscription_changes::UPDATE_PARAMETERS,
        subscription_changes::update,
    ),
    delete(
        "/v1/subscriptions/{subscription_exposed_id}",
        subscription_cancellation::CANCEL_PARAMETERS,
        subscription_cancellation::cancel,
    ),
    get("/v1/invoices", &["created", "customer", "status", "subscription"], |op, _, parameters| {
        list_invoices(op, parameters)
    }),
    post("/v1/invoices/create_preview", invoice_previews::PARAMETERS, invoice_previews::create),
    post("/v1/invoices/{invoice}/void", &[], invoices::void),
    post(
        "/v1/subscription_schedules",
        subscription_schedules::CREATE_PARAMETERS,
        subscription_schedules::create,
    ),
    get("/v1/subscription_schedules/{schedule}", &[], |op, id, _| {
        retrieve(op, "subscription_schedule", id)
    }),
    post(
        "/v1/subscription_schedules/{schedule}",
        subscription_schedules::UPDATE_PARAMETERS,
        subscription_schedules::update,
    ),
    post("/v1/subscription_schedules/{schedule}/release", &[], subscription_schedules::release),
    get("/v1/invoices/{invoice}", &[], |op, id, _| retrieve(op, "invoice", id)),
    get(
        "/v1/invoice_payments",
        &["created", "invoice", "payment", "status"],
        |op, _, parameters| list_invoice_payments(op, parameters),
    ),
    get("/v1/payment_methods", &["customer", "type"], |op, _, parameters| {
        let is_attached = |method: &Value| method["customer"].is_string();
        list_page(op, "payment_method", "/v1/payment_methods", parameters, is_attached)
    }),
    get("/v1/payment_methods/{payment_method}", &[], |op, id, _| {
        retrieve(op, "payment_method", id)
    }),
    post("/v1/payment_methods/{payment_method}/detach", &[], |op, id, _| {
        payment_methods::detach(op, id)
    }),
    post(
        "/v1/billing_portal/sessions",
        portal_sessions::CREATE_PARAMETERS,
        portal_sessions::create,
    ),
    get("/v1/charges", &["created", "customer", "payment_intent"], |op, _, parameters| {
        list_page(op, "charge", "/v1/charges", parameters, |_| true)
    }),
    get("/v1/charges/{charge}", &[], |op, id, _| retrieve(op, "charge", id)),
    get("/v1/refunds", &["charge", "created", "payment_intent"], |op, _, parameters| {
        list_page(op, "refund", "/v1/refunds", parameters, |_| true)
    }),
    post("/v1/refunds", refunds::CREATE_PARAMETERS, refunds::create),
    get("/v1/refunds/{refund}", &[], |op, id, _| retrieve(op, "refund", id)),
    get("/v1/disputes", &["charge", "created", "payment_intent"], |op, _, parameters| {
        list_page(op, "dispute", "/v1/disputes", parameters, |_| true)
    }),
    get("/v1/disputes/{dispute}", &[], |op, id, _| retrieve(op, "dispute", id)),
    get("/v1/payment_intents", &["created", "customer"], |op, _, parameters| {
        list_page(op, "payment_intent", "/v1/payment_intents", parameters, |_| true)
    }),
    get("/v1/payment_intents/{intent}", &[], |op, id, _| retrieve(op, "payment_intent", id)),
    get("/v1/events", &["created", "delivery_success", "type", "types"], |op, _, parameters| {
        list_events(op, parameters)
    }),
    get("/v1/events/{id}", &[], |op, id, _| retrieve(op, "event", id)),
    get("/v1/prices/{price}", &[], |op, id, _| retrieve(op, "price", id)),
    get("/v1/products/{id}", &[], |op, id, _| retrieve(op, "product", id)),
    get("/v1/prices", &["created"], |op, _, parameters| {
        list_page(op, "price", "/v1/prices", parameters, |price| price["active"] == true)
    }),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::unsupported::find_unsupported;
    use crate::description::ApiDescription;
    use serde_json::json;

    #[test]
    fn paths_match_one_route() {
        let find = |method: &str, path: &'static str| {
            find_route(method, path).map(|(route, id)| (route.path, id))
        };
        assert_eq!(find("GET", "/v1/customers/cus_1"), Some(("/v1/customers/{customer}", "cus_1")));
        assert_eq!(find("GET", "/v1/customers"), Some(("/v1/customers", "")));
        for path in ["/v1/customers/", "/v1/customers/cus_1/x", "/v1/coupons", "/v1"] {
            assert_eq!(find("GET", path), None, "{path}");
        }
        assert_eq!(find("PUT", "/v1/customers"), None);
    }

    #[test]
    fn supported_parameters_are_in_stripes_description() {
        let description = ApiDescription::parse().unwrap();
        for route in &ROUTES {
            let schema = description.parameter_schema(&route.method.to_lowercase(), route.path);
            let properties = schema["properties"].as_object().expect(route.path);
            for name in route.parameters {
                let first = name.split('.').next().unwrap();
                assert!(properties.contains_key(first), "{} {name}", route.path);
            }
            assert_eq!(find_unsupported(route.parameters, &json!({}), ""), None);
        }
    }
}
