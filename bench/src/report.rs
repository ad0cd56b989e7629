//! The tables of the results.

use std::fmt::Write;
use std::process::Command;
use std::time::Duration;

use crate::arguments::Arguments;
use crate::charts;
use crate::error::Result;
use crate::function::Function;
use crate::load::{self, Load};
use crate::measure::{Latencies, Measured};
use crate::slow_aws::DELAY;
use crate::statistics::{median, percentile};

/// Renders the results as Markdown.
///
/// # Errors
/// If the commit or the machine cannot be read.
pub(crate) fn render(
    arguments: &Arguments,
    measured: &[Measured],
    loads: &[Load],
) -> Result<String> {
    let mut page = String::from("# Results\n\n");
    writeln!(page, "Written by `cargo run --release -p bench`.\n")?;
    writeln!(page, "- Date: {}", jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC"))?;
    writeln!(page, "- Commit: {}", commit()?)?;
    writeln!(page, "- Machine: {}", machine()?)?;
    let build = if arguments.quick { "without link-time optimization" } else { "as they ship" };
    writeln!(page, "- Functions: built {build}, {} starts of each\n", arguments.rounds)?;
    sizes_and_starts(&mut page, measured)?;
    writeln!(page, "\n## Requests\n")?;
    requests(&mut page, measured, |one| &one.near)?;
    writeln!(page, "\n## With {} ms added to each call of AWS\n", DELAY.as_millis())?;
    requests(&mut page, measured, |one| &one.far)?;
    load(&mut page, loads)?;
    Ok(page)
}

fn sizes_and_starts(page: &mut String, measured: &[Measured]) -> Result<()> {
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
            milliseconds(median(&one.near.starts)),
            ratio(&one.near.starts, &floor.near.starts),
            goal(goals.as_ref().map(|goals| goals.start)),
            milliseconds(median(&one.near.start_processor_times)),
            ratio(&one.near.start_processor_times, &floor.near.start_processor_times),
            megabytes(one.peak_memory),
            ratio_of_bytes(one.peak_memory, floor.peak_memory),
        )?;
    }
    Ok(())
}

fn load(page: &mut String, loads: &[Load]) -> Result<()> {
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
    for load in loads {
        let first = load.memory.first().copied().unwrap_or_default();
        let most = load.memory.iter().copied().max().unwrap_or_default();
        let last = load.memory.last().copied().unwrap_or_default();
        writeln!(
            page,
            "| {} | `{}` | {} | {:.0} | {} ms | {} ms | {} | {} → {} → {} |",
            charts::name_of_load(load),
            load.operation.call(),
            load.connections,
            load.rate,
            milliseconds(load.p50),
            milliseconds(load.p99),
            load.errors,
            megabytes(first),
            megabytes(most),
            megabytes(last),
        )?;
    }
    Ok(())
}

fn requests(
    page: &mut String,
    measured: &[Measured],
    of: impl Fn(&Measured) -> &Latencies,
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

fn name(one: &Measured) -> &'static str {
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
