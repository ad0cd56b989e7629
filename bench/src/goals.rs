//! The goals, and whether they are reached.

use std::fmt::Write;
use std::time::Duration;

use bench_scale::{CallCost, Inputs, workspace_root};

use crate::better_auth;
use crate::error::Result;
use crate::function::Function;
use crate::load::Load;
use crate::measure::{Latencies, Measured};
use crate::operation::Operation;
use crate::results::Results;
use crate::slow_aws::DELAY;
use crate::stack_load::CHARGES;
use crate::statistics::median;

/// A goal and what was measured.
struct Goal {
    figure: String,
    goal: String,
    measured: String,
    is_reached: bool,
}

/// Writes the table of goals.
///
/// # Errors
/// If something was not measured.
pub(crate) fn write(page: &mut String, results: &Results) -> Result<()> {
    page.push_str("## Goals\n\n| figure | goal | measured | |\n|---|---|---|---|\n");
    for Goal { figure, goal, measured, is_reached } in all(results)? {
        let verdict = if is_reached { "reached" } else { "**not reached**" };
        writeln!(page, "| {figure} | {goal} | {measured} | {verdict} |")?;
    }
    Ok(())
}

fn all(results: &Results) -> Result<Vec<Goal>> {
    let mut goals = functions(results)?;
    goals.extend(requests(results)?);
    goals.extend(round_trips()?);
    goals.extend(cold_requests(results));
    goals.push(hash(results));
    goals.extend(comparisons(results)?);
    goals.extend(stack(results)?);
    Ok(goals)
}

/// Start and size of each function.
fn functions(results: &Results) -> Result<Vec<Goal>> {
    let (floor, functions) = results.functions.split_first().ok_or("nothing was measured")?;
    let mut goals = Vec::new();
    for one in functions {
        let Some(function) = one.function else { continue };
        let most = function.goals();
        let start = ratio(median(&one.near.starts), median(&floor.near.starts));
        goals.push(at_most(
            format!("start of {}, to a bare function's", function.name()),
            most.start,
            start,
        ));
        let zip = bytes(one.zip_bytes) / bytes(floor.zip_bytes);
        goals.push(at_most(
            format!("zip of {}, to a bare function's", function.name()),
            most.zip,
            zip,
        ));
    }
    Ok(goals)
}

/// Warm requests beside the `GetItem` of the bare function.
fn requests(results: &Results) -> Result<Vec<Goal>> {
    let floor = results.functions.first().ok_or("nothing was measured")?;
    let goals = [("tokens", 1.3), ("clients", 2.0)].into_iter().filter_map(|(name, most)| {
        let one = results.functions.iter().find(|one| is(one, name))?;
        let measured = ratio(median(&one.near.warm), median(&floor.near.warm));
        Some(at_most(format!("warm `{}`, to one `GetItem`", one.request), most, measured))
    });
    Ok(goals.collect())
}

fn is(measured: &Measured, name: &str) -> bool {
    measured.function.map(Function::name) == Some(name)
}

/// Sequential round trips of reads and writes, from `docs/COSTS.md`.
fn round_trips() -> Result<Vec<Goal>> {
    let costs = Inputs::read(&workspace_root())?.costs;
    let calls = costs.iter().filter(|cost| !cost.label.starts_with("worker: "));
    let (reads, writes): (Vec<_>, Vec<_>) =
        calls.partition(|cost| cost.label.starts_with("GET ") && cost.writes < 1.0);
    Ok(vec![
        most_trips("round trips of a read", 2.0, &reads),
        most_trips("round trips of a write", 3.0, &writes),
    ])
}

fn most_trips(figure: &str, most: f64, costs: &[&CallCost]) -> Goal {
    let over = costs.iter().filter(|cost| cost.trips > most).count();
    Goal {
        figure: figure.to_owned(),
        goal: format!("≤ {most}"),
        measured: format!("{over} of {} calls take more (docs/COSTS.md)", costs.len()),
        is_reached: over == 0,
    }
}

