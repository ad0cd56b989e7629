//! Stripe, as far as its public description goes for what the service uses, under `/local/stripe`.
//! <https://docs.stripe.com/api>
//!
//! It follows Stripe's names, and refuses what Stripe's description doesn't have; what Stripe does and this
//! doesn't is refused with words that say so. Objects have every field that Stripe's have. Money is cents of
//! US dollars, prices are fixed, subscriptions have one item and are monthly, and everything happens by the
//! stack's clock.
//!
//! | path | file |
//! |---|---|
//! | `/v1/…` | `api`, `calls`, `parameters`, `schema`, `public`, `expand`, `lists`, `refusal` |
//! | … customers, cards | `customers`, `cards` |
//! | … checkout sessions | `checkout`, `paying` |
//! | … payments, refunds, disputes | `payments`, `refunds`, `disputes` |
//! | … subscriptions, invoices | `subscriptions`, `changes`, `calendar`, `invoices`, `lines`, `timers` |
//! | … the portal | `portal` |
//! | `/`, `/checkout/{id}`, `/portal/{id}`, `/invoices/{id}` | `overview`, `checkout_page`, `portal_page`, `invoice_page`, `paper`, `pdf`, `page` |
//! | `/checkout/{id}/pay` and so on, `/deliveries`, `/faults`, `/requests` | `control`, `faults`: for people and tests, and not Stripe's |
//!
//! Everything is done in one piece, at one moment (`work`), on what is kept (`store`). Events go to the
//! stack's own gateway (`deliveries`, `signature`).

mod account;
mod api;
mod calendar;
mod calls;
mod cards;
mod changes;
mod checkout;
mod checkout_page;
mod control;
mod customers;
mod deliveries;
mod disputes;
mod expand;
mod faults;
mod invoice_page;
mod invoices;
mod lines;
mod lists;
mod overview;
mod page;
mod paper;
mod parameters;
mod paying;
mod payments;
mod pdf;
mod portal;
mod portal_page;
mod prices;
mod public;
mod refunds;
mod refusal;
mod schema;
mod signature;
mod store;
mod subscriptions;
mod timers;
mod work;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{any, get, post};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use shared::clock::{Clock, Timestamp};
use shared::random::Random;

use crate::clock::MovableClock;
use crate::data;
use crate::schedule::Events;
use deliveries::{Attempt, Mode};
use faults::Fault;
use public::Public;
use store::Store;
use work::Work;

pub(crate) use account::Account;
pub(crate) use prices::PLANS;

/// Where Stripe answers, below a stack's address.
const PATH: &str = "/local/stripe";

/// Where its webhooks go, below a stack's address.
const HOOK: &str = "/v1/webhooks/stripe";

/// Most requests and deliveries that are remembered.
const MOST_REMEMBERED: usize = 10_000;

/// What stands for `https://api.stripe.com/` in the stack on that port.
pub(crate) fn base(port: u16) -> String {
    format!("http://127.0.0.1:{port}{PATH}/")
}

/// Stripe, for one stack.
pub(crate) struct Stripe {
    account: Account,
    /// Where its pages are.
    pages: String,
    /// Where its webhooks go.
    hook: String,
    public: Public,
    store: Mutex<Store>,
    file: Option<PathBuf>,
    clock: Arc<MovableClock>,
    random: Arc<dyn Random>,
    http: reqwest::Client,
    /// Held while events are delivered, so that they arrive in order.
    turn: tokio::sync::Mutex<()>,
    mode: Mutex<(Mode, usize)>,
    log: Mutex<Vec<Attempt>>,
    fault: Mutex<Option<Fault>>,
    requests: Mutex<Vec<Value>>,
}

impl Stripe {
    /// Stripe with what the file holds, for one account, in the stack on that port.
    pub(crate) fn start(
        port: u16,
        account: Account,
        file: Option<PathBuf>,
        clock: Arc<MovableClock>,
        random: Arc<dyn Random>,
    ) -> io::Result<Self> {
        let kept = match &file {
            Some(file) => data::read::<Store>(file)?,
            None => None,
        };
        // Only this machine is asked, whatever proxy it has.
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(deliveries::TIMEOUT)
            .build()
            .map_err(io::Error::other)?;
        let stripe = Self {
            account,
            pages: format!("http://localhost:{port}{PATH}"),
            hook: format!("http://127.0.0.1:{port}{HOOK}"),
            public: Public::read()?,
            store: Mutex::new(kept.unwrap_or_default().placed()),
            file,
            clock,
            random,
            http,
            turn: tokio::sync::Mutex::default(),
            mode: Mutex::new((Mode::default(), 1)),
            log: Mutex::default(),
            fault: Mutex::default(),
            requests: Mutex::default(),
        };
        stripe.work((None, None), prices::ensure);
        Ok(stripe)
    }

