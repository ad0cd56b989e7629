//! Load on the local stack.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::account::Account;
use crate::console::say;
use crate::error::Result;
use crate::load::{self, Load, LoadParams, MakeRequest};
use crate::operation::Operation;
use crate::server_process::ServerProcess;
use crate::stack_process;

/// The numbers of connections that send at the same time.
pub(crate) const CONNECTIONS: [usize; 3] = [1, 16, 64];

/// Number of connections that sign in beside session checks.
pub(crate) const SIGN_INS: usize = 4;

/// Number of connections that debit one organization at the same time.
pub(crate) const DEBITS: usize = 50;

/// How many accounts sign up at the same time before the load begins.
const SIGN_UP_CONCURRENCY: usize = 8;

/// The measurements of the load on the local stack.
pub(crate) struct StackLoads {
    /// The load of each operation, with each number of connections.
    pub(crate) operations: Vec<(Operation, Load)>,
    /// Session checks beside sign-ins, with each number of connections.
    pub(crate) beside_sign_ins: Vec<Load>,
    /// The load of debits of one organization over many connections.
    pub(crate) one_organization: Load,
}

impl StackLoads {
    /// Returns the load of an operation with that number of connections.
    ///
    /// # Errors
    /// If there was none.
    pub(crate) fn find_load(&self, operation: Operation, connections: usize) -> Result<&Load> {
        let mut loads = self.operations.iter();
        let found = loads.find(|(of, load)| *of == operation && load.connections == connections);
        Ok(&found.ok_or("there was no such load")?.1)
    }

    /// Returns all loads in the order in which they ran.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Load> {
        let operations = self.operations.iter().map(|(_, load)| load);
        operations.chain(&self.beside_sign_ins).chain([&self.one_organization])
    }
}

/// Measures every operation with each number of connections, session checks beside sign-ins, and many connections that
/// debit one organization.
///
/// # Errors
/// If the stack does not start or the accounts cannot be made.
pub(crate) async fn measure() -> Result<StackLoads> {
    let stack = stack_process::start()?;
    say("signing up the accounts of the load");
    let accounts = sign_up(&stack.url).await?;
    let mut operations = Vec::new();
    for operation in Operation::ALL {
        for connections in CONNECTIONS {
            let load = run(&stack, operation, accounts.iter().take(connections)).await?;
            operations.push((operation, load));
        }
    }
    let mut beside_sign_ins = Vec::new();
    for connections in CONNECTIONS {
        let checks = requests(&stack, Operation::SessionCheck, accounts.iter().take(connections));
        let sign_ins = requests(&stack, Operation::SignIn, accounts.iter().rev().take(SIGN_INS));
        let params = LoadParams {
            name: format!("session check beside {SIGN_INS} sign-ins"),
            call: Operation::SessionCheck.call(),
            connections: checks,
            beside: sign_ins,
        };
        beside_sign_ins.push(load::run(&stack, params).await?);
    }
    let one = accounts.iter().cycle().step_by(accounts.len()).take(DEBITS);
    let mut one_organization = run(&stack, Operation::SpendCredits, one).await?;
    one_organization.name = "debit of one organization".to_owned();
    Ok(StackLoads { operations, beside_sign_ins, one_organization })
}

async fn run<'a>(
    stack: &ServerProcess,
    operation: Operation,
    accounts: impl Iterator<Item = &'a Arc<Account>>,
) -> Result<Load> {
    let params = LoadParams {
        name: operation.name().to_owned(),
        call: operation.call(),
        connections: requests(stack, operation, accounts),
        beside: Vec::new(),
    };
    load::run(stack, params).await
}

/// Returns the requests of a connection for each account.
fn requests<'a>(
    stack: &ServerProcess,
    operation: Operation,
    accounts: impl Iterator<Item = &'a Arc<Account>>,
) -> Vec<MakeRequest> {
    let of_account = |account: &Arc<Account>| -> MakeRequest {
        let (base, account) = (stack.url.clone(), account.clone());
        Arc::new(move |http| operation.request(http, &base, &account))
    };
    accounts.map(of_account).collect()
}

/// Makes an account for each connection.
async fn sign_up(base: &str) -> Result<Vec<Arc<Account>>> {
    let most = CONNECTIONS.into_iter().max().unwrap_or(1) + SIGN_INS;
    let mut accounts = Vec::new();
    let mut tasks = JoinSet::new();
    for number in 0..most {
        if tasks.len() == SIGN_UP_CONCURRENCY
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
