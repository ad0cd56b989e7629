//! Stripe of one stack: what it holds, when things happen, and what was asked of it.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use shared::clock::{Clock, Timestamp};
use shared::random::Random;

use super::account::Account;
use super::deliveries::{Attempt, Mode};
use super::faults::Fault;
use super::public::Public;
use super::store::Store;
use super::work::Work;
use super::{HOOK, PATH, api, deliveries, prices, timers};
use crate::clock::MovableClock;
use crate::data;
use crate::schedule::Events;

/// Most requests and deliveries that are remembered.
const MOST_REMEMBERED: usize = 10_000;

/// Stripe, for one stack.
pub(crate) struct Stripe {
    pub(super) account: Account,
    /// Where its pages are.
    pub(super) pages: String,
    /// Where its webhooks go.
    pub(super) hook: String,
    pub(super) public: Public,
    pub(super) store: Mutex<Store>,
    pub(super) file: Option<PathBuf>,
    pub(super) clock: Arc<MovableClock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) http: reqwest::Client,
    /// Held while events are delivered, so that they arrive in order.
    pub(super) turn: tokio::sync::Mutex<()>,
    pub(super) mode: Mutex<(Mode, usize)>,
    pub(super) log: Mutex<Vec<Attempt>>,
    pub(super) fault: Mutex<Option<Fault>>,
    pub(super) requests: Mutex<Vec<Value>>,
    /// Whether the stack has ended: nothing is sent or kept any more.
    is_over: AtomicBool,
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
            is_over: AtomicBool::new(false),
        };
        stripe.work((None, None), prices::ensure);
        Ok(stripe)
    }

    /// Does something now, after what was due before. Kept in any case: a declined payment leaves traces.
    pub(super) fn work<T>(
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

    pub(super) fn now(&self) -> i64 {
        self.clock.now().seconds()
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn keep(&self, store: &Store) {
        // The folder may be another stack's by then.
        if !self.is_over()
            && let Some(file) = &self.file
            && let Err(error) = data::write(file, store)
        {
            tracing::error!(cause = ?error, "what Stripe holds can't be kept");
        }
    }

    /// Ends it, after the delivery that is under way.
    pub(crate) async fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _turn = self.turn.lock().await;
        let _store = self.store();
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    pub(super) fn mode(&self) -> (Mode, usize) {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_mode(&self, mode: Mode, times: usize) {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner) = (mode, times);
    }

    pub(super) fn take_fault(&self) -> Option<Fault> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).as_mut()?.take()
    }

    pub(super) fn set_fault(&self, fault: Fault) -> u32 {
        let next = fault.next();
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
        next
    }

    pub(super) fn log(&self, attempt: Attempt) {
        remember(&self.log, attempt);
    }

    /// Takes note of a request and how it was answered.
    pub(super) fn note(&self, asked: &api::Asked, status: StatusCode) {
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
