//! The state of the simulated Stripe account.

mod delivery;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use local_support::Clock;
use local_support::Random;
use local_support::json_file;
use serde_json::Value;

use crate::account_keys::AccountKeys;
use crate::billing::prices;
use crate::description::ApiDescription;
use crate::faults::ApiFault;
use crate::operation::{Operation, RequestIds};
use crate::store::ObjectStore;
use crate::timers;
use crate::webhooks::delivery::{DeliveryAttempt, DeliveryMode};

/// The path under which the local stack mounts the simulator.
pub const MOUNT_PATH: &str = "/local/stripe";

/// The maximum number of entries in the request log and in the delivery log.
const MAX_LOG_ENTRIES: usize = 10_000;

/// The time in which the webhook endpoint must respond.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(20);

/// The settings of a [`StripeSimulator`].
pub struct StripeSimulatorOptions {
    /// The URL of the local stack, such as `http://localhost:8080`, without a slash at the end. Hosted
    /// pages are below it.
    pub base_url: String,
    /// The URL that receives webhooks.
    pub webhook_url: String,
    /// The keys of the account.
    pub account_keys: AccountKeys,
    /// The file that keeps the objects; `None` keeps them in memory.
    pub data_file: Option<PathBuf>,
    /// The time source, which decides when subscriptions renew and webhooks are retried.
    pub clock: Arc<dyn Clock>,
    /// The source of ids.
    pub random: Arc<dyn Random>,
}

/// A simulated Stripe account with its objects, timers and webhook deliveries.
pub struct StripeSimulator {
    pub(crate) account_keys: AccountKeys,
    pages_url: String,
    webhook_url: String,
    pub(crate) description: ApiDescription,
    store: Mutex<ObjectStore>,
    data_file: Option<PathBuf>,
    clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    http: reqwest::Client,
    /// A lock that is held during deliveries, so that events arrive in order.
    delivery_lock: tokio::sync::Mutex<()>,
    /// The delivery mode, and the number of concurrent deliveries of each event in the mode `Duplicate`.
    delivery_mode: Mutex<(DeliveryMode, usize)>,
    delivery_log: Mutex<Vec<DeliveryAttempt>>,
    fault: Mutex<Option<ApiFault>>,
    request_log: Mutex<Vec<Value>>,
    /// Whether the simulator neither sends nor stores anything any more.
    is_shut_down: AtomicBool,
}

impl StripeSimulator {
    /// Creates an account with the objects of the data file and the fixed prices.
    ///
    /// # Errors
    /// Fails if the data file cannot be read or is malformed, or if no HTTP client can be created.
    pub fn new(options: StripeSimulatorOptions) -> io::Result<Self> {
        let StripeSimulatorOptions {
            base_url,
            webhook_url,
            account_keys,
            data_file,
            clock,
            random,
        } = options;
        let stored = match &data_file {
            Some(file) => json_file::read::<ObjectStore>(file)?,
            None => None,
        };
        // Webhooks go to this machine in plain HTTP, so the proxy of the environment must not be used, and loading the
        // machine's root certificates would only take time.
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .redirect(reqwest::redirect::Policy::none())
            .timeout(WEBHOOK_TIMEOUT)
            .build()
            .map_err(io::Error::other)?;
        let stripe = Self {
            account_keys,
            pages_url: format!("{base_url}{MOUNT_PATH}"),
            webhook_url,
            description: ApiDescription::parse()?,
            store: Mutex::new(stored.unwrap_or_default().with_index()),
            data_file,
            clock,
            random,
            http,
            delivery_lock: tokio::sync::Mutex::default(),
            delivery_mode: Mutex::new((DeliveryMode::default(), 1)),
            delivery_log: Mutex::default(),
            fault: Mutex::default(),
            request_log: Mutex::default(),
            is_shut_down: AtomicBool::new(false),
        };
        stripe.run(prices::create_catalog);
        Ok(stripe)
    }

    /// Returns the time of the next timer or delivery attempt, in seconds since 1970.
    pub fn next_due_at(&self) -> Option<i64> {
        let is_held = self.delivery_mode().0 == DeliveryMode::Hold;
        let store = self.lock_store();
        let deliveries = store.deliveries.iter().filter(|_| !is_held);
        deliveries.map(|delivery| delivery.next_attempt_at).chain(store.next_timer_at()).min()
    }

