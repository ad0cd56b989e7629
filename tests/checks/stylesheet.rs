//! The colors of the pages have enough contrast in both color schemes.

use std::collections::BTreeMap;
use std::path::Path;

use tests::contrast::{MIN_TEXT_CONTRAST, contrast};

/// Lowest contrast of the border of a control (WCAG 2.2, 1.4.11).
const MIN_BORDER_CONTRAST: f64 = 3.0;

#[test]
fn contrast_is_computed_as_wcag_says() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    // The lightest gray on white that passes.
    assert!(contrast("#767676", "#ffffff") >= MIN_TEXT_CONTRAST);
    assert!(contrast("#777777", "#ffffff") < MIN_TEXT_CONTRAST);
}

#[test]
fn texts_and_borders_have_enough_contrast() {
    let style =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/dashboard/assets/style.css");
    let style = std::fs::read_to_string(style).unwrap();
    let (light, dark) = style.split_once("@media (prefers-color-scheme: dark)").unwrap();
    for (name, part) in [("light", light), ("dark", dark)] {
        let colors = colors(part);
        let assert_contrast = |text: &str, ground: &str, lowest: f64| {
            let contrast = contrast(&colors[text], &colors[ground]);
            assert!(contrast >= lowest, "{name}: {text} on {ground} has {contrast:.2}");
        };
        for ground in ["page", "card"] {
            for text in ["text", "soft", "accent", "danger", "high", "warn", "good"] {
                assert_contrast(text, ground, MIN_TEXT_CONTRAST);
            }
            assert_contrast("control-line", ground, MIN_BORDER_CONTRAST);
        }
        assert_contrast("on-accent", "accent", MIN_TEXT_CONTRAST);
        assert_contrast("card", "danger", MIN_TEXT_CONTRAST);
    }
}

/// Returns the colors that the custom properties in a part of the stylesheet have.
fn colors(part: &str) -> BTreeMap<String, String> {
    let (_, block) = part.split_once(":root").unwrap();
    let (block, _) = block.split_once('}').unwrap();
    let properties = block.split(';').filter_map(|property| property.trim().split_once(": "));
    properties
        .filter(|(_, value)| value.starts_with('#'))
        .filter_map(|(name, color)| Some((name.rsplit_once("--")?.1.to_owned(), color.to_owned())))
        .collect()
}
