//! Connects the simulators of Stripe and Google to the stack's clock, randomness and schedules.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use shared::clock::{Clock, Timestamp};
use shared::random::Random;
use stripe_simulator::StripeSimulator;

use crate::clock::MovableClock;
use crate::schedule::TimedEvents;

/// The path to which Google redirects users, below the URL of the stack.
const GOOGLE_CALLBACK_PATH: &str = "/api/v1/auth/google/callback";

/// The path that receives Stripe's webhooks, below the URL of the stack.
const STRIPE_WEBHOOK_PATH: &str = "/v1/webhooks/stripe";

impl local_support::Clock for MovableClock {
    fn now_seconds(&self) -> i64 {
        self.now().seconds()
    }
}

impl TimedEvents for StripeSimulator {
    fn next_at(&self) -> Option<Timestamp> {
        self.next_due_at().map(Timestamp::from_seconds)
    }

    fn run_due_events(&self) -> BoxFuture<'_, ()> {
        self.run_due().boxed()
    }
}

/// Returns the redirect URI of the service in the stack with this URL.
pub(crate) fn google_redirect_uri(base_url: &str) -> String {
    format!("{base_url}{GOOGLE_CALLBACK_PATH}")
}

/// Returns the URL that stands for `https://api.stripe.com/` in the stack on this port.
pub(crate) fn stripe_api_base(port: u16) -> String {
    format!("http://127.0.0.1:{port}{}/", stripe_simulator::MOUNT_PATH)
}

/// Returns the URL that receives Stripe's webhooks in the stack on this port.
pub(crate) fn stripe_webhook_url(port: u16) -> String {
    format!("http://127.0.0.1:{port}{STRIPE_WEBHOOK_PATH}")
}

/// Generates the credentials of the service at the simulated Google.
pub(crate) fn generate_google_client(random: &dyn Random) -> google_simulator::ClientCredentials {
    google_simulator::ClientCredentials::generate(&|buffer: &mut [u8]| random.fill(buffer))
}

/// Generates the keys of the simulated Stripe account.
pub(crate) fn generate_stripe_keys(random: &dyn Random) -> stripe_simulator::AccountKeys {
    stripe_simulator::AccountKeys::generate(&|buffer: &mut [u8]| random.fill(buffer))
}
