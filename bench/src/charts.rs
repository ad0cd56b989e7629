//! Draws the charts of the results.

use crate::error::Result;
use crate::function::Function;
use crate::measure::FunctionMeasurements;
use crate::stack_load::{CONNECTIONS, StackLoads};
use crate::statistics::median;
use crate::svg::{Bar, Chart, Group};

/// Draws start and size of each function in relation to the bare function.
///
/// # Errors
/// Fails if nothing was measured.
pub(crate) fn functions(measured: &[FunctionMeasurements]) -> Result<String> {
    let (floor, functions) = measured.split_first().ok_or("nothing was measured")?;
    let group = |one: &FunctionMeasurements| {
        let goals = one.function.map(Function::goals);
        let start = median(&one.without_delay.starts).as_secs_f64()
            / median(&floor.without_delay.starts).as_secs_f64();
        // The sizes are far below the numbers that f64 rounds.
        #[allow(clippy::cast_precision_loss)]
        let zip = one.zip_bytes as f64 / floor.zip_bytes as f64;
        let bar = |value: f64, goal: Option<f64>| Bar { value, goal, text: format!("{value:.2}") };
        Group {
            name: one.function.map_or("bare", Function::name).to_owned(),
            bars: vec![
                bar(start, goals.as_ref().map(|goals| goals.start)),
                bar(zip, goals.as_ref().map(|goals| goals.zip)),
            ],
        }
    };
    let chart = Chart {
        title: "Start and size of each function, in relation to a bare one",
        note: "A bare function is 1. A dark line is a goal.",
        series: &["start", "zip"],
        groups: functions.iter().map(group).collect(),
    };
    Ok(chart.to_svg())
}

/// Draws the requests per second of each operation.
pub(crate) fn load(loads: &StackLoads) -> String {
    let mut groups: Vec<Group> = Vec::new();
    let operations = loads.operations.iter().map(|(_, load)| load);
    for load in operations.chain(&loads.beside_sign_ins) {
        let bar = Bar { value: load.rate, goal: None, text: format!("{:.0}", load.rate) };
        match groups.iter_mut().find(|group| group.name == load.name) {
            Some(group) => group.bars.push(bar),
            None => groups.push(Group { name: load.name.clone(), bars: vec![bar] }),
        }
    }
    let series = CONNECTIONS.map(|number| match number {
        1 => "1 connection".to_owned(),
        number => format!("{number} connections"),
    });
    let series: Vec<_> = series.iter().map(String::as_str).collect();
    let chart = Chart {
        title: "Requests per second on the local stack",
        note: "Stack and benchmark share one machine.",
        series: &series,
        groups,
    };
    chart.to_svg()
}
