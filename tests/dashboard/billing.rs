//! `/account/organizations/{client_id}/billing`

use reqwest::Method;
use serde_json::json;
use shared::clock::Timestamp;
use shared::organizations::Role;
use tests::billing::{BillingFixture, DECLINED_LATER};
use tests::members::sign_up_member;
use tests::{CARD, PageReply, PageVisitor, price};

/// A billing page in a browser.
struct BillingPages {
    fixture: BillingFixture,
    browser: PageVisitor,
    path: String,
}

impl BillingPages {
    fn of(fixture: BillingFixture) -> Self {
        let browser = PageVisitor::signed_in(&fixture.app, &fixture.ada);
        let path = format!("/account/organizations/{}/billing", fixture.client);
        Self { fixture, browser, path }
    }

    async fn open(&mut self) -> PageReply {
        self.browser.open(&self.path.clone()).await.expect(200)
    }

    fn form(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }

    /// Submits a form that leads to Stripe, and returns the address of the page there.
    async fn submit_to_stripe(
        &mut self,
        page: &PageReply,
        form: &str,
        typed: &[(&str, &str)],
    ) -> String {
        let reply = self.browser.submit(page, &self.form(form), typed).await.expect(303).reply;
        reply.headers["location"].to_str().unwrap().to_owned()
    }

    /// Submits a form that leads to Stripe's checkout, and pays there.
    async fn pay(&mut self, page: &PageReply, form: &str, typed: &[(&str, &str)]) {
        let url = self.submit_to_stripe(page, form, typed).await;
        let session = url.rsplit('/').next().unwrap();
        self.fixture.app.pay_checkout(session, CARD).await.expect(200);
    }

    /// Returns the address that the button of a failed payment leads to.
    async fn fixed_at(&mut self, button: &str) -> String {
        let reply = self.browser.send(Method::GET, button, None).await.expect(303);
        reply.headers["location"].to_str().unwrap().to_owned()
    }

    /// Returns the id of a card, newest first.
    async fn card(&self, at: usize) -> String {
        let path = format!("/v1/clients/{}/payment-methods", self.fixture.client);
        let list = self.fixture.ada.get(&path).await.expect(200).json();
        list["data"][at]["id"].as_str().unwrap().to_owned()
    }

    /// Returns the day on which the period ends, as pages show it.
    async fn period_end(&self) -> String {
        let end = self.fixture.subscription().await["current_period_end"].as_i64().unwrap();
        Timestamp::from_seconds(end).in_utc().strftime("%-d %b %Y").to_string()
    }

    /// Makes the payment of the next period fail. Stripe finalizes an invoice after an hour.
    async fn fail_next_payment(&mut self) {
        let end = self.fixture.subscription().await["current_period_end"].as_i64().unwrap();
        self.fixture.advance_to(end + 2 * 3_600).await;
        self.browser = PageVisitor::signed_in(&self.fixture.app, &self.fixture.ada);
    }
}

#[tokio::test]
async fn a_plan_is_paid_at_stripe_and_shown() {
    let mut pages = BillingPages::of(BillingFixture::start().await);
    let page = pages.open().await.expect_text("Subscribe to Pro");
    let policy = page.reply.headers["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy
            .contains("form-action 'self' https://checkout.stripe.com https://billing.stripe.com"),
        "{policy}"
    );
    pages.pay(&page, "checkout", &[("price_id", &price("pro"))]).await;
    let back = pages.browser.open(&format!("{}?outcome=subscribed", pages.path)).await.expect(200);
    let active = format!("Pro is active until {}", pages.period_end().await);
    let back = back.expect_text(&active).expect_text("20,000 credits").expect_text("Cancel Pro");
    assert_eq!(back.texts(".notice a").len(), 0);
    assert_eq!(back.texts("#plan .badge.good"), ["active", "Current plan"]);
    assert_eq!(back.texts("#invoices td[data-label=Status]"), ["paid"]);
    assert_eq!(back.texts("#invoices td[data-label=Amount]"), ["$200.00"]);
    let pdf = back.attributes("#invoices a[href$=pdf]", "href").remove(0);
    let pdf = pages.browser.send(Method::GET, &pdf, None).await.expect(303);
    assert!(pdf.headers["location"].to_str().unwrap().ends_with("/pdf"));
    back.expect_text("Visa ending in 4242");
}

