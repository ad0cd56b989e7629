//! Texts of Slack messages, in Slack's format.
//! <https://docs.slack.dev/messaging/formatting-message-text>

use crate::context::Context;
use crate::runs::{FinishedRun, RunKind, RunStatus};
use crate::text::truncate;

/// Longest run summary in a message, in characters.
const MAX_SUMMARY_LEN: usize = 1_000;

/// Returns the text of the message about a run that ended.
pub fn run_ended_text(ctx: &Context, ended: &FinishedRun) -> String {
    let FinishedRun { run, at, project, organization } = ended;
    let title = match (run.kind, run.status == RunStatus::Failed) {
        (RunKind::Scheduled, true) => "Scheduled run failed",
        (RunKind::Manual, true) => "Run failed",
        (RunKind::Scheduled | RunKind::Manual, false) => "Scheduled run done",
    };
    let [name, project, organization] =
        [&run.name, project, organization].map(|name| escape(name.as_str()));
    let mut text = format!("*{title}:* {name}\n{project}, {organization}, {}\n", at.for_people());
    for line in run.summary.iter().flat_map(|summary| summary_lines(summary.as_str())) {
        text.push_str(&format!("> {line}\n"));
    }
    text.push_str(&format!("<{}/account|Change your notification settings>", ctx.config.base_url));
    text
}

fn summary_lines(summary: &str) -> Vec<String> {
    truncate(summary, MAX_SUMMARY_LEN).lines().map(escape).collect()
}

/// Escapes the three control characters of Slack's format, so that a user's text cannot create a link or mention
/// the whole channel.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(escape("<!channel> a && b > c"), "&lt;!channel&gt; a &amp;&amp; b &gt; c");
    }

    proptest! {
        #[test]
        fn escaping_can_be_reversed(text in "\\PC{0,60}") {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(['<', '>']));
            let back = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            prop_assert_eq!(back, text);
        }
    }
}
