//! The texts of mails have enough contrast (WCAG 2.2).

#[expect(unreachable_pub, reason = "the end-to-end tests use it as well")]
#[path = "../../../../../tests/support/contrast.rs"]
mod contrast;

use self::contrast::{MIN_TEXT_CONTRAST, contrast};
use super::html::{VisibleText, visible_texts};
use super::*;

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
                assert!(contrast >= MIN_TEXT_CONTRAST, "{}: {text}: {colors:?}", kind(&stored));
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
    assert!(contrast(&button[..7], &text[..7]) >= MIN_TEXT_CONTRAST);
}