#[tokio::test]
async fn a_price_that_is_not_offered_is_refused() {
    let mut pages = BillingPages::of(BillingFixture::start().await);
    let (page, form) = (pages.open().await, pages.form("checkout"));
    let refused = pages.browser.submit(&page, &form, &[("price_id", "price_evil")]).await;
    refused.expect(400).expect_text("Not a price that is offered");
}

#[tokio::test]
async fn credits_are_bought_and_a_wrong_number_is_kept() {
    let mut pages = BillingPages::of(BillingFixture::start().await);
    let (page, form) = (pages.open().await, pages.form("top-up"));
    for typed in ["10", "2000000", "many"] {
        let refused = pages.browser.submit(&page, &form, &[("credits", typed)]).await.expect(400);
        assert_eq!(refused.value(&form, "credits"), typed);
        assert_eq!(refused.attributes("#top-up [role=alert] a", "href").len(), 1);
    }
    pages.pay(&page, "top-up", &[("credits", "1,500")]).await;
    let after = pages.open().await.expect_text("2,500 credits");
    assert_eq!(
        after.texts("#transactions td[data-label=Change]"),
        ["+1,500 credits", "+1,000 credits"]
    );
}

#[tokio::test]
async fn a_visit_that_was_canceled_says_so() {
    let mut pages = BillingPages::of(BillingFixture::start().await);
    let back = pages.browser.open(&format!("{}?outcome=canceled", pages.path)).await.expect(200);
    back.expect_text("Nothing was charged");
    let odd = pages.browser.open(&format!("{}?outcome=<b>", pages.path)).await.expect(200);
    assert_eq!(odd.texts(".notice").len(), 0);
}

#[tokio::test]
async fn an_upgrade_is_previewed_and_confirmed() {
    let mut pages = BillingPages::of(BillingFixture::subscribed("basic", CARD).await);
    let form = pages.form("plan");
    let preview =
        pages.browser.open(&format!("{form}?price_id={}", price("pro"))).await.expect(200);
    let preview = preview.expect_text("Basic to Pro").expect_text(", for the rest of the period");
    assert_eq!(pages.fixture.subscription().await["plan_name"], "basic");
    let changed = pages.browser.submit(&preview, &form, &[]).await.expect(200);
    changed.expect_path(&pages.path).expect_text("The plan is Pro now");
    assert_eq!(pages.fixture.subscription().await["plan_name"], "pro");
}

#[tokio::test]
async fn a_downgrade_is_scheduled_and_taken_back() {
    let mut pages = BillingPages::of(BillingFixture::subscribed("pro", CARD).await);
    let form = pages.form("plan");
    let preview =
        pages.browser.open(&format!("{form}?price_id={}", price("basic"))).await.expect(200);
    let preview = preview.expect_text("Nothing is deleted");
    let changed = pages.browser.submit(&preview, &form, &[]).await.expect(200);
    let changed = changed.expect_text("The plan changes to Basic at the end of the period");
    let end = pages.period_end().await;
    assert_eq!(changed.texts("p.lead"), [format!("Pro · changes to Basic on {end}")]);
    assert_eq!(changed.texts(".offer .badge"), [format!("From {end}"), "Current plan".to_owned()]);
    assert_eq!(changed.texts("#plan .offer button").len(), 0);
    let kept = pages.browser.submit(&changed, &pages.form("resume"), &[]).await.expect(200);
    kept.expect_text("Pro is kept");
    assert!(pages.fixture.subscription().await["scheduled_change"].is_null());
}

#[tokio::test]
async fn a_subscription_is_canceled_and_resumed() {
    let mut pages = BillingPages::of(BillingFixture::subscribed("pro", CARD).await);
    let form = pages.form("cancel");
    let confirm =
        pages.browser.open(&form).await.expect(200).expect_text("Credits that you bought stay");
    assert_eq!(confirm.texts("p.actions .button, p.actions button"), ["Keep Pro", "Cancel Pro"]);
    let canceled = pages.browser.submit(&confirm, &form, &[]).await.expect(200);
    let canceled = canceled.expect_text("then Free");
    let end = pages.period_end().await;
    let canceled = canceled
        .expect_text(&format!("Pro is canceled and stays until {end}"))
        .expect_text(&format!("The quota ends on {end}; bought credits stay."));
    let overview = pages.path.replace("/billing", "");
    let overview = pages.browser.open(&overview).await.expect(200);
    overview.expect_text(&format!("The quota ends on {end}; bought credits stay."));
    assert_eq!(pages.fixture.subscription().await["cancel_at_period_end"], true);
    pages
        .browser
        .submit(&canceled, &pages.form("resume"), &[])
        .await
        .expect(200)
        .expect_text("Pro is kept");
    assert_eq!(pages.fixture.subscription().await["cancel_at_period_end"], false);
}

