//! The controls of a page, found as a person finds them: by their labels and texts.

use std::path::Path;

use fantoccini::Locator;
use fantoccini::elements::Element;
use serde_json::json;

use crate::Chromium;

impl Chromium {
    /// Types into the control with a label, in place of what it holds.
    pub async fn fill(&self, label: &str, text: &str) {
        let control = self.control(label).await;
        if self.is_keyboard_only {
            self.type_over(&control, text).await;
        } else {
            control.clear().await.unwrap();
            control.send_keys(text).await.unwrap();
        }
    }

    /// Chooses an option of the list with a label.
    pub async fn choose(&self, label: &str, option: &str) {
        let list = self.control(label).await;
        if self.is_keyboard_only {
            self.choose_by_typing(&list, option).await;
        } else {
            list.select_by_label(option).await.unwrap();
        }
    }

    /// Ticks the box with a label.
    pub async fn tick(&self, label: &str) {
        let control = self.control(label).await;
        self.activate(&control).await;
        assert!(control.is_selected().await.unwrap(), "{label} is not ticked");
    }

    /// Chooses a file for the control with a label.
    pub async fn attach(&self, label: &str, path: &Path) {
        let control = self.control(label).await;
        if self.is_keyboard_only {
            self.tab_to(&control).await;
        }
        // WebDriver has this in place of the dialog of the operating system.
        control.send_keys(&path.display().to_string()).await.unwrap();
    }

    /// Presses the button with a text or a label.
    pub async fn press(&self, text: &str) {
        let button = format!("//button[normalize-space()='{text}' or @aria-label='{text}']");
        let button = self.visible(&button).await;
        self.activate(&button).await;
    }

    /// Submits the form of an action with values of its fields, without the checks that the browser makes before.
    pub async fn submit_unchecked(&self, action: &str, typed: &[(&str, &str)]) {
        const SUBMIT: &str = "const [action, typed] = arguments; \
            const form = [...document.forms].find((form) => form.getAttribute('action') === action); \
            for (const [name, value] of typed) form.elements[name].value = value; \
            HTMLFormElement.prototype.submit.call(form);";
        self.execute(SUBMIT, vec![json!(action), json!(typed)]).await;
    }

    /// Follows the link with a text or a label in the main part of the page.
    pub async fn follow(&self, text: &str) {
        let link = format!("//main//a[normalize-space()='{text}' or @aria-label='{text}']");
        let link = self.visible(&link).await;
        self.go(&link).await;
    }

    /// Opens a part of the page that is closed at first, by its heading.
    pub async fn unfold(&self, heading: &str) {
        let summary = format!("//summary[contains(normalize-space(), '{heading}')]");
        let summary = self.visible(&summary).await;
        self.go(&summary).await;
    }

    /// Follows a link of the account in the navigation.
    pub async fn open_account_page(&self, label: &str) {
        self.navigate("nav-account", label).await;
    }

    /// Follows a link of the organization in the navigation.
    pub async fn open_organization_page(&self, label: &str) {
        self.navigate("nav-organization", label).await;
    }

    /// Opens the menu of the person and signs out.
    pub async fn sign_out(&self) {
        let summary = self.visible("//header//nav//summary").await;
        self.go(&summary).await;
        self.press("Sign out").await;
        self.expect_path("/account/sign-in").await;
    }

    /// Returns the text of the block with a label, such as a value to copy.
    pub async fn read(&self, label: &str) -> String {
        let block = self.visible(&format!("//*[@aria-label='{label}']")).await;
        block.text().await.unwrap().trim().to_owned()
    }

    /// Returns the text beside a term in a list of facts.
    pub async fn read_fact(&self, term: &str) -> String {
        let fact = format!("//dt[normalize-space()='{term}']/following-sibling::dd[1]");
        self.visible(&fact).await.text().await.unwrap()
    }

    /// Returns the text of the first element that a CSS selector finds.
    pub async fn read_css(&self, css: &str) -> String {
        let found = self.client.find(Locator::Css(css)).await;
        let found = found.unwrap_or_else(|error| panic!("{css}: {error}"));
        found.text().await.unwrap()
    }

    /// Returns what the control with a label holds.
    pub async fn value(&self, label: &str) -> String {
        let control = self.control(label).await;
        control.prop("value").await.unwrap().unwrap_or_default()
    }

    async fn navigate(&self, list: &str, label: &str) {
        let link = format!("//nav//ul[@aria-labelledby='{list}']//a[normalize-space()='{label}']");
        let menu = "//nav//summary[normalize-space()='Menu']";
        self.visible(&format!("{link} | {menu}")).await;
        if self.find_visible(&link).await.is_none() {
            let menu = self.visible(menu).await;
            self.go(&menu).await;
        }
        let link = self.visible(&link).await;
        let path = link.attr("href").await.unwrap().expect("a path");
        self.go(&link).await;
        self.expect_path(&path).await;
    }

    /// Activates a button or a box.
    async fn activate(&self, element: &Element) {
        if self.is_keyboard_only {
            self.press_space(element).await;
        } else {
            element.click().await.unwrap();
        }
    }

    /// Follows a link, or opens or closes what a summary stands for.
    async fn go(&self, element: &Element) {
        if self.is_keyboard_only {
            self.press_enter(element).await;
        } else {
            element.click().await.unwrap();
        }
    }

    /// Finds the control of a label, by the label's text.
    async fn control(&self, label: &str) -> Element {
        let wrapped = format!("//label[normalize-space()='{label}']//input");
        let by_id = format!("//*[@id=//label[normalize-space()='{label}']/@for]");
        self.visible(&format!("{by_id} | {wrapped}")).await
    }
}
