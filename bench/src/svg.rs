//! Bar charts as SVG.

use std::fmt::{self, Write};

const WIDTH: f64 = 760.0;
const LEFT: f64 = 200.0;
const RIGHT: f64 = 70.0;
const TOP: f64 = 74.0;
const BOTTOM: f64 = 16.0;
const BAR_HEIGHT: f64 = 13.0;
const GROUP_GAP: f64 = 12.0;

/// The colors of the series. They differ in lightness, so that they can be told apart without colors.
const COLORS: [&str; 3] = ["#1f4e8c", "#4f9bd9", "#a9d0f0"];

/// A chart of horizontal bars in groups.
pub(crate) struct Chart<'c> {
    pub(crate) title: &'c str,
    pub(crate) note: &'c str,
    /// The name of each bar of a group, for the legend.
    pub(crate) series: &'c [&'c str],
    pub(crate) groups: Vec<Group>,
}

/// The bars of one thing, one for each series.
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) bars: Vec<Bar>,
}

/// A bar of a chart.
pub(crate) struct Bar {
    pub(crate) value: f64,
    /// The value that a line marks as the goal, if there is one.
    pub(crate) goal: Option<f64>,
    /// The value as the chart writes it beside the bar.
    pub(crate) text: String,
}

impl Chart<'_> {
    /// Draws the chart as the text of an SVG file.
    pub(crate) fn to_svg(&self) -> String {
        let mut svg = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut svg);
        svg
    }

    fn write(&self, svg: &mut String) -> fmt::Result {
        let bars = self.groups.iter().flat_map(|group| &group.bars);
        let values = bars.flat_map(|bar| [Some(bar.value), bar.goal]).flatten();
        let most = values.fold(f64::MIN_POSITIVE, f64::max);
        let scale = (WIDTH - LEFT - RIGHT) / most;
        let heights = self.groups.iter().map(|group| height(group) + GROUP_GAP);
        let total = TOP + heights.sum::<f64>() + BOTTOM;
        writeln!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {total}\" role=\"img\" \
             font-family=\"system-ui, sans-serif\" font-size=\"12\">"
        )?;
        writeln!(svg, "<title>{}</title>", escape(self.title))?;
        writeln!(svg, "<rect width=\"{WIDTH}\" height=\"{total}\" fill=\"#fff\"/>")?;
        text(svg, 16.0, 24.0, "font-size=\"15\" font-weight=\"600\"", self.title)?;
        text(svg, 16.0, 42.0, "fill=\"#555\"", self.note)?;
        for ((at, name), color) in (0_u32..).zip(self.series).zip(COLORS) {
            let x = LEFT + f64::from(at) * 130.0;
            writeln!(
                svg,
                "<rect x=\"{x}\" y=\"53\" width=\"11\" height=\"11\" fill=\"{color}\"/>"
            )?;
            text(svg, x + 16.0, 63.0, "", name)?;
        }
        let mut y = TOP;
        for group in &self.groups {
            let middle = y + height(group) / 2.0 + 4.0;
            text(svg, LEFT - 10.0, middle, "text-anchor=\"end\"", &group.name)?;
            for (bar, color) in group.bars.iter().zip(COLORS) {
                let width = bar.value * scale;
                writeln!(
                    svg,
                    "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"{}\" fill=\"{color}\"/>",
                    BAR_HEIGHT - 1.0
                )?;
                if let Some(goal) = bar.goal {
                    let x = LEFT + goal * scale;
                    writeln!(
                        svg,
                        "<path d=\"M{x:.1} {y}v{}\" stroke=\"#111\" stroke-width=\"2\"/>",
                        BAR_HEIGHT - 1.0
                    )?;
                }
                let end = LEFT + bar.goal.unwrap_or_default().max(bar.value) * scale;
                text(svg, end + 6.0, y + 10.5, "", &bar.text)?;
                y += BAR_HEIGHT;
            }
            y += GROUP_GAP;
        }
        writeln!(svg, "</svg>")
    }
}

fn height(group: &Group) -> f64 {
    group.bars.iter().map(|_| BAR_HEIGHT).sum()
}

fn text(svg: &mut String, x: f64, y: f64, attributes: &str, content: &str) -> fmt::Result {
    writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" {attributes}>{}</text>", escape(content))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_values() {
        let bar = |value: f64| Bar { value, goal: Some(2.0), text: format!("{value}") };
        let groups = vec![Group { name: "a<b".to_owned(), bars: vec![bar(1.0), bar(4.0)] }];
        let svg = Chart { title: "T", note: "N", series: &["x", "y"], groups }.to_svg();
        assert!(svg.contains("width=\"122.5\""), "{svg}");
        assert!(svg.contains("width=\"490.0\""), "{svg}");
        assert!(svg.contains("M445.0 "), "{svg}");
        assert!(svg.contains("a&lt;b"), "{svg}");
    }
}
