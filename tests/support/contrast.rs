//! Contrast of colors by WCAG 2.2. The unit tests of the mails include this file as well.

/// Lowest contrast of text (WCAG 2.2, 1.4.3).
pub const MIN_TEXT_CONTRAST: f64 = 4.5;

/// Returns the contrast of two colors such as `#0b5f57`, as WCAG 2.2 defines it.
///
/// # Panics
/// If a color is not written as `#` and six hexadecimal digits.
pub fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Returns the relative luminance of a color.
fn luminance(color: &str) -> f64 {
    assert!(color.len() == 7 && color.starts_with('#'), "{color}");
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).expect(color)) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}
