//! Plans, credits and invoices.

use super::Traveler;

/// What the pages of the Stripe simulator say.
const SIMULATED: &str = "This page simulates Stripe";

/// Subscribes to a plan and buys credits on the pages of Stripe.
pub(super) async fn subscribe_and_top_up(person: &Traveler<'_>) {
    let browser = person.browser;
    browser.open_organization_page("Billing").await;
    browser.press("Subscribe to Basic").await;
    browser.expect_text(SIMULATED).await;
    browser.press("Subscribe").await;
    // Stripe may confirm the payment before or after the page is back.
    let active = "Basic is active until";
    browser.reload_until(active, async |page| page.text().await.contains(active)).await;
    browser.expect_text("Change to Pro").await;
    let before = balance(person).await;
    browser.fill("Credits to buy", "2500").await;
    browser.press("Top up").await;
    browser.expect_text(SIMULATED).await;
    browser.press("Pay").await;
    let added = "2,500 credits were added";
    browser.reload_until(added, async |page| page.text().await.contains(added)).await;
    assert_eq!(balance(person).await, before + 2500);
}

/// Saves the PDF of the newest invoice.
pub(super) async fn save_an_invoice(person: &Traveler<'_>) {
    let browser = person.browser;
    browser.open_organization_page("Billing").await;
    let number = browser.read_css("#invoices td[data-label=Number]").await;
    let number = number.trim_start_matches("Number").trim();
    browser.follow(&format!("Invoice {number} as PDF")).await;
    let pdf = browser.saved_file().await;
    assert!(pdf.starts_with(b"%PDF-"), "not a PDF");
    assert!(String::from_utf8_lossy(&pdf).contains(number), "the PDF does not name {number}");
}

/// Reads the balance of credits.
async fn balance(person: &Traveler<'_>) -> u64 {
    let figure = person.browser.read_css("#credits .figure").await;
    let digits: String = figure.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}
