//! The lines of a plain text.

/// Most characters of a line, unless a single word is longer (RFC 5322 2.1.1 asks for 78).
pub(super) const WIDTH: usize = 78;

/// How far what is quoted is indented.
const INDENT: &str = "    ";

/// The text with its paragraphs broken anew: how long a line gets depends on what is filled in.
/// Indented lines stay as they are.
pub(super) fn filled(text: &str) -> String {
    filled_to(text, WIDTH)
}

/// Somebody's own lines, indented.
pub(super) fn quoted(text: &str) -> String {
    let lines = text.lines().map(|line| filled_to(line, WIDTH - INDENT.len()));
    let indented = lines.map(|lines| {
        if lines.is_empty() {
            return "\n".to_owned();
        }
        lines.lines().map(|line| format!("{INDENT}{line}\n")).collect()
    });
    indented.collect()
}

fn filled_to(text: &str, width: usize) -> String {
    let mut filled = String::with_capacity(text.len() + 1);
    // Characters in the line that is being filled; `None` at the start of one.
    let mut used = None;
    for line in text.trim_end().lines() {
        let stays = line.is_empty() || line.starts_with(' ');
        if stays && used.take().is_some() {
            filled.push('\n');
        }
        if stays {
            filled.push_str(line.trim_end());
            filled.push('\n');
            continue;
        }
        for word in line.split_whitespace() {
            let length = word.chars().count();
            used = match used {
                None => Some(length),
                Some(before) if before + 1 + length <= width => {
                    filled.push(' ');
                    Some(before + 1 + length)
                }
                Some(_) => {
                    filled.push('\n');
                    Some(length)
                }
            };
            filled.push_str(word);
        }
    }
    if used.is_some() {
        filled.push('\n');
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paragraphs_are_filled_and_indented_lines_stay() {
        let word = "x".repeat(76);
        let text = format!("Hello,\n\nthe\ncode is\n\n    ABC 234  \n\n{word}\ny and\nz\n\n");
        let filled = filled(&text);
        assert_eq!(filled, format!("Hello,\n\nthe code is\n\n    ABC 234\n\n{word} y\nand z\n"));
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_no_word_is_lost(text in "([a-zä•]{1,30}[ \n]){0,80}") {
            let filled = filled(&text);
            prop_assert!(filled.lines().all(|line| line.chars().count() <= WIDTH));
            prop_assert!(filled.split_whitespace().eq(text.split_whitespace()));
        }
    }
}
