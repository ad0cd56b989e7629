//! The pages of an organization's billing.

pub(crate) mod cancel;
pub(crate) mod change_plan;
pub(crate) mod checkout;
mod credits_card;
pub(crate) mod default_card;
pub(crate) mod hosted_page;
pub(crate) mod invoice_pdf;
mod method_rows;
mod outcome;
pub(crate) mod overview;
pub(crate) mod pay;
mod payment_card;
mod plan_card;
pub(crate) mod portal;
pub(crate) mod remove_card;
pub(crate) mod set_up_card;
mod stripe_policy;
pub(crate) mod top_up;
mod transaction_rows;
pub(crate) mod transactions;
