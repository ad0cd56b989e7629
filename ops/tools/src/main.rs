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
mod item;
mod item_update;
mod reconcile;
mod redrive;
mod restore_rows;
mod retry;

use std::process::ExitCode;
use std::sync::Arc;

use aws_config::SdkConfig;
use shared::aws::sdk_config;
use shared::clock::SystemClock;
use shared::config::Config;
use shared::context::Context;
use shared::https::HttpsClient;
use shared::random::SystemRandom;
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
  backfill UPGRADE [--table NAME] [--checkpoint FILE] [--segments N] [--units N] [--apply]
      Scans the table for items of a former shape; `check` finds those that cannot be read.
  reconcile --since TIME [--apply]
      Processes unprocessed events of Stripe, and compares payments and ledgers.
  restore-rows --from TABLE --key PK [--key PK …] [--overwrite] [--apply]
      Copies rows of these partitions from a restored table, where they are missing.
  restore-check --since TIME [--table NAME] [--apply]
      The same as reconcile, after the table was restored to that time. Another table is only compared.
  check-secret --secret NAME --present FILE FILE
      Checks a new version of a secret before it is put in force.

--table names another table than that of the stack, such as a restored one. docs/OPERATIONS.md describes the tools.";

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
            import::import(&environment(None).await?.0, &options).await
        }
        "redrive" => {
            let options = redrive::RedriveOptions::parse(arguments)?;
            let (ctx, sdk) = environment(None).await?;
            redrive::redrive(&ctx, &sdk, &options).await
        }
        "backfill" => {
            let options = backfill::BackfillOptions::parse(arguments)?;
            let (ctx, sdk) = environment(options.table()).await?;
            backfill::backfill(&ctx, &sdk, &options).await
        }
        "reconcile" | "restore-check" => {
            let is_restored = tool == "restore-check";
            let options = reconcile::ReconcileOptions::parse(arguments, is_restored)?;
            let ctx = environment(options.table()).await?.0;
            let stripe = Stripe::from_environment(HttpsClient::default())?;
            reconcile::reconcile(&ctx, &stripe, &options).await
        }
        "restore-rows" => {
            let options = restore_rows::RestoreOptions::parse(arguments)?;
            let (ctx, sdk) = environment(None).await?;
            restore_rows::restore_rows(&ctx, &sdk, &options).await
        }
        "check-secret" => check_secret::check(arguments),
        "--help" | "help" => {
            print_line(USAGE);
            Ok(true)
        }
        other => Err(ToolError::Usage(format!("there is no tool {other:?}"))),
    }
}

/// Reads the environment variables of a function, and connects to AWS. `table` takes the place of the function's table.
async fn environment(table: Option<&str>) -> Result<(Context, SdkConfig), ToolError> {
    let https = HttpsClient::default();
    let sdk = sdk_config(https.clone()).await;
    let mut config = Config::from_environment()?;
    if let Some(table) = table {
        table.clone_into(&mut config.table_name);
    }
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    Ok((Context::new(config, &https, &sdk, clock, random).await?, sdk))
}
