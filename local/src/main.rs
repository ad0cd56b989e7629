//! `cargo run`: starts the local stack.

mod arguments;
mod console;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use arguments::{Arguments, Command, USAGE};
use local::{Stack, StackData, StackOptions, StripeBackend};
use local_support::describe_error_chain;
use shared::clock::Stopwatch;

/// Stack of the threads that run the functions. The futures of a debug build need more than the 2 MiB that Rust gives.
const THREAD_STACK_BYTES: usize = 8 * 1024 * 1024;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(THREAD_STACK_BYTES)
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(start()),
        Err(error) => {
            console::print_error(&format!("cannot start the runtime: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn start() -> ExitCode {
    let port = variable("PORT");
    match Arguments::parse(std::env::args().skip(1), port.as_deref()) {
        Ok(Command::Help) => {
            console::print_line(USAGE);
            ExitCode::SUCCESS
        }
        Ok(Command::Run(arguments)) => run(arguments).await,
        Err(error) => {
            console::print_error(&format!("{error}\n\n{USAGE}"));
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> ExitCode {
    let watch = Stopwatch::start();
    let options = StackOptions {
        data: arguments.data.clone(),
        port: arguments.port,
        aws_port: arguments.aws.then_some(0),
        stripe: stripe_backend(),
        event_listener: Arc::new(console::print_event),
        ..StackOptions::default()
    };
    let stack = match Stack::start(options).await {
        Ok(stack) => stack,
        Err(error) => {
            console::print_error(&describe_error_chain(&error));
            return ExitCode::FAILURE;
        }
    };
    // The log starts after the stack, because the stack finds out whether the folder is its own.
    let log = match start_log(&arguments) {
        Ok(log) => log,
        Err(error) => {
            console::print_error(&format!("cannot write the log of the functions: {error}"));
            stack.stop().await;
            return ExitCode::FAILURE;
        }
    };
    console::print_welcome(&stack, &arguments.data, &log, watch.milliseconds());
    wait_for_stop_signal().await;
    console::print_line("stopping");
    stack.stop().await;
    ExitCode::SUCCESS
}

/// Returns the real Stripe if the environment has a key, otherwise the simulator.
fn stripe_backend() -> StripeBackend {
    match variable("STRIPE_SECRET_KEY") {
        None => StripeBackend::Simulated,
        Some(secret_key) => StripeBackend::Real {
            secret_key,
            webhook_secret: variable("STRIPE_WEBHOOK_SECRET"),
            prices: variable("STRIPE_PRICES").unwrap_or_default(),
        },
    }
}

/// Returns an environment variable of the local stack. The functions read none of them.
#[allow(clippy::disallowed_methods)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the log filter: `RUST_LOG`, or the log lines of the functions.
fn log_filter() -> String {
    // The engine warns about every failed condition, which is ordinary here.
    variable("RUST_LOG")
        .unwrap_or_else(|| format!("{},dynoxide=error", shared::telemetry::filter("info")))
}

/// Starts the log of the functions. Returns a description of where it goes.
fn start_log(arguments: &Arguments) -> std::io::Result<String> {
    if arguments.logs {
        shared::telemetry::init_to(std::io::stderr, &log_filter());
        return Ok("on this terminal".to_owned());
    }
    match &arguments.data {
        StackData::Memory => Ok("none (--logs shows it on this terminal)".to_owned()),
        StackData::Folder(folder) => {
            let path = log_file(folder);
            let file = File::create(&path)?;
            shared::telemetry::init_to(Mutex::new(file), &log_filter());
            Ok(console::absolute_path(&path))
        }
    }
}

fn log_file(folder: &Path) -> PathBuf {
    folder.join("functions.log")
}

/// Waits for Ctrl-C or SIGTERM.
async fn wait_for_stop_signal() {
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
