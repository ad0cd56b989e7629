//! Browsers and systems in words.

use shared::mail::describe_device;

/// Returns browser and system of a user agent, with a capital letter.
pub(crate) fn device_text(user_agent: &str) -> String {
    let device = describe_device(user_agent);
    let mut characters = device.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