#[tokio::test]
async fn a_failed_payment_has_one_button_that_fixes_it() {
    let mut pages = BillingPages::of(BillingFixture::subscribed("basic", DECLINED_LATER).await);
    pages.fail_next_payment().await;
    let page = pages.open().await.expect_text("The last payment failed");
    assert_eq!(page.texts("#payment .button, #payment button"), ["Pay $50.00"]);
    assert_eq!(page.texts(".page-header .primary"), ["Pay $50.00"]);
    assert_eq!(page.texts("p.lead"), ["Basic · payment failed"]);
    let page = page.expect_text("A new quota comes when the open invoice is paid.");
    let usage = pages.browser.open(&pages.path.replace("/billing", "/usage")).await.expect(200);
    let usage = usage.expect_text("reset when the open invoice is paid");
    let url = page.attributes("#payment .button", "href").remove(0);
    // Every page has a banner, whose button leads to the same page at Stripe.
    assert_eq!(usage.texts(".banner a"), ["Fix the payment"]);
    let fix = usage.attributes(".banner a", "href").remove(0);
    assert_eq!(pages.fixed_at(&fix).await, url);
    pages.fixture.app.control_stripe("faults", json!({"next": 100, "status": 500})).await;
    assert_eq!(pages.fixed_at(&fix).await, format!("{}#payment", pages.path));
    pages.fixture.app.control_stripe("faults", json!({"next": 0, "status": 500})).await;
    pages.fixture.pay_invoice(&url, CARD).await;
    assert_eq!(pages.open().await.texts("#payment").len(), 0);
}

#[tokio::test]
async fn cards_and_portal_lead_submit_to_stripe() {
    let mut pages = BillingPages::of(BillingFixture::start().await);
    let page = pages.open().await.expect_text("No card is saved yet");
    pages.pay(&page, "card", &[]).await;
    let page = pages.open().await.expect_text("Visa ending in 4242");
    let portal = pages.submit_to_stripe(&page, "portal", &[]).await;
    assert!(portal.contains("/portal/"), "{portal}");
}

#[tokio::test]
async fn a_card_is_made_the_default_and_removed() {
    let mut pages = BillingPages::of(BillingFixture::subscribed("pro", CARD).await);
    let page = pages.open().await;
    // The only card pays for the plan.
    assert_eq!(page.texts("#methods td.row-actions button, #methods td.row-actions a").len(), 0);
    let first = pages.card(0).await;
    let form = pages.form(&format!("cards/{first}/remove"));
    let confirm = pages.browser.open(&form).await.expect(200);
    let refused = pages.browser.submit(&confirm, &form, &[]).await.expect(409);
    refused.expect_text("make another payment method the default first");
    pages.pay(&page, "card", &[]).await;
    let second = pages.card(0).await;
    let page = pages.open().await;
    let form = pages.form(&format!("cards/{second}/default"));
    let page = pages.browser.submit(&page, &form, &[]).await.expect(200);
    let page = page.expect_text("Visa ending in 4242 is the default");
    assert_eq!(page.texts("#methods .badge"), ["Default"]);
    let remove = page.attributes("#methods a.danger-button", "href");
    assert_eq!(remove, [pages.form(&format!("cards/{first}/remove"))]);
    let confirm = pages.browser.open(&remove[0]).await.expect(200);
    let confirm = confirm.expect_text("Removes Visa ending in 4242");
    let page = pages.browser.submit(&confirm, &remove[0], &[]).await.expect(200);
    page.expect_text("Payment method removed");
    assert_eq!(pages.card(0).await, second);
    pages.browser.open(&remove[0]).await.expect(404);
    pages.browser.submit(&confirm, &remove[0], &[]).await.expect(404);
}

#[tokio::test]
async fn stripe_that_fails_leaves_the_rest() {
    let mut pages = BillingPages::of(BillingFixture::subscribed("pro", CARD).await);
    pages.fixture.app.control_stripe("faults", json!({"next": 100, "status": 500})).await;
    let page =
        pages.open().await.expect_text("Stripe can't be reached").expect_text("20,000 credits");
    assert_eq!(page.texts("#invoices .unavailable, #methods .unavailable").len(), 2);
    assert_eq!(page.texts("#plan .unavailable, #credits .unavailable").len(), 0);
}

