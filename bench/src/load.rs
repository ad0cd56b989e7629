//! Load on the local stack: as many requests as some connections can send, for a few seconds.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Client;
use tokio::task::JoinSet;

use crate::account::Account;
use crate::error::{Error, Result};
use crate::operation::Operation;
use crate::say;
use crate::stack_process::StackProcess;
use crate::statistics::{median, percentile};

/// Numbers of connections that send at the same time.
pub(crate) const CONNECTIONS: [usize; 3] = [1, 16, 64];

/// How long each load lasts.
pub(crate) const DURATION: Duration = Duration::from_secs(3);

/// Connections that sign in beside the session checks of the last load.
pub(crate) const SIGN_INS: usize = 4;

/// The interval between two looks at the memory.
const MEMORY_INTERVAL: Duration = Duration::from_millis(200);

/// How many accounts sign up at the same time before the load begins.
const SIGN_UPS_AT_ONCE: usize = 8;

/// What was measured of a load.
pub(crate) struct Load {
    pub(crate) operation: Operation,
    pub(crate) connections: usize,
    /// Whether other connections signed in at the same time.
    pub(crate) is_beside_sign_ins: bool,
    /// Answered requests per second.
    pub(crate) rate: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// Requests without an answer, or with a status that is an error.
    pub(crate) errors: usize,
    /// The memory of the stack in bytes, from the begin to the end.
    pub(crate) memory: Vec<u64>,
}

#[derive(Default)]
struct Sent {
    durations: Vec<Duration>,
    errors: usize,
}

/// Measures every operation with each number of connections, and session checks beside sign-ins.
///
/// # Errors
/// If the stack does not start or the accounts cannot be made.
pub(crate) async fn measure() -> Result<Vec<Load>> {
    let stack = StackProcess::start()?;
    say("signing up the accounts of the load");
    let accounts = sign_up(&stack.url).await?;
    let mut loads = Vec::new();
    for operation in Operation::ALL {
        for connections in CONNECTIONS {
            loads.push(run(&stack, &accounts, operation, connections, false).await?);
        }
    }
    for connections in CONNECTIONS {
        loads.push(run(&stack, &accounts, Operation::SessionCheck, connections, true).await?);
    }
    Ok(loads)
}

/// Makes an account for each connection.
async fn sign_up(base: &str) -> Result<Vec<Arc<Account>>> {
    let most = CONNECTIONS.into_iter().max().unwrap_or(1) + SIGN_INS;
    let mut accounts = Vec::new();
    let mut tasks = JoinSet::new();
    for number in 0..most {
        if tasks.len() == SIGN_UPS_AT_ONCE
            && let Some(account) = tasks.join_next().await
        {
            accounts.push(Arc::new(account??));
        }
        let base = base.to_owned();
        tasks.spawn(
            async move { Account::create(&base, &format!("load-{number}@example.com")).await },
        );
    }
    while let Some(account) = tasks.join_next().await {
        accounts.push(Arc::new(account??));
    }
    Ok(accounts)
}

async fn run(
    stack: &StackProcess,
    accounts: &[Arc<Account>],
    operation: Operation,
    connections: usize,
    is_beside_sign_ins: bool,
) -> Result<Load> {
    say(&format!("load: {}, {connections} connections", operation.name()));
    let begin = Instant::now();
    let end = begin + DURATION;
    let mut own = JoinSet::new();
    let mut beside = JoinSet::new();
    for account in accounts.iter().take(connections) {
        own.spawn(send_until(end, stack.url.clone(), account.clone(), operation));
    }
    if is_beside_sign_ins {
        for account in accounts.iter().rev().take(SIGN_INS) {
            beside.spawn(send_until(end, stack.url.clone(), account.clone(), Operation::SignIn));
        }
    }
    let mut memory = vec![stack.memory()?];
    while Instant::now() < end {
        tokio::time::sleep(MEMORY_INTERVAL).await;
        memory.push(stack.memory()?);
    }
    let mut sent = Sent::default();
    while let Some(of_one) = own.join_next().await {
        let of_one = of_one?;
        sent.durations.extend(of_one.durations);
        sent.errors += of_one.errors;
    }
    // The last requests end a little later.
    let elapsed = begin.elapsed();
    beside.join_all().await;
    let Sent { durations, errors } = sent;
    // At most some 100,000 requests, which f64 does not round.
    #[allow(clippy::cast_precision_loss)]
    let rate = durations.len() as f64 / elapsed.as_secs_f64();
    let (p50, p99) = (median(&durations), percentile(&durations, 99));
    Ok(Load { operation, connections, is_beside_sign_ins, rate, p50, p99, errors, memory })
}

/// Sends requests one after the other over a connection of its own.
async fn send_until(
    end: Instant,
    base: String,
    account: Arc<Account>,
    operation: Operation,
) -> Sent {
    let http = Client::new();
    let mut sent = Sent::default();
    while Instant::now() < end {
        let started = Instant::now();
        let answer = async {
            let response = operation.request(&http, &base, &account).send().await?;
            let response = response.error_for_status()?;
            Ok::<_, Error>(response.bytes().await?)
        };
        match answer.await {
            Ok(_) => sent.durations.push(started.elapsed()),
            Err(_) => sent.errors += 1,
        }
    }
    sent
}
