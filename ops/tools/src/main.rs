//! `ops-tools`: what engineers run against the table from their own machine.
//!
//! It has the environment of a function, as `ops/tool` reads it from a stack, and the engineer's credentials. Without
//! `--apply` a tool writes nothing and says what it would do. `docs/OPERATIONS.md` describes each tool.

mod backfill;
mod check_secret;
mod console;
mod environment;
mod error;
mod flags;
mod import;
mod reconcile;
mod redrive;
mod retry;

use std::process::ExitCode;

use aws_config::SdkConfig;
use shared::aws::sdk_config;
use shared::context::Context;
use shared::https::HttpsClient;
use shared::stripe::Stripe;

use console::{print_error, print_line};
use error::ToolError;

/// The exit status after a command line that is wrong.
const USAGE_STATUS: u8 = 2;

/// The text that `--help` prints.
const USAGE: &str = "\
usage: ops-tools TOOL [OPTIONS]

Without --apply a tool writes nothing and says what it would do.

  import FILE [--firebase FILE] [--concurrency N] [--apply]
      Creates accounts, organizations and memberships from lines of JSON.
  redrive [--kind KIND] [--apply]
      Gives dead letters back to the worker.
  backfill UPGRADE [--checkpoint FILE] [--segments N] [--units N] [--apply]
      Scans the table for items of a former shape; `check` finds those that cannot be read.
  reconcile --since TIME [--apply]
      Processes missed events of Stripe, and compares payments and ledgers.
  restore-check --since TIME [--apply]
      The same after the table was restored to that time.
  check-secret --secret NAME --present FILE FILE
      Checks a new version of a secret before it is put in force.

docs/OPERATIONS.md describes the tools.";

#[tokio::main]
async fn main() -> ExitCode {
    shared::telemetry::init_to(std::io::stderr, "error");
    let mut arguments = std::env::args().skip(1);
    let tool = arguments.next().unwrap_or_default();
    match run(&tool, arguments.collect()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(ToolError::Usage(why)) => {
            print_error(&format!("{why}\n\n{USAGE}"));
            ExitCode::from(USAGE_STATUS)
        }
        Err(error) => {
            print_error(&format!("ops-tools {tool}: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs a tool. Returns whether it found no problem and left nothing undone.
async fn run(tool: &str, arguments: Vec<String>) -> Result<bool, ToolError> {
    match tool {
        "import" => {
            let options = import::ImportOptions::parse(arguments)?;
            import::import(&environment().await?.0, &options).await
        }
        "redrive" => {
            let options = redrive::RedriveOptions::parse(arguments)?;
            let (ctx, sdk) = environment().await?;
            redrive::redrive(&ctx, &sdk, &options).await
        }
        "backfill" => {
            let options = backfill::BackfillOptions::parse(arguments)?;
            let (ctx, sdk) = environment().await?;
            backfill::backfill(&ctx, &sdk, &options).await
        }
        "reconcile" | "restore-check" => {
            let is_restored = tool == "restore-check";
            let options = reconcile::ReconcileOptions::parse(arguments, is_restored)?;
            let ctx = environment().await?.0;
            let stripe = Stripe::from_environment(HttpsClient::default())?;
            reconcile::reconcile(&ctx, &stripe, &options).await
        }
        "check-secret" => check_secret::check(arguments),
        "--help" | "help" => {
            print_line(USAGE);
            Ok(true)
        }
        other => Err(ToolError::Usage(format!("there is no tool {other:?}"))),
    }
}

/// Reads the environment variables of a function, and connects to AWS.
async fn environment() -> Result<(Context, SdkConfig), ToolError> {
    let https = HttpsClient::default();
    let sdk = sdk_config(https.clone()).await;
    Ok((Context::from_environment(&https, &sdk).await?, sdk))
}