/// The round trips that the first request of a process takes in addition to those of later ones, of each function.
fn cold_requests(results: &Results) -> Option<Goal> {
    let functions = results.functions.iter().filter(|one| one.function.is_some());
    let more = functions.map(|one| {
        let trips = |of: fn(&Latencies) -> &Vec<Duration>| {
            let difference = median(of(&one.far)).saturating_sub(median(of(&one.near)));
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

fn hash(results: &Results) -> Goal {
    let measured = ratio(median(&results.hashing.own), median(&results.hashing.reference));
    at_most("time of one password hash, to the C implementation's".to_owned(), 1.1, measured)
}

/// The local stack beside better-auth.
fn comparisons(results: &Results) -> Result<Vec<Goal>> {
    let least = [
        (Operation::SessionCheck, 10.0),
        (Operation::KeyCheck, 6.0),
        (Operation::ListOrganizations, 6.0),
        (Operation::SignIn, 4.0),
    ];
    let mut goals = Vec::new();
    for (operation, least) in least {
        let mut others = results.better_auth.iter();
        let (_, other) = others.find(|(of, _)| *of == operation).ok_or("not compared")?;
        let own = results.stack.of(operation, better_auth::CONNECTIONS)?;
        let figure = format!("{}s per second, to better-auth's", operation.name());
        goals.push(at_least(figure, least, own.rate / other.rate));
    }
    Ok(goals)
}

/// The local stack alone.
fn stack(results: &Results) -> Result<Vec<Goal>> {
    let connections = better_auth::CONNECTIONS;
    let alone = results.stack.of(Operation::SessionCheck, connections)?;
    let mut beside = results.stack.beside_sign_ins.iter();
    let beside = beside.find(|load| load.connections == connections).ok_or("not measured")?;
    let kept = 100.0 * beside.rate / alone.rate;
    let memory = results.stack.all().flat_map(|load| &load.memory).copied().max();
    let memory = bytes(memory.unwrap_or_default()) / 1e6;
    let charges = &results.stack.one_organization;
    let conflicts = conflicts(charges);
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
            figure: format!("charges of one organization per second, {CHARGES} at once"),
            goal: "≥ 500".to_owned(),
            measured: format!("{:.0}", charges.rate),
            is_reached: charges.rate >= 500.0,
        },
        Goal {
            figure: "conflicts of each of these charges".to_owned(),
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

/// The round trips of a charge without a conflict, and those that each conflict adds (`docs/COSTS.md`).
const TRIPS_OF_CHARGE: usize = 4;
const TRIPS_OF_CONFLICT: usize = 3;

/// Counts the conflicts of each answered charge by its round trips.
fn conflicts(charges: &Load) -> f64 {
    let of_one = |trips: &usize| trips.saturating_sub(TRIPS_OF_CHARGE) / TRIPS_OF_CONFLICT;
    let conflicts: usize = charges.trips.iter().map(of_one).sum();
    // At most some 10,000 charges, which f64 does not round.
    #[allow(clippy::cast_precision_loss)]
    let (conflicts, answered) = (conflicts as f64, charges.trips.len().max(1) as f64);
    conflicts / answered
}

fn at_most(figure: String, most: f64, measured: f64) -> Goal {
    Goal {
        figure,
        goal: format!("≤ {most:.1}"),
        measured: format!("{measured:.2}"),
        is_reached: measured <= most,
    }
}

fn at_least(figure: String, least: f64, measured: f64) -> Goal {
    Goal {
        figure,
        goal: format!("≥ {least} ×"),
        measured: format!("{measured:.1} ×"),
        is_reached: measured >= least,
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
        assert!(at_most(String::new(), 1.3, 1.3).is_reached);
        assert!(!at_most(String::new(), 1.3, 1.31).is_reached);
        assert!(at_least(String::new(), 4.0, 4.0).is_reached);
        assert!(!at_least(String::new(), 4.0, 3.9).is_reached);
    }
}
