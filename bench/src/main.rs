//! Measures the functions as they ship beside a bare Lambda function, and writes `bench/RESULTS.md`.
//!
//! ```text
//! cargo run --profile stack -p bench               build the functions, measure everything, write the results
//! cargo run --profile stack -p bench -- --help     all options
//! ```
//!
//! The functions are processes of their own. The benchmark answers their calls of the Lambda Runtime API and, through
//! the local stack, of AWS. Rounds are interleaved: each round starts every function once, so that a disturbance of the
//! machine meets all of them.
//!
//! | module | content |
//! |---|---|
//! | `arguments`, `console` | the command line |
//! | `build` | builds the functions as they ship |
//! | `function` | the measured functions, and a request to each |
//! | `runtime_api` | the Lambda Runtime API |
//! | `process` | a function as a process |
//! | `slow_aws` | adds a delay to every call of AWS |
//! | `account` | the account and organization that the requests use |
//! | `measure` | the interleaved rounds |
//! | `load` | load on a server |
//! | `stack_load` | load on the local stack |
//! | `better_auth` | the same load on better-auth |
//! | `operation` | the requests of the load |
//! | `server_process`, `stack_process` | a server and the local stack as processes of their own |
//! | `hashing` | password hashes, beside the reference implementation |
//! | `packages` | installs what is compared with |
//! | `network` | requests from many networks |
//! | `proc_files` | memory and processor time of a process |
//! | `statistics` | medians and percentiles |
//! | `results` | everything that was measured |
//! | `goals` | the performance goals, and whether they are reached |
//! | `report` | the tables |
//! | `charts` | which charts there are |
//! | `svg` | bar charts as SVG |

// A benchmark measures real time.
#![allow(clippy::disallowed_methods)]

mod account;
mod arguments;
mod better_auth;
mod build;
mod charts;
mod console;
mod error;
mod function;
mod goals;
mod hashing;
mod load;
mod measure;
mod network;
mod operation;
mod packages;
mod proc_files;
mod process;
mod report;
mod results;
mod runtime_api;
mod server_process;
mod slow_aws;
mod stack_load;
mod stack_process;
mod statistics;
mod svg;

use std::process::ExitCode;

use arguments::{Arguments, Command, USAGE};
use console::say;
use error::Result;
use results::Results;

#[tokio::main]
async fn main() -> ExitCode {
    match Arguments::parse(std::env::args().skip(1)) {
        Ok(Command::Help) => {
            say(USAGE);
            ExitCode::SUCCESS
        }
        Ok(Command::Stack) => exit_code(stack_process::serve().await),
        Ok(Command::Run(arguments)) => exit_code(run(&arguments).await),
        Err(error) => {
            say(&format!("error: {error}\n\n{USAGE}"));
            ExitCode::from(2)
        }
    }
}

fn exit_code(result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    let binaries = build::build(arguments)?;
    let results = Results {
        functions: measure::measure(arguments, &binaries).await?,
        hashing: hashing::measure()?,
        stack_starts: stack_process::measure_starts().await?,
        stack: stack_load::measure().await?,
        better_auth: better_auth::measure().await?,
    };
    let report = report::render(arguments, &results)?;
    match &arguments.folder {
        Some(folder) => {
            std::fs::write(folder.join("RESULTS.md"), &report)?;
            std::fs::write(folder.join("functions.svg"), charts::functions(&results.functions)?)?;
            std::fs::write(folder.join("load.svg"), charts::load(&results.stack))?;
        }
        None => say(&report),
    }
    Ok(())
}
