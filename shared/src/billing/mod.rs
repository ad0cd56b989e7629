//! Plans: what an organization may use, what it uses, and what it pays.

pub mod account;
pub mod audit;
pub mod charge;
pub mod checkout;
pub mod credits;
mod customer;
pub mod destination;
mod end;
pub mod events;
pub mod hosted_page;
pub mod invoices;
pub mod ledger;
pub mod missed;
mod pages;
mod payment;
pub mod payment_methods;
mod payment_news;
mod plan;
pub mod plans;
pub mod portal;
mod renew;
pub mod set_plan;
pub mod set_up_card;
pub mod subscription;
mod sync;
pub mod top_up;
pub mod transactions;
pub mod usage;

pub use end::end;
pub use payment_news::{PaymentEvent, PaymentNews};
pub use plan::{Limits, Plan};

/// How much of its quota an organization has used when its people are told, in percent.
pub const ALERTS: [u8; 3] = [80, 90, 100];
