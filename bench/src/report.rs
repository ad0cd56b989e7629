//! Renders the tables of the results as Markdown.

use std::fmt::Write;
use std::process::Command;
use std::time::Duration;

use bench_scale::{Inputs, workspace_root};

use crate::arguments::Arguments;
use crate::error::Result;
use crate::function::Function;
use crate::hashing::Hashing;
use crate::load::Load;
use crate::measure::{FunctionMeasurements, Latencies};
use crate::operation::Operation;
use crate::results::Results;
use crate::slow_aws::DELAY;
use crate::stack_load::StackLoads;
use crate::statistics::{median, percentile};
use crate::{better_auth, goals, hashing, load};

/// Renders the results as Markdown.
///
/// # Errors
/// If the commit, the machine or a file that the results quote cannot be read.
pub(crate) fn render(arguments: &Arguments, results: &Results) -> Result<String> {
    let mut page = String::from("# Results\n\n");
    writeln!(page, "Written by `cargo run --profile stack -p bench`.\n")?;
    writeln!(page, "- Date: {}", jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC"))?;
    writeln!(page, "- Commit: {}", commit()?)?;
    writeln!(page, "- Machine: {}", machine()?)?;
    let build = if arguments.quick { "without link-time optimization" } else { "as they ship" };
    writeln!(page, "- Functions: built {build}, {} starts of each\n", arguments.rounds)?;
    goals::write(&mut page, results)?;
    page.push('\n');
    page.push_str(include_str!("../NOTES.md"));
    page.push('\n');
    let measured = &results.functions;
    sizes_and_starts(&mut page, measured)?;
    writeln!(page, "\n## Requests\n")?;
    requests(&mut page, measured, |one| &one.without_delay)?;
    writeln!(page, "\n## With {} ms added to each call of AWS\n", DELAY.as_millis())?;
    requests(&mut page, measured, |one| &one.with_delay)?;
    hashing(&mut page, &results.hashing)?;
    load(&mut page, &results.stack)?;
    better_auth(&mut page, results)?;
    growth(&mut page)?;
    money(&mut page)?;
    Ok(page)
}

fn sizes_and_starts(page: &mut String, measured: &[FunctionMeasurements]) -> Result<()> {
    let floor = measured.first().ok_or("nothing was measured")?;
    page.push_str("## Size and start\n\n![Size and start of each function](functions.svg)\n\n");
    page.push_str(
        "The bare function is `lambda_http` and one `GetItem`. Ratios are to it, and each goal is the most that a ratio \
         may be.\n\n\
         | function | zip | ratio | goal | start to first `/next` | ratio | goal | processor time of the start | ratio | peak memory | ratio |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for one in measured {
        let goals = one.function.map(Function::goals);
        let goal = |goal: Option<f64>| goal.map_or_else(String::new, |goal| format!("{goal:.1}"));
        writeln!(
            page,
            "| {} | {} | {} | {} | {} ms | {} | {} | {} ms | {} | {} | {} |",
            name(one),
            megabytes(one.zip_bytes),
            ratio_of_bytes(one.zip_bytes, floor.zip_bytes),
            goal(goals.as_ref().map(|goals| goals.zip)),
            milliseconds(median(&one.without_delay.starts)),
            ratio(&one.without_delay.starts, &floor.without_delay.starts),
            goal(goals.as_ref().map(|goals| goals.start)),
            milliseconds(median(&one.without_delay.start_processor_times)),
            ratio(
                &one.without_delay.start_processor_times,
                &floor.without_delay.start_processor_times
            ),
            megabytes(one.peak_memory),
            ratio_of_bytes(one.peak_memory, floor.peak_memory),
        )?;
    }
    Ok(())
}

fn load(page: &mut String, stack: &StackLoads) -> Result<()> {
    writeln!(
        page,
        "\n## Load on the local stack\n\n![Requests per second](load.svg)\n\n\
         The stack is one process with the functions, DynamoDB on SQLite, and all other services. It shares the machine \
         with the benchmark, which sends as many requests as it gets answers, for {} seconds over each number of \
         connections. Passwords are hashed at the cost of production. Memory is that of the stack before, at most, and \
         after.\n\n\
         | operation | call | connections | requests per second | p50 | p99 | errors | memory |\n\
         |---|---|---|---|---|---|---|---|",
        load::DURATION.as_secs()
    )?;
    for load in stack.all() {
        load_row(page, load)?;
    }
    Ok(())
}

fn load_row(page: &mut String, load: &Load) -> Result<()> {
    let first = load.memory.first().copied().unwrap_or_default();
    let most = load.memory.iter().copied().max().unwrap_or_default();
    let last = load.memory.last().copied().unwrap_or_default();
    writeln!(
        page,
        "| {} | `{}` | {} | {:.0} | {} ms | {} ms | {} | {} → {} → {} |",
        load.name,
        load.call,
        load.connections,
        load.rate,
        milliseconds(load.p50),
        milliseconds(load.p99),
        load.errors,
        megabytes(first),
        megabytes(most),
        megabytes(last),
    )?;
    Ok(())
}

/// Writes the comparison with better-auth.
fn better_auth(page: &mut String, results: &Results) -> Result<()> {
    writeln!(
        page,
        "\n## The same in better-auth\n\n\
         better-auth {} with its plugins for organizations and API keys, on Node and SQLite in memory, one process, \
         without rate limits. Its passwords are hashed with scrypt.\n\n\
         | operation | call | connections | requests per second | p50 | p99 | errors | memory |\n\
         |---|---|---|---|---|---|---|---|",
        better_auth::VERSION
    )?;
    for (_, load) in &results.better_auth {
        load_row(page, load)?;
    }
    Ok(())
}

fn hashing(page: &mut String, hashing: &Hashing) -> Result<()> {
    writeln!(
        page,
        "\n## Password hashes\n\n\
         One argon2id hash at the cost of production, in memory that is reused: {} ms. The reference implementation in \
         C (`{}`), in memory that it allocates: {} ms. Medians of {}.",
        milliseconds(median(&hashing.own)),
        hashing::REFERENCE,
        milliseconds(median(&hashing.reference)),
        hashing.own.len(),
    )?;
    Ok(())
}

/// Writes the calls whose costs are compared between a small and a large table.
fn growth(page: &mut String) -> Result<()> {
    page.push_str(
        "\n## Growth\n\n\
         The cost of these calls with 100 and with 100,000 rows in the table, measured by `tests/checks/cost.rs`, which \
         fails if they differ. The costs of all calls are in [docs/COSTS.md](../docs/COSTS.md).\n\n",
    );
    let text = std::fs::read_to_string(workspace_root().join("bench/growth.tsv"))?;
    for (number, line) in text.lines().enumerate() {
        writeln!(page, "| {} |", line.replace('\t', " | "))?;
        if number == 0 {
            writeln!(page, "{}|", "|---".repeat(line.split('\t').count()))?;
        }
    }
    Ok(())
}

/// Writes what a million requests cost.
fn money(page: &mut String) -> Result<()> {
    page.push_str(
        "\n## Money\n\n\
         A million calls at the list prices of [prices.yaml](prices.yaml), with DynamoDB, Lambda, API Gateway, logs and \
         mails. `cargo run -p bench-scale` computes the same for every call.\n\n\
         | operation | call | US dollars |\n|---|---|---|\n",
    );
    let inputs = Inputs::read(&workspace_root())?;
    for operation in Operation::ALL {
        let label = operation.cost_label();
        let dollars = bench_scale::dollars_per_million(&inputs, inputs.cost(label)?)?;
        writeln!(page, "| {} | {label} | {dollars:.2} |", operation.name())?;
    }
    Ok(())
}

fn requests(
    page: &mut String,
    measured: &[FunctionMeasurements],
    of: impl Fn(&FunctionMeasurements) -> &Latencies,
) -> Result<()> {
    let floor = measured.first().map(&of).ok_or("nothing was measured")?;
    page.push_str(
        "| function | request | start | first request | ratio | warm p50 | ratio | warm p99 |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for one in measured {
        let latencies = of(one);
        writeln!(
            page,
            "| {} | {} | {} ms | {} ms | {} | {} ms | {} | {} ms |",
            name(one),
            one.request,
            milliseconds(median(&latencies.starts)),
            milliseconds(median(&latencies.first)),
            ratio(&latencies.first, &floor.first),
            milliseconds(median(&latencies.warm)),
            ratio(&latencies.warm, &floor.warm),
            milliseconds(percentile(&latencies.warm, 99)),
        )?;
    }
    Ok(())
}

fn name(one: &FunctionMeasurements) -> &'static str {
    one.function.map_or("bare", Function::name)
}

fn ratio(values: &[Duration], floor: &[Duration]) -> String {
    format!("{:.2}", median(values).as_secs_f64() / median(floor).as_secs_f64())
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1000.0)
}

// The sizes are far below the numbers that f64 rounds.
#[allow(clippy::cast_precision_loss)]
fn megabytes(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1_000_000.0)
}

#[allow(clippy::cast_precision_loss)]
fn ratio_of_bytes(bytes: u64, floor: u64) -> String {
    format!("{:.2}", bytes as f64 / floor as f64)
}

fn commit() -> Result<String> {
    let output = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn machine() -> Result<String> {
    let processors = std::thread::available_parallelism()?;
    let model = std::fs::read_to_string("/proc/cpuinfo")?;
    let model = model.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    Ok(format!("{processors} cores, {}", model.trim_start_matches(['\t', ' ', ':'])))
}