    /// Does something now, after what was due before. Kept in any case: a declined payment leaves traces.
    fn work<T>(
        &self,
        request: (Option<String>, Option<String>),
        act: impl FnOnce(&mut Work<'_>) -> T,
    ) -> T {
        let mut store = self.store();
        let now = self.now();
        self.catch_up(&mut store, now);
        let mut work = self.at(&mut store, now);
        work.request = request;
        let outcome = act(&mut work);
        self.keep(&store);
        outcome
    }

    /// Does what is due until a moment, each at its time.
    fn catch_up(&self, store: &mut Store, until: i64) {
        while let Some(timer) = store.take_timer(until) {
            timers::run(&mut self.at(store, timer.at), timer.due);
        }
    }

    fn at<'w>(&'w self, store: &'w mut Store, now: i64) -> Work<'w> {
        let (public, random, pages) = (&self.public, &*self.random, &*self.pages);
        Work { store, public, random, pages, now, request: (None, None) }
    }

    fn now(&self) -> i64 {
        self.clock.now().seconds()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, store: &Store) {
        if let Some(file) = &self.file
            && let Err(error) = data::write(file, store)
        {
            tracing::error!(cause = ?error, "what Stripe holds can't be kept");
        }
    }

    fn mode(&self) -> (Mode, usize) {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_mode(&self, mode: Mode, times: usize) {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner) = (mode, times);
    }

    fn take_fault(&self) -> Option<Fault> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).as_mut()?.take()
    }

    fn set_fault(&self, fault: Fault) -> u32 {
        let next = fault.next();
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
        next
    }

    fn log(&self, attempt: Attempt) {
        remember(&self.log, attempt);
    }

    /// Takes note of a request and how it was answered.
    fn note(&self, asked: &api::Asked, status: StatusCode) {
        remember(&self.requests, asked.noted(status, self.now()));
    }
}

fn remember<T>(all: &Mutex<Vec<T>>, one: T) {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() == MOST_REMEMBERED {
        all.remove(0);
    }
    all.push(one);
}

impl Events for Stripe {
    /// The next timer or the next attempt at a delivery.
    fn next(&self) -> Option<Timestamp> {
        let is_held = self.mode().0 == Mode::Hold;
        let store = self.store();
        let deliveries = store.deliveries.iter().filter(|_| !is_held).map(|delivery| delivery.at);
        deliveries.chain(store.next_timer()).min().map(Timestamp::from_seconds)
    }

    fn happen(&self) -> BoxFuture<'_, ()> {
        async {
            self.work((None, None), |_| ());
            self.deliver().await;
        }
        .boxed()
    }
}

#[cfg(test)]
mod delivery_tests;
#[cfg(test)]
mod tests;

/// The endpoints, relative to [`PATH`].
pub(crate) fn router(stripe: Arc<Stripe>) -> Router {
    Router::new()
        .route("/v1/{*path}", any(api::handle))
        .route("/", get(overview::get))
        .route("/checkout/{id}", get(checkout_page::get).post(checkout_page::post))
        .route("/portal/{id}", get(portal_page::get).post(portal_page::post))
        .route("/invoices/{id}", get(invoice_page::get).post(invoice_page::post))
        .route("/invoices/{id}/pdf", get(invoice_page::file))
        .route("/checkout/{id}/pay", post(control::pay))
        .route("/checkout/{id}/expire", post(control::expire))
        .route("/checkout/{id}/settle", post(control::settle))
        .route("/disputes/{id}/close", post(control::close))
        .route("/deliveries", get(control::deliveries).post(control::set_deliveries))
        .route("/deliveries/flush", post(control::flush))
        .route("/deliveries/send", post(control::send))
        .route("/faults", post(control::faults))
        .route("/requests", get(control::requests).delete(control::clear_requests))
        .with_state(stripe)
}
