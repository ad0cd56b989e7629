//! The payment methods of an organization, which Stripe stores.
//!
//! | operation | effect |
//! |---|---|
//! | [`list`] | lists them, newest first |
//! | [`remove`] | removes one that no subscription is paid with |
//! | [`set_default`] | pays the plan's invoices with one from now on |

pub mod list;
mod own_method;
pub mod remove;
pub mod set_default;
mod view;

pub use view::PaymentMethodView;