    /// Runs all timers and delivery attempts that are due. Afterwards [`Self::next_due_at`] is in the future.
    pub async fn run_due(&self) {
        self.run(|_| ());
        self.deliver_due_events().await;
    }

    /// Stops deliveries and writes to the data file, after the delivery in progress.
    pub async fn shut_down(&self) {
        self.is_shut_down.store(true, Ordering::SeqCst);
        let _delivery = self.delivery_lock.lock().await;
        let _store = self.lock_store();
    }

    /// Runs an operation that no API request causes. See [`Self::run_for_request`].
    pub(crate) fn run<T>(&self, operation: impl FnOnce(&mut Operation<'_>) -> T) -> T {
        self.run_for_request(RequestIds::default(), operation)
    }

    /// Runs an operation at the current time, after all timers that are due.
    ///
    /// Its changes are kept even if it fails, because a declined payment leaves objects behind.
    pub(crate) fn run_for_request<T>(
        &self,
        request: RequestIds,
        operation: impl FnOnce(&mut Operation<'_>) -> T,
    ) -> T {
        let mut store = self.lock_store();
        let now = self.now();
        self.run_due_timers(&mut store, now);
        let mut op = self.operation_at(&mut store, now);
        op.request = request;
        let outcome = operation(&mut op);
        self.save(&store);
        outcome
    }

    /// Runs the timers that are due by this time, each at its own time.
    fn run_due_timers(&self, store: &mut ObjectStore, until: i64) {
        while let Some(timer) = store.take_due_timer(until) {
            timers::run_action(&mut self.operation_at(store, timer.run_at), timer.action);
        }
    }

    fn operation_at<'s>(&'s self, store: &'s mut ObjectStore, now: i64) -> Operation<'s> {
        Operation {
            store,
            description: &self.description,
            random: &*self.random,
            pages_url: &self.pages_url,
            now,
            request: RequestIds::default(),
        }
    }

    /// Returns the current time in seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now_seconds()
    }

    /// Locks the objects of the account, and returns them.
    pub(crate) fn lock_store(&self) -> MutexGuard<'_, ObjectStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the objects to the data file, if there is one.
    fn save(&self, store: &ObjectStore) {
        // After a shutdown, another stack may use the file.
        if !self.is_shut_down()
            && let Some(file) = &self.data_file
            && let Err(error) = json_file::write(file, store)
        {
            tracing::error!(cause = ?error, "the data file of the Stripe simulator cannot be written");
        }
    }

    fn is_shut_down(&self) -> bool {
        self.is_shut_down.load(Ordering::SeqCst)
    }

    /// Returns the delivery mode and the number of concurrent deliveries of each event.
    pub(crate) fn delivery_mode(&self) -> (DeliveryMode, usize) {
        *self.delivery_mode.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the delivery mode and the number of concurrent deliveries of each event.
    pub(crate) fn set_delivery_mode(&self, mode: DeliveryMode, times: usize) {
        *self.delivery_mode.lock().unwrap_or_else(PoisonError::into_inner) = (mode, times);
    }

    /// Returns the delivery attempts, oldest first.
    pub(crate) fn delivery_log(&self) -> Vec<DeliveryAttempt> {
        self.delivery_log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts one API call against the fault. Returns the fault if this call fails.
    pub(crate) fn take_fault(&self) -> Option<ApiFault> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).as_mut()?.take()
    }

    /// Sets the fault of the next API calls.
    pub(crate) fn set_fault(&self, fault: ApiFault) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
    }

    /// Adds an API request to the request log.
    pub(crate) fn log_request(&self, entry: Value) {
        push_log_entry(&self.request_log, entry);
    }

    /// Returns the API requests, oldest first.
    pub(crate) fn request_log(&self) -> Vec<Value> {
        self.request_log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Empties the request log. Returns the number of deleted entries.
    pub(crate) fn clear_request_log(&self) -> usize {
        std::mem::take(&mut *self.request_log.lock().unwrap_or_else(PoisonError::into_inner)).len()
    }
}

/// Adds an entry to a log, and removes the oldest one if the log is full.
fn push_log_entry<T>(log: &Mutex<Vec<T>>, entry: T) {
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    if log.len() == MAX_LOG_ENTRIES {
        log.remove(0);
    }
    log.push(entry);
}
