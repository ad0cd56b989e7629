//! Contrast of colors by WCAG 2.2.

use super::html::{VisibleText, visible_texts};
use super::*;

/// Lowest contrast of text (WCAG 2.2, 1.4.3).
const MIN_CONTRAST: f64 = 4.5;

/// Returns the relative luminance of a color such as `#0b5f57`.
fn luminance(color: &str) -> f64 {
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).expect(color)) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    assert!(color.len() == 7 && color.starts_with('#'), "{color}");
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn contrast_is_computed_as_wcag_says() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    // The lightest gray on white that passes.
    assert!(contrast("#767676", "#ffffff") >= MIN_CONTRAST);
    assert!(contrast("#777777", "#ffffff") < MIN_CONTRAST);
}

#[test]
fn all_texts_have_enough_contrast_in_both_schemes() {
    for stored in stored() {
        let mail = rendered(&message_from(stored.clone(), "Ada", "curl/8.5.0"));
        let texts = visible_texts(&mail.html);
        assert!(texts.len() > 5, "{}", kind(&stored));
        for VisibleText { text, light, dark } in texts {
            assert!(dark.background != light.background, "{}: {text}", kind(&stored));
            for colors in [light, dark] {
                let contrast = contrast(&colors.text, &colors.background);
                assert!(contrast >= MIN_CONTRAST, "{}: {text}: {colors:?}", kind(&stored));
            }
        }
    }
}

#[test]
fn the_button_of_outlook_has_enough_contrast() {
    let stored = stored().into_iter().find(|stored| kind(stored) == "new_device").unwrap();
    let html = rendered(&message_from(stored, "Ada", "curl/8.5.0")).html;
    let (_, button) = html.split_once(" fillcolor=\"").unwrap();
    let (_, text) = button.split_once("<center style=\"color:").unwrap();
    assert!(contrast(&button[..7], &text[..7]) >= MIN_CONTRAST);
}
