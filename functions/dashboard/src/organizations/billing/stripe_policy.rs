//! The security policy of pages with forms that lead to Stripe.

use crate::pages::PagePolicy;

/// Origins of Stripe's pages, to which a form's response redirects.
const STRIPE_ORIGINS: [&str; 3] =
    ["https://checkout.stripe.com", "https://billing.stripe.com", "https://invoice.stripe.com"];

/// Returns the policy of pages with forms that lead to Stripe.
pub(super) fn stripe_policy() -> PagePolicy {
    let form_targets = STRIPE_ORIGINS.map(str::to_owned).to_vec();
    PagePolicy { form_targets, ..PagePolicy::default() }
}
