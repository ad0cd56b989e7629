//! The functions of the Stripe client, and the requests that they send.

use serde_json::Value;

/// Stripe's limit on the length of an idempotency key.
pub const MAX_KEY_LEN: usize = 255;

/// The requests of each function of the Stripe client. Where several use one path, a parameter that
/// only one of them sends and its value.
pub const STRIPE_CALLS: [StripeCall; 36] = [
    call("create_customer", "POST", "/v1/customers"),
    call("retrieve_customer", "GET", "/v1/customers/{customer}"),
    call("update_customer", "POST", "/v1/customers/{customer}").with_parameter("/name"),
    call("set_default_payment_method", "POST", "/v1/customers/{customer}")
        .with_parameter("/invoice_settings/default_payment_method"),
    call("delete_customer", "DELETE", "/v1/customers/{customer}"),
    call("create_subscription_session", "POST", "/v1/checkout/sessions")
        .with_value("/mode", "subscription"),
    call("create_top_up_session", "POST", "/v1/checkout/sessions").with_value("/mode", "payment"),
    call("create_setup_session", "POST", "/v1/checkout/sessions").with_value("/mode", "setup"),
    call("retrieve_checkout_session", "GET", "/v1/checkout/sessions/{session}"),
    call("find_checkout_session_of_payment", "GET", "/v1/checkout/sessions"),
    call("expire_checkout_session", "POST", "/v1/checkout/sessions/{session}/expire"),
    call("retrieve_subscription", "GET", "/v1/subscriptions/{subscription_exposed_id}"),
    call("cancel_subscription", "DELETE", "/v1/subscriptions/{subscription_exposed_id}"),
    call("upgrade_subscription", "POST", "/v1/subscriptions/{subscription_exposed_id}")
        .with_value("/proration_behavior", "always_invoice"),
    call("set_cancel_at_period_end", "POST", "/v1/subscriptions/{subscription_exposed_id}")
        .with_parameter("/cancel_at_period_end"),
    call("set_subscription_payment_method", "POST", "/v1/subscriptions/{subscription_exposed_id}")
        .with_parameter("/default_payment_method"),
    call("create_schedule", "POST", "/v1/subscription_schedules"),
    call("schedule_price", "POST", "/v1/subscription_schedules/{schedule}"),
    call("release_schedule", "POST", "/v1/subscription_schedules/{schedule}/release"),
    call("preview_upgrade", "POST", "/v1/invoices/create_preview"),
    call("void_invoice", "POST", "/v1/invoices/{invoice}/void"),
    call("retrieve_invoice", "GET", "/v1/invoices/{invoice}"),
    call("list_invoices", "GET", "/v1/invoices"),
    call("list_subscription_invoices", "GET", "/v1/invoices"),
    call("find_invoice_of_payment", "GET", "/v1/invoice_payments"),
    call("retrieve_payment_method", "GET", "/v1/payment_methods/{payment_method}"),
    call("detach_payment_method", "POST", "/v1/payment_methods/{payment_method}/detach"),
    call("list_payment_methods", "GET", "/v1/payment_methods"),
    call("create_portal_session", "POST", "/v1/billing_portal/sessions"),
    call("retrieve_charge", "GET", "/v1/charges/{charge}"),
    call("list_refunds", "GET", "/v1/refunds"),
    call("refund_rest", "POST", "/v1/refunds"),
    call("retrieve_dispute", "GET", "/v1/disputes/{dispute}"),
    call("retrieve_payment_intent", "GET", "/v1/payment_intents/{intent}"),
    call("list_payment_intents", "GET", "/v1/payment_intents"),
    call("list_events", "GET", "/v1/events"),
];

/// A request that a function of the Stripe client sends.
#[derive(Debug)]
pub struct StripeCall {
    /// The function of `shared::stripe`.
    pub function: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// A JSON pointer to a parameter that only this function sends, and its value if other functions send another one.
    pub parameter: Option<(&'static str, Option<&'static str>)>,
}

/// Describes the request of a function.
pub const fn call(function: &'static str, method: &'static str, path: &'static str) -> StripeCall {
    StripeCall { function, method, path, parameter: None }
}

impl StripeCall {
    /// Adds a parameter that only this function sends.
    #[must_use]
    pub const fn with_value(self, pointer: &'static str, value: &'static str) -> Self {
        Self { parameter: Some((pointer, Some(value))), ..self }
    }

    /// Adds a parameter that only this function sends, with any value.
    #[must_use]
    pub const fn with_parameter(self, pointer: &'static str) -> Self {
        Self { parameter: Some((pointer, None)), ..self }
    }

    /// Finds the function that sent a request.
    #[track_caller]
    pub fn find(request: &Value) -> &'static Self {
        let is_it = |call: &&Self| {
            let has_parameter = call.parameter.is_none_or(|(pointer, value)| {
                let sent = request["parameters"].pointer(pointer);
                sent.is_some_and(|sent| value.is_none_or(|value| sent == value))
            });
            // Both use one path, so a parameter decides.
            let by_subscription = request["parameters"].get("subscription").is_some();
            let is_list = call.path != "/v1/invoices"
                || (call.function == "list_subscription_invoices") == by_subscription;
            is_list
                && request["method"] == call.method
                && is_path(call.path, request["path"].as_str().unwrap())
                && has_parameter
        };
        let all: Vec<_> = STRIPE_CALLS.iter().filter(is_it).collect();
        let [call] = all[..] else { panic!("{request} is one of {all:?}") };
        call
    }
}

/// Reports whether a path matches a template with parameters in braces.
pub fn is_path(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    let fits =
        |(part, sent): (&&str, &&str)| part.starts_with('{') && !sent.is_empty() || part == sent;
    template.len() == path.len() && template.iter().zip(&path).all(fits)
}
