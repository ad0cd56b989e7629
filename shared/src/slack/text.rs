//! Texts of Slack messages, in Slack's format.
//! <https://docs.slack.dev/messaging/formatting-message-text>

use crate::context::Context;
use crate::runs::{FinishedRun, RunKind, RunStatus};
use crate::text::truncate;
use crate::values::Timezone;

/// Longest run summary in a message, in characters.
const MAX_SUMMARY_LEN: usize = 1_000;

/// Longest line of a run summary in a message, in characters after escaping. A line must fit into a
/// [block](super::blocks).
const MAX_SUMMARY_LINE_LEN: usize = 2_900;

/// Returns the text of the message about a run that ended, with its time in a time zone.
pub fn run_ended_text(ctx: &Context, ended: &FinishedRun, zone: &Timezone) -> String {
    let FinishedRun { run, at, project, organization } = ended;
    let title = match (run.kind, run.status == RunStatus::Failed) {
        (RunKind::Scheduled, true) => "Scheduled run failed",
        (RunKind::Manual, true) => "Run failed",
        (RunKind::Scheduled | RunKind::Manual, false) => "Scheduled run done",
    };
    let [name, project, organization] =
        [&run.name, project, organization].map(|name| escape(name.as_str()));
    let at = at.to_display(zone);
    let mut text = format!("*{title}:* {name}\n{project}, {organization}, {at}\n");
    for line in run.summary.iter().flat_map(|summary| summary_lines(summary.as_str())) {
        text.push_str(&format!("> {line}\n"));
    }
    text.push_str(&format!(
        "<{}/account/notifications|Change your notification settings>",
        ctx.config.base_url
    ));
    text
}

/// Returns the text of a test message, with its time in a time zone.
pub(super) fn test_message_text(ctx: &Context, zone: &Timezone) -> String {
    let (at, base_url) = (ctx.now().to_display(zone), &ctx.config.base_url);
    format!(
        "*Test message:* this webhook works\nSent from your AIUS account, {at}\n\
         <{base_url}/account/notifications|Change your notification settings>"
    )
}

fn summary_lines(summary: &str) -> Vec<String> {
    let lines = truncate(summary, MAX_SUMMARY_LEN);
    lines.lines().map(|line| escape_within(line, MAX_SUMMARY_LINE_LEN)).collect()
}

/// Escapes as much of a text as fits into `max_len` characters.
fn escape_within(text: &str, max_len: usize) -> String {
    let mut escaped = String::new();
    let mut len = 0;
    for c in text.chars() {
        let c = escape(c.encode_utf8(&mut [0; 4]));
        len += c.chars().count();
        if len > max_len {
            break;
        }
        escaped.push_str(&c);
    }
    escaped
}

/// Escapes the three control characters of Slack's format, so that a user's text cannot name a link's target or
/// mention the whole channel. That Slack finds no links in the rest is up to [`blocks`](super::blocks).
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

    #[test]
    fn a_long_line_is_cut_between_characters() {
        assert_eq!(escape_within("a&b", 3), "a");
        assert_eq!(escape_within("a&b", 6), "a&amp;");
        assert_eq!(escape_within("a&b", 7), "a&amp;b");
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
