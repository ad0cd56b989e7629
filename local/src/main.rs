//! `cargo run`: the whole stack on this machine.

mod arguments;
mod console;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use arguments::{Arguments, Command, USAGE};
use local::{Data, Options, Stack, Stripe};
use shared::clock::Stopwatch;

#[tokio::main]
async fn main() -> ExitCode {
    let port = variable("PORT");
    match Arguments::parse(std::env::args().skip(1), port.as_deref()) {
        Ok(Command::Help) => {
            console::say(USAGE);
            ExitCode::SUCCESS
        }
        Ok(Command::Run(arguments)) => run(arguments).await,
        Err(error) => {
            console::complain(&format!("{error}\n\n{USAGE}"));
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> ExitCode {
    let watch = Stopwatch::start();
    let options = Options {
        data: arguments.data.clone(),
        port: arguments.port,
        stripe: stripe(),
        observer: Arc::new(console::tell),
        ..Options::default()
    };
    let stack = match Stack::start(options).await {
        Ok(stack) => stack,
        Err(error) => {
            console::complain(&console::with_causes(&error));
            return ExitCode::FAILURE;
        }
    };
    // Not before: the folder, with the log in it, may turn out to be somebody else's.
    let log = match start_log(&arguments) {
        Ok(log) => log,
        Err(error) => {
            console::complain(&format!("the functions' log: {error}"));
            stack.stop().await;
            return ExitCode::FAILURE;
        }
    };
    console::welcome(&stack, &arguments.data, &log, watch.milliseconds());
    asked_to_stop().await;
    console::say("stopping");
    stack.stop().await;
    ExitCode::SUCCESS
}

/// Stripe itself where there is a key of an account, or else the stack's own.
fn stripe() -> Stripe {
    match variable("STRIPE_SECRET_KEY") {
        None => Stripe::Simulated,
        Some(secret_key) => Stripe::Real {
            secret_key,
            webhook_secret: variable("STRIPE_WEBHOOK_SECRET"),
            prices: variable("STRIPE_PRICES").unwrap_or_default(),
        },
    }
}

/// One of the local stack's own settings; no function reads them.
#[allow(clippy::disallowed_methods)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What is logged: what the functions say, unless `RUST_LOG` says otherwise.
fn log_filter() -> String {
    // The engine warns of every condition that didn't hold.
    variable("RUST_LOG")
        .unwrap_or_else(|| format!("{},dynoxide=error", shared::telemetry::filter("info")))
}

/// Starts the functions' log; returns where it goes, in words.
fn start_log(arguments: &Arguments) -> std::io::Result<String> {
    if arguments.logs {
        shared::telemetry::init_to(std::io::stderr, &log_filter());
        return Ok("here".to_owned());
    }
    match &arguments.data {
        Data::Memory => Ok("nowhere; --logs shows it here".to_owned()),
        Data::Folder(folder) => {
            let path = log_file(folder);
            let file = File::create(&path)?;
            shared::telemetry::init_to(Mutex::new(file), &log_filter());
            Ok(console::path(&path))
        }
    }
}

fn log_file(folder: &Path) -> PathBuf {
    folder.join("functions.log")
}

/// Waits for Ctrl-C, or for being told to end by whoever started this.
async fn asked_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}
