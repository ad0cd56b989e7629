//! The performance goals, and whether the measurements reach them.

use std::fmt::Write;
use std::time::Duration;

use bench_scale::{CallCost, Inputs, workspace_root};

use crate::better_auth;
use crate::error::Result;
use crate::function::Function;
use crate::load::Load;
use crate::measure::{FunctionMeasurements, Latencies};
use crate::operation::Operation;
use crate::results::Results;
use crate::slow_aws::DELAY;
use crate::stack_load::DEBITS;
use crate::statistics::median;

/// A row of the table of goals.
struct Goal {
    /// The name of what is measured, for readers.
    figure: String,
    /// The bound that the goal sets, such as `≤ 1.1`.
    goal: String,
    measured: String,
    is_reached: bool,
}

/// Writes the table of goals as Markdown.
///
/// # Errors
/// Fails if a figure that has a goal was not measured.
pub(crate) fn write(page: &mut String, results: &Results) -> Result<()> {
    page.push_str("## Goals\n\n| figure | goal | measured | |\n|---|---|---|---|\n");
    for Goal { figure, goal, measured, is_reached } in list_goals(results)? {
        let verdict = if is_reached { "reached" } else { "**not reached**" };
        writeln!(page, "| {figure} | {goal} | {measured} | {verdict} |")?;
    }
    Ok(())
}

fn list_goals(results: &Results) -> Result<Vec<Goal>> {
    let mut goals = function_goals(results)?;
    goals.extend(warm_request_goals(results)?);
    goals.extend(round_trip_goals()?);
    goals.push(growth_goal()?);
    goals.extend(first_request_goal(results));
    goals.push(password_hash_goal(results));
    goals.extend(better_auth_goals(results)?);
    goals.extend(local_stack_goals(results)?);
    Ok(goals)
}

/// Returns the goals for start and size of each function, relative to the bare function.
fn function_goals(results: &Results) -> Result<Vec<Goal>> {
    let (floor, functions) = results.functions.split_first().ok_or("nothing was measured")?;
    let mut goals = Vec::new();
    for one in functions {
        let Some(function) = one.function else { continue };
        let goal = function.goals();
        let start = ratio(median(&one.without_delay.starts), median(&floor.without_delay.starts));
        goals.push(goal_at_most(
            format!("start of {}, to a bare function's", function.name()),
            goal.start,
            start,
        ));
        let zip = bytes(one.zip_bytes) / bytes(floor.zip_bytes);
        goals.push(goal_at_most(
            format!("zip of {}, to a bare function's", function.name()),
            goal.zip,
            zip,
        ));
    }
    Ok(goals)
}

/// Returns the goals for warm requests, relative to one `GetItem` of the bare function.
fn warm_request_goals(results: &Results) -> Result<Vec<Goal>> {
    let floor = results.functions.first().ok_or("nothing was measured")?;
    let goals = [("tokens", 1.3), ("clients", 2.0)].into_iter().filter_map(|(name, max)| {
        let one = results.functions.iter().find(|one| is_function(one, name))?;
        let measured = ratio(median(&one.without_delay.warm), median(&floor.without_delay.warm));
        Some(goal_at_most(format!("warm `{}`, to one `GetItem`", one.request), max, measured))
    });
    Ok(goals.collect())
}

fn is_function(measured: &FunctionMeasurements, name: &str) -> bool {
    measured.function.map(Function::name) == Some(name)
}

/// Returns the goals for sequential round trips of reads and writes, from `docs/COSTS.md`.
fn round_trip_goals() -> Result<Vec<Goal>> {
    let costs = Inputs::read(&workspace_root())?.costs;
    let calls = costs.iter().filter(|cost| !cost.label.starts_with("worker: "));
    let (reads, writes): (Vec<_>, Vec<_>) =
        calls.partition(|cost| cost.label.starts_with("GET ") && cost.writes < 1.0);
    Ok(vec![
        round_trip_goal("round trips of a read", 2.0, &reads),
        round_trip_goal("round trips of a write", 3.0, &writes),
    ])
}

fn round_trip_goal(figure: &str, max: f64, costs: &[&CallCost]) -> Goal {
    let over = costs.iter().filter(|cost| cost.trips > max).count();
    Goal {
        figure: figure.to_owned(),
        goal: format!("≤ {max}"),
        measured: format!("{over} of {} calls take more (docs/COSTS.md)", costs.len()),
        is_reached: over == 0,
    }
}

/// Returns the goal for growth with the table. The test that writes `bench/growth.tsv` fails if a cost grows, so the
/// file has only calls whose cost is the same.
fn growth_goal() -> Result<Goal> {
    let table = std::fs::read_to_string(workspace_root().join("bench/growth.tsv"))?;
    let calls = table.lines().skip(1).count();
    Ok(Goal {
        figure: "growth of a call's cost from 100 to 100,000 rows".to_owned(),
        goal: "none".to_owned(),
        measured: format!("none, in {calls} calls (tests/checks/cost.rs)"),
        is_reached: calls > 0,
    })
}

