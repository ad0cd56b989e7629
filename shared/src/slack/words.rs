//! What a message says, in Slack's own format.
//! <https://docs.slack.dev/messaging/formatting-message-text>

use crate::context::Context;
use crate::runs::{FinishedRun, RunKind, RunStatus};
use crate::text::shortened;

/// Characters of a summary in a message.
const LONGEST_SUMMARY: usize = 1_000;

/// The news of a run.
pub fn run_ended(ctx: &Context, ended: &FinishedRun) -> String {
    let FinishedRun { run, at, project, organization } = ended;
    let what = match (run.kind, run.status == RunStatus::Failed) {
        (RunKind::Scheduled, true) => "Scheduled run failed",
        (RunKind::Manual, true) => "Run failed",
        (RunKind::Scheduled | RunKind::Manual, false) => "Scheduled run done",
    };
    let [name, project, organization] =
        [&run.name, project, organization].map(|name| escaped(name.as_str()));
    let mut text = format!("*{what}:* {name}\n{project}, {organization}, {}\n", at.for_people());
    for line in run.summary.iter().flat_map(|summary| summary_lines(summary.as_str())) {
        text.push_str(&format!("> {line}\n"));
    }
    // Ours, and for whoever sets what they are told of.
    text.push_str(&format!("<{}/account|Change what you are told>", ctx.config.base_url));
    text
}

fn summary_lines(summary: &str) -> Vec<String> {
    shortened(summary, LONGEST_SUMMARY).lines().map(escaped).collect()
}

/// With the three characters that mean something replaced: no text of somebody's makes a link, or calls
/// everybody in the channel.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_of_somebodys_has_a_meaning() {
        assert_eq!(escaped("<!channel> a && b > c"), "&lt;!channel&gt; a &amp;&amp; b &gt; c");
    }

    proptest! {
        #[test]
        fn escaping_loses_nothing(text in "\\PC{0,60}") {
            let escaped = escaped(&text);
            prop_assert!(!escaped.contains(['<', '>']));
            let back = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            prop_assert_eq!(back, text);
        }
    }
}