#[tokio::test]
async fn transactions_are_filtered_by_type() {
    let mut pages = BillingPages::of(BillingFixture::start().await);
    pages.fixture.ada.buy_credits(&pages.fixture.app, &pages.fixture.client, 500).await;
    let path = pages.form("transactions");
    let all = pages.browser.open(&path).await.expect(200);
    assert_eq!(all.texts("td[data-label=Type]"), ["Top-up", "Quota"]);
    assert_eq!(all.texts("td[data-label='Balance after']"), ["1,500 credits", "1,000 credits"]);
    let bought = pages.browser.open(&format!("{path}?type=topup")).await.expect(200);
    assert_eq!(bought.texts("td[data-label=Type]"), ["Top-up"]);
    let none = pages.browser.open(&format!("{path}?type=refund")).await.expect(200);
    none.expect_text("No transaction matches.");
    pages.browser.open(&format!("{path}?type=x")).await.expect(400);
}

#[tokio::test]
async fn transactions_of_a_period_are_a_csv_file() {
    let mut pages = BillingPages::of(BillingFixture::start().await);
    let (app, client) = (&pages.fixture.app, &pages.fixture.client);
    pages.fixture.ada.buy_credits(app, client, 2_000).await;
    let key = pages.fixture.ada.visitor_with_key(app, client).await;
    let spent = json!({"credits": 2.5, "description": "=1+1"});
    let key = key.with_header("idempotency-key", "a");
    key.post(&format!("/v1/clients/{client}/usage"), spent).await.expect(200);
    let today = app.stack().context().now().rfc3339()[..10].to_owned();
    let path = pages.form("transactions");
    let period = format!("{path}?from=2001-01-01&to={today}");
    let found = pages.browser.open(&period).await.expect(200);
    assert_eq!(found.texts("td[data-label=Type]"), ["Usage", "Top-up", "Quota"]);
    assert_eq!(found.texts("td[data-label=Change]")[0], "−2.5 credits");
    let before = pages.browser.open(&format!("{path}?to=2001-01-01&type=topup")).await.expect(200);
    before.expect_text("No transaction matches.");
    pages.browser.open(&format!("{path}?from=yesterday")).await.expect(400);
    let since = pages.browser.open(&format!("{path}?from={today}")).await.expect(200);
    let file = since.attributes("a[download]", "href").remove(0);
    let file = pages.browser.send(Method::GET, &file, None).await.expect(200);
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<_> = file.text.lines().collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    // A spreadsheet shows the formula, and does not evaluate it.
    let usage = r#""usage","'=1+1","-2.5","2997.5""#;
    assert!(lines[1].contains(usage), "{lines:?}");
    let bought = r#""topup","2,000 credits bought","2000","3000""#;
    assert!(lines[2].contains(bought), "{lines:?}");
    let file = format!("{path}.csv?to=2001-01-01");
    let empty = pages.browser.send(Method::GET, &file, None).await.expect(200);
    assert_eq!(empty.text.lines().count(), 1);
}

#[tokio::test]
async fn members_see_credits_and_viewers_nothing() {
    let pages = BillingPages::of(BillingFixture::start().await);
    let (app, client) = (&pages.fixture.app, &pages.fixture.client);
    app.set_plan(client, "enterprise").await;
    let member = sign_up_member(app, client, "mia", Role::Member).await;
    let page = PageVisitor::signed_in(app, &member).open(&pages.path).await.expect(200);
    let page = page
        .expect_text("1,000 credits")
        .expect_text("The owner of the organization chooses the plan");
    assert_eq!(page.texts("#plan, #invoices, #methods, #top-up, #payment").len(), 0);
    let viewer = sign_up_member(app, client, "vera", Role::Viewer).await;
    let mut browser = PageVisitor::signed_in(app, &viewer);
    browser.open(&pages.path).await.expect(403).expect_text("No access");
    let mut browser = PageVisitor::signed_in(app, &member);
    let pay = browser.send(Method::GET, &pages.form("pay"), None).await.expect(303);
    assert_eq!(pay.header("location"), Some(format!("{}#payment", pages.path).as_str()));
    for part in ["cancel", "plan?price_id=x", "cards/pm_1/remove"] {
        browser.open(&pages.form(part)).await.expect(403);
    }
}