/// Returns the goal for the additional round trips of a process's first request, in the worst function.
fn first_request_goal(results: &Results) -> Option<Goal> {
    let functions = results.functions.iter().filter(|one| one.function.is_some());
    let more = functions.map(|one| {
        let trips = |of: fn(&Latencies) -> &Vec<Duration>| {
            let difference =
                median(of(&one.with_delay)).saturating_sub(median(of(&one.without_delay)));
            ratio(difference, DELAY).round()
        };
        trips(|latencies| &latencies.first) - trips(|latencies| &latencies.warm)
    });
    let measured = more.reduce(f64::max)?;
    Some(Goal {
        figure: "round trips of a first request, more than of a warm one".to_owned(),
        goal: "≤ 1".to_owned(),
        measured: format!("{measured:.0}"),
        is_reached: measured <= 1.0,
    })
}

fn password_hash_goal(results: &Results) -> Goal {
    let measured = ratio(median(&results.hashing.own), median(&results.hashing.reference));
    goal_at_most("time of one password hash, to the C implementation's".to_owned(), 1.1, measured)
}

/// Returns the goals for the local stack relative to better-auth.
fn better_auth_goals(results: &Results) -> Result<Vec<Goal>> {
    let minimums = [
        (Operation::SessionCheck, 10.0),
        (Operation::KeyCheck, 6.0),
        (Operation::ListOrganizations, 6.0),
        (Operation::SignIn, 4.0),
    ];
    let mut goals = Vec::new();
    for (operation, min) in minimums {
        let mut others = results.better_auth.iter();
        let (_, other) = others.find(|(of, _)| *of == operation).ok_or("not compared")?;
        let own = results.stack.find_load(operation, better_auth::CONNECTIONS)?;
        let figure = format!("{}: requests per second, to better-auth's", operation.name());
        goals.push(goal_at_least(figure, min, own.rate / other.rate));
    }
    Ok(goals)
}

/// Returns the goals for the local stack by itself.
fn local_stack_goals(results: &Results) -> Result<Vec<Goal>> {
    let connections = better_auth::CONNECTIONS;
    let alone = results.stack.find_load(Operation::SessionCheck, connections)?;
    let mut beside = results.stack.beside_sign_ins.iter();
    let beside = beside.find(|load| load.connections == connections).ok_or("not measured")?;
    let kept = 100.0 * beside.rate / alone.rate;
    let memory = results.stack.all().flat_map(|load| &load.memory).copied().max();
    let memory = bytes(memory.unwrap_or_default()) / 1e6;
    let debits = &results.stack.one_organization;
    let conflicts = conflicts_per_debit(debits);
    let start = median(&results.stack_starts).as_secs_f64() * 1e3;
    Ok(vec![
        Goal {
            figure: "session checks kept beside 4 connections that sign in".to_owned(),
            goal: "≥ 50 %".to_owned(),
            measured: format!("{kept:.0} %"),
            is_reached: kept >= 50.0,
        },
        Goal {
            figure: "peak memory of the local stack under all loads".to_owned(),
            goal: "≤ 150 MB".to_owned(),
            measured: format!("{memory:.0} MB"),
            is_reached: memory <= 150.0,
        },
        Goal {
            figure: format!("debits of one organization per second, {DEBITS} at once"),
            goal: "≥ 500".to_owned(),
            measured: format!("{:.0}", debits.rate),
            is_reached: debits.rate >= 500.0,
        },
        Goal {
            figure: "conflicts of each of these debits".to_owned(),
            goal: "≤ 0.2".to_owned(),
            measured: format!("{conflicts:.2}"),
            is_reached: conflicts <= 0.2,
        },
        Goal {
            figure: "start of the local stack to its first answer".to_owned(),
            goal: "≤ 50 ms".to_owned(),
            measured: format!("{start:.0} ms"),
            is_reached: start <= 50.0,
        },
    ])
}

/// The round trips of a debit without a conflict (`docs/COSTS.md`).
const ROUND_TRIPS_PER_DEBIT: usize = 4;

/// The round trips that each conflict adds.
const ROUND_TRIPS_PER_CONFLICT: usize = 3;

/// Returns the average number of conflicts of an answered debit, derived from its round trips.
fn conflicts_per_debit(debits: &Load) -> f64 {
    let of_one =
        |trips: &usize| trips.saturating_sub(ROUND_TRIPS_PER_DEBIT) / ROUND_TRIPS_PER_CONFLICT;
    let conflicts: usize = debits.trips.iter().map(of_one).sum();
    // At most some 10,000 debits, which f64 does not round.
    #[allow(clippy::cast_precision_loss)]
    let (conflicts, answered) = (conflicts as f64, debits.trips.len().max(1) as f64);
    conflicts / answered
}

fn goal_at_most(figure: String, max: f64, measured: f64) -> Goal {
    Goal {
        figure,
        goal: format!("≤ {max:.1}"),
        measured: format!("{measured:.2}"),
        is_reached: measured <= max,
    }
}

fn goal_at_least(figure: String, min: f64, measured: f64) -> Goal {
    Goal {
        figure,
        goal: format!("≥ {min} ×"),
        measured: format!("{measured:.1} ×"),
        is_reached: measured >= min,
    }
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

// The sizes are far below the numbers that f64 rounds.
#[allow(clippy::cast_precision_loss)]
fn bytes(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_reached_at_its_bound() {
        assert!(goal_at_most(String::new(), 1.3, 1.3).is_reached);
        assert!(!goal_at_most(String::new(), 1.3, 1.31).is_reached);
        assert!(goal_at_least(String::new(), 4.0, 4.0).is_reached);
        assert!(!goal_at_least(String::new(), 4.0, 3.9).is_reached);
    }
}
