//! Bar charts, drawn on the server as SVG.

/// Width of a bar with the space behind it, in the units of the drawing.
const STEP: usize = 10;

/// Width of a bar, in the units of the drawing.
const BAR_WIDTH: usize = 8;

/// Height of the drawing. The highest bar has this height.
const HEIGHT: i128 = 1_000;

/// Least height of a bar that is not empty, so that it can be seen.
const MIN_BAR_HEIGHT: i128 = 10;

/// An amount in a chart.
#[derive(Clone, Debug)]
pub(crate) struct ChartPoint {
    /// What the amount belongs to, such as a day.
    pub(crate) label: String,
    /// The amount, in any unit. Negative amounts are drawn as 0.
    pub(crate) amount: i64,
    pub(crate) text: String,
}

/// A bar chart with the same numbers as a table. Templates show it with `ui::chart`.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    /// Id of the chart, unique on the page.
    pub(crate) id: &'static str,
    /// The title, such as "Credits used by day".
    pub(crate) title: String,
    /// One sentence that says what the chart shows, for people who do not see it.
    pub(crate) description: String,
    /// Header of the table's column of labels.
    pub(crate) label_header: &'static str,
    /// Header of the table's column of amounts.
    pub(crate) amount_header: &'static str,
    /// The bars, from the left.
    pub(crate) bars: Vec<Bar>,
    pub(crate) width: usize,
    /// The highest amount in words, which the top of the drawing stands for.
    pub(crate) highest: String,
}

/// A bar of a chart.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) x: usize,
    pub(crate) y: i128,
    pub(crate) width: usize,
    pub(crate) height: i128,
    pub(crate) point: ChartPoint,
}

/// The texts of a chart.
#[derive(Clone, Debug)]
pub(crate) struct ChartTexts {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) label_header: &'static str,
    pub(crate) amount_header: &'static str,
}

impl Chart {
    /// Creates a chart with the texts around it and one bar for each point.
    pub(crate) fn new(texts: ChartTexts, points: Vec<ChartPoint>) -> Self {
        let highest = points.iter().max_by_key(|point| point.amount);
        let top = highest.map_or(0, |point| point.amount).max(0);
        let highest = highest.map(|point| point.text.clone()).unwrap_or_default();
        let width = points.len() * STEP;
        let bars = points.into_iter().enumerate().map(|(at, point)| {
            let height = bar_height(point.amount, top);
            Bar { x: at * STEP, y: HEIGHT - height, width: BAR_WIDTH, height, point }
        });
        Self {
            id: texts.id,
            title: texts.title,
            description: texts.description,
            label_header: texts.label_header,
            amount_header: texts.amount_header,
            bars: bars.collect(),
            width,
            highest,
        }
    }

    /// Returns whether all amounts are 0.
    pub(crate) fn is_empty(&self) -> bool {
        self.bars.iter().all(|bar| bar.height == 0)
    }

    /// Returns the labels of the first and the last bar, which stand below the drawing.
    pub(crate) fn ends(&self) -> (&str, &str) {
        let (first, last) = (self.bars.first(), self.bars.last());
        (first.map_or("", |bar| &bar.point.label), last.map_or("", |bar| &bar.point.label))
    }
}

fn bar_height(amount: i64, top: i64) -> i128 {
    if amount <= 0 {
        return 0;
    }
    (i128::from(amount) * HEIGHT / i128::from(top)).max(MIN_BAR_HEIGHT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(amounts: &[i64]) -> Chart {
        let texts = ChartTexts {
            id: "used",
            title: "Used".to_owned(),
            description: "Used by day.".to_owned(),
            label_header: "Day",
            amount_header: "Credits",
        };
        let point = |amount: &i64| ChartPoint {
            label: format!("day {amount}"),
            amount: *amount,
            text: amount.to_string(),
        };
        Chart::new(texts, amounts.iter().map(point).collect())
    }

    #[test]
    fn the_highest_bar_fills_the_drawing() {
        let chart = chart(&[0, 50, 100, -5, 1]);
        let heights: Vec<_> = chart.bars.iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [0, 500, 1_000, 0, 10]);
        let ends: Vec<_> = chart.bars.iter().map(|bar| bar.y + bar.height).collect();
        assert_eq!(ends, [1_000; 5]);
        assert_eq!((chart.highest.as_str(), chart.width), ("100", 50));
        assert_eq!(chart.ends(), ("day 0", "day 1"));
    }

    #[test]
    fn a_chart_without_amounts_is_empty() {
        assert!(chart(&[0, 0]).is_empty());
        assert!(chart(&[]).is_empty());
        assert!(!chart(&[0, i64::MAX]).is_empty());
    }
}
