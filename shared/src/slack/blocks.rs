//! Slack messages as blocks, in which Slack creates no links of its own.
//! <https://docs.slack.dev/reference/block-kit/composition-objects/text-object>

use serde_json::{Value, json};

/// Maximum characters of a block's text, by Slack's documentation.
const MAX_BLOCK_LEN: usize = 3_000;

/// Maximum blocks of a message, by Slack's documentation.
const MAX_BLOCKS: usize = 50;

/// Returns the body of a request that posts a text in Slack's format.
///
/// Slack turns every URL in a message's `text` into a link, which would let a person who names a run place links in
/// the channel. Blocks with `verbatim` keep text as it is, and only have the links that the format marks as such.
/// `text` is then shown in notifications alone. Nothing is previewed.
pub(super) fn payload(text: &str) -> Value {
    let blocks = split_into_blocks(text).into_iter().map(|text| {
        json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}})
    });
    json!({
        "text": text,
        "blocks": blocks.collect::<Vec<_>>(),
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

/// Splits a text into blocks of whole lines. A line that is longer than a block is cut.
fn split_into_blocks(text: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut len = 0;
    for line in text.lines() {
        let line: String = line.chars().take(MAX_BLOCK_LEN).collect();
        let line_len = line.chars().count();
        match blocks.last_mut() {
            Some(block) if len + 1 + line_len <= MAX_BLOCK_LEN => {
                block.push('\n');
                block.push_str(&line);
                len += 1 + line_len;
            }
            // Slack refuses a block without text.
            _ if line.is_empty() => {}
            _ => {
                blocks.push(line);
                len = line_len;
            }
        }
    }
    blocks.truncate(MAX_BLOCKS);
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_texts_are_split_between_lines() {
        let line = "x".repeat(1_499);
        assert_eq!(split_into_blocks("a\n\nb"), ["a\n\nb"]);
        assert_eq!(split_into_blocks("\na"), ["a"]);
        assert_eq!(split_into_blocks(&[line.as_str(); 2].join("\n")).len(), 1);
        assert_eq!(split_into_blocks(&[line.as_str(); 3].join("\n")).len(), 2);
        assert_eq!(split_into_blocks(&"é".repeat(4_000)), ["é".repeat(3_000)]);
    }

    proptest! {
        #[test]
        fn blocks_have_the_length_that_slack_accepts(lines in prop::collection::vec(".{0,2000}", 0..6)) {
            let blocks = split_into_blocks(&lines.join("\n"));
            prop_assert!(blocks.iter().all(|block| (1..=3_000).contains(&block.chars().count())));
        }
    }
}
