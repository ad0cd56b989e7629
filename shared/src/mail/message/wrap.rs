//! Line wrapping of plain text bodies.

/// Longest line, in characters (RFC 5322, 2.1.1). Only a single longer word exceeds it.
pub(super) const MAX_LINE_LEN: usize = 78;

const INDENT: &str = "    ";

/// Wraps the paragraphs of a rendered template again, because the values change the length of its lines.
/// Keeps indented lines.
pub(super) fn wrap_text(text: &str) -> String {
    wrap_to(text, MAX_LINE_LEN)
}

/// Wraps and indents each line of a text that a user wrote.
pub(super) fn wrap_quoted(text: &str) -> String {
    let lines = text.lines().map(|line| wrap_to(line, MAX_LINE_LEN - INDENT.len()));
    let indented = lines.map(|lines| {
        if lines.is_empty() {
            return "\n".to_owned();
        }
        lines.lines().map(|line| format!("{INDENT}{line}\n")).collect()
    });
    indented.collect()
}

fn wrap_to(text: &str, width: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + 1);
    // The number of characters in the current line; `None` at its start.
    let mut used = None;
    for line in text.trim_end().lines() {
        let stays = line.is_empty() || line.starts_with(' ');
        if stays && used.take().is_some() {
            wrapped.push('\n');
        }
        if stays {
            wrapped.push_str(line.trim_end());
            wrapped.push('\n');
            continue;
        }
        for word in line.split_whitespace() {
            let length = word.chars().count();
            used = match used {
                None => Some(length),
                Some(before) if before + 1 + length <= width => {
                    wrapped.push(' ');
                    Some(before + 1 + length)
                }
                Some(_) => {
                    wrapped.push('\n');
                    Some(length)
                }
            };
            wrapped.push_str(word);
        }
    }
    if used.is_some() {
        wrapped.push('\n');
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wraps_paragraphs_and_keeps_indented_lines() {
        let word = "x".repeat(76);
        let text = format!("Hello,\n\nthe\ncode is\n\n    ABC 234  \n\n{word}\ny and\nz\n\n");
        let wrapped = wrap_text(&text);
        assert_eq!(wrapped, format!("Hello,\n\nthe code is\n\n    ABC 234\n\n{word} y\nand z\n"));
    }

    proptest! {
        #[test]
        fn keeps_lines_short_and_all_words(text in "([a-zä•]{1,30}[ \n]){0,80}") {
            let wrapped = wrap_text(&text);
            prop_assert!(wrapped.lines().all(|line| line.chars().count() <= MAX_LINE_LEN));
            prop_assert!(wrapped.split_whitespace().eq(text.split_whitespace()));
        }
    }
}
