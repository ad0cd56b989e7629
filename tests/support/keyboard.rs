//! Using a page with the keyboard alone.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::Chromium;

/// Rounds of Tab until the focus is on its target. The first round may end beside it, because the browser knows better
/// than the script which elements take the focus, and where it starts.
const MAX_ROUNDS: u32 = 10;

/// Returns how many times Tab has to be pressed until an element has the focus, negative with Shift, and null if it
/// does not take the focus.
const DISTANCE: &str = r#"
    const target = arguments[0], active = document.activeElement;
    const all = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]';
    const stops = [...document.querySelectorAll(all)].filter((own) =>
        own.tabIndex >= 0 && !own.disabled && own.checkVisibility());
    const precedes = (one, other) => (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
    const at = active === document.body ? -1
        : stops.includes(active) ? stops.indexOf(active) : stops.filter((own) => precedes(own, active)).length - 1;
    if (active === target) return 0;
    if (!stops.includes(target)) return null;
    return (stops.indexOf(target) - at) || 1;
"#;

/// Returns whether the element with the focus shows it.
const SHOWS_FOCUS: &str = "
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
";

/// Returns the text of the option that a list has.
const CHOSEN: &str = "return arguments[0].selectedOptions[0].text.trim()";

impl Chromium {
    /// Types text into the control that has the focus.
    pub async fn type_keys(&self, text: &str) {
        let typed = text.chars().fold(keys(), |keys, key| keys.then(down(key)).then(up(key)));
        self.act(typed).await;
    }

    /// Moves the focus to an element with Tab or Shift+Tab, and checks that the page shows where it is.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only numbers are places")]
    pub(crate) async fn tab_to(&self, element: &Element) {
        let target = serde_json::to_value(element).unwrap();
        for _ in 0..MAX_ROUNDS {
            match self.execute(DISTANCE, vec![target.clone()]).await {
                Value::Number(steps) if steps.as_i64() == Some(0) => {
                    let shows = self.execute(SHOWS_FOCUS, Vec::new()).await;
                    assert_eq!(shows, json!(true), "focus on {}", self.html_of(element).await);
                    return;
                }
                Value::Number(steps) => self.press_tab(steps.as_i64().unwrap()).await,
                _ => break,
            }
        }
        panic!("Tab does not lead to {} on {}", self.html_of(element).await, self.path().await);
    }

    /// Replaces the text of a control.
    pub(crate) async fn type_over(&self, control: &Element, text: &str) {
        self.tab_to(control).await;
        let actions = keys().then(down(Key::Control)).then(down('a')).then(up('a'));
        self.act(actions.then(up(Key::Control)).then(down(Key::Delete)).then(up(Key::Delete)))
            .await;
        self.type_keys(text).await;
    }

    /// Chooses an option of a list by typing its text.
    pub(crate) async fn choose_by_typing(&self, list: &Element, option: &str) {
        self.tab_to(list).await;
        self.type_keys(option).await;
        let chosen = self.execute(CHOSEN, vec![serde_json::to_value(list).unwrap()]).await;
        assert_eq!(chosen, json!(option), "on {}", self.path().await);
    }

    /// Moves the focus to an element and presses Space, as for buttons and boxes.
    pub(crate) async fn press_space(&self, element: &Element) {
        self.tab_to(element).await;
        self.type_keys(" ").await;
    }

    /// Moves the focus to an element and presses Enter, as for links.
    pub(crate) async fn press_enter(&self, element: &Element) {
        self.tab_to(element).await;
        self.act(keys().then(down(Key::Enter)).then(up(Key::Enter))).await;
    }

    async fn press_tab(&self, steps: i64) {
        let mut actions = keys();
        if steps < 0 {
            actions = actions.then(down(Key::Shift));
        }
        for _ in 0..steps.abs() {
            actions = actions.then(down(Key::Tab)).then(up(Key::Tab));
        }
        if steps < 0 {
            actions = actions.then(up(Key::Shift));
        }
        self.act(actions).await;
    }

    async fn act(&self, actions: KeyActions) {
        self.client.perform_actions(actions).await.unwrap();
    }

    async fn html_of(&self, element: &Element) -> String {
        element.html(false).await.unwrap_or_default()
    }
}

fn keys() -> KeyActions {
    KeyActions::new("keyboard".to_owned())
}

fn down(key: impl Into<char>) -> KeyAction {
    KeyAction::Down { value: key.into() }
}

fn up(key: impl Into<char>) -> KeyAction {
    KeyAction::Up { value: key.into() }
}
