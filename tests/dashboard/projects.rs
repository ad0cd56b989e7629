//! `/account/organizations/{client_id}/projects` and the pages of a project.

use reqwest::Method;
use serde_json::json;
use shared::organizations::Role;
use tests::members::sign_up_member;
use tests::runs::{finish_run, start_run};
use tests::{PageReply, PageVisitor, Person, TestApp};

/// A person with a project, and the project's page.
struct Fixture {
    app: TestApp,
    owner: Person,
    client: String,
    project: String,
    list: String,
    page: String,
    browser: PageVisitor,
}

impl Fixture {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let owner = app.sign_up("ada").await;
        let client = owner.default_client().await;
        let project = owner.create_project(&client, "Churn analysis").await;
        let browser = PageVisitor::signed_in(&app, &owner);
        let list = format!("/account/organizations/{client}/projects");
        let page = format!("{list}/{project}");
        Self { app, owner, client, project, list, page, browser }
    }

    async fn open(&mut self) -> PageReply {
        self.browser.open(&self.page.clone()).await.expect(200)
    }

    fn form(&self, name: &str) -> String {
        format!("{}/{name}", self.page)
    }
}

/// Sends a form with a file, as browsers do.
async fn upload(
    browser: &mut PageVisitor,
    page: &PageReply,
    action: &str,
    (path, file, content): (&str, &str, &[u8]),
) -> PageReply {
    let mut fields = page.form_fields(action);
    fields
        .iter_mut()
        .filter(|(name, _)| name == "path")
        .for_each(|(_, value)| *value = path.to_owned());
    browser.post_with_file(action, &fields, ("file", file, content)).await
}

#[tokio::test]
async fn a_project_is_created_and_found() {
    let mut fixture = Fixture::start().await;
    let list = fixture.browser.open(&fixture.list).await.expect(200).expect_text("Churn analysis");
    let typed = [("name", "Pricing"), ("description", "What <customers> pay")];
    let made = fixture
        .browser
        .submit(&list, &format!("{}/create", fixture.list), &typed)
        .await
        .expect(200);
    let made = made.expect_text("Project created").expect_text("What <customers> pay");
    assert_eq!(made.texts("h1"), ["Pricing"]);
    let found = fixture.browser.open(&format!("{}?q=PAY", fixture.list)).await.expect(200);
    assert_eq!(found.texts("tbody td:first-child"), ["Pricing"]);
    let none = fixture.browser.open(&format!("{}?q=zzz", fixture.list)).await.expect(200);
    none.expect_text("No project has “zzz”");
}

#[tokio::test]
async fn a_refused_project_keeps_what_was_typed() {
    let mut fixture = Fixture::start().await;
    let list = fixture.browser.open(&fixture.list).await.expect(200);
    let typed = [("name", "churn ANALYSIS"), ("description", "again")];
    let refused = fixture
        .browser
        .submit(&list, &format!("{}/create", fixture.list), &typed)
        .await
        .expect(409);
    assert_eq!(refused.value(&format!("{}/create", fixture.list), "name"), "churn ANALYSIS");
    assert_eq!(refused.value(&format!("{}/create", fixture.list), "description"), "again");
    assert_eq!(refused.attributes("[role=alert] a", "href").len(), 1);
}

#[tokio::test]
async fn a_creation_that_is_sent_twice_makes_one_project() {
    let mut fixture = Fixture::start().await;
    let list = fixture.browser.open(&fixture.list).await.expect(200);
    let first = fixture
        .browser
        .submit(&list, &format!("{}/create", fixture.list), &[("name", "Once")])
        .await
        .expect(200);
    let second = fixture
        .browser
        .submit(&list, &format!("{}/create", fixture.list), &[("name", "Once")])
        .await
        .expect(200);
    assert_eq!(first.path, second.path);
}

#[tokio::test]
async fn details_are_changed_and_a_change_elsewhere_is_shown() {
    let mut fixture = Fixture::start().await;
    let (page, form) = (fixture.open().await, fixture.form("details"));
    let typed = [("name", "Churn"), ("description", "Q3")];
    let saved = fixture.browser.submit(&page, &form, &typed).await.expect(200);
    assert_eq!(saved.expect_text("Details changed").texts("h1"), ["Churn"]);
    let late = fixture.browser.submit(&page, &form, &[("name", "Loss")]).await.expect(409);
    let late = late.expect_text("It is “Churn” now, and you typed “Loss”");
    // The description was not touched, so it is the present one.
    assert_eq!(late.value(&form, "description"), "Q3");
    fixture.browser.submit(&late, &form, &[]).await.expect(200).expect_text("Details changed");
    let empty = fixture.open().await;
    fixture
        .browser
        .submit(&empty, &form, &[("name", " ")])
        .await
        .expect(400)
        .expect_text("Enter a name");
}

#[tokio::test]
async fn a_brief_is_rendered_without_its_html() {
    let mut fixture = Fixture::start().await;
    let path = fixture.form("brief");
    let edit = fixture.browser.open(&path).await.expect(200);
    let text = "# Goal\r\n\r\nSee [this](https://example.com) or [that](javascript:alert(1)).\r\n\r\n<script>x</script>";
    let saved = fixture.browser.submit(&edit, &path, &[("content", text)]).await.expect(200);
    let saved = saved.expect_text("Brief saved");
    assert_eq!(saved.texts(".prose h3"), ["Goal"]);
    assert_eq!(saved.attributes(".prose a", "href"), ["https://example.com"]);
    assert_eq!(saved.texts(".prose script"), Vec::<String>::new());
    let brief = fixture.owner.get(&format!("/v1/projects/{}/brief", fixture.project)).await.json();
    assert_eq!(brief["content"], text.replace("\r\n", "\n"));
}

#[tokio::test]
async fn a_brief_that_changed_elsewhere_is_shown_beside_the_typed_one() {
    let mut fixture = Fixture::start().await;
    let path = fixture.form("brief");
    let edit = fixture.browser.open(&path).await.expect(200);
    let brief = format!("/v1/projects/{}/brief", fixture.project);
    let theirs = json!({"content": "Theirs"});
    fixture.owner.visitor.send_json(Method::PUT, &brief, &theirs).await.expect(200);
    let late = fixture.browser.submit(&edit, &path, &[("content", "Mine")]).await.expect(409);
    assert_eq!(late.value(&path, "content"), "Mine");
    assert_eq!(late.texts(".prose"), ["Theirs"]);
    assert_eq!(fixture.owner.get(&brief).await.json()["content"], "Theirs");
    fixture.browser.submit(&late, &path, &[]).await.expect(200).expect_text("Brief saved");
    assert_eq!(fixture.owner.get(&brief).await.json()["content"], "Mine");
}

#[tokio::test]
async fn a_file_is_uploaded_shown_downloaded_and_deleted() {
    let mut fixture = Fixture::start().await;
    let (page, form) = (fixture.open().await, fixture.form("upload"));
    let browser = &mut fixture.browser;
    let first = upload(browser, &page, &form, ("reports/q3.csv", "local.csv", b"a,b\n")).await;
    let first = first.expect(200).expect_text("Uploaded reports/q3.csv, version 1");
    let second = upload(browser, &first, &form, ("reports/q3.csv", "local.csv", b"a,b,c\n")).await;
    let second = second.expect(200).expect_text("version 2");
    let link = second.attributes("#artifacts td:first-child a", "href").remove(0);
    let versions = browser.open(&link).await.expect(200);
    assert_eq!(versions.texts("#versions td:nth-child(3)"), ["2", "1"]);
    let oldest = versions.attributes("#versions .row-actions a[href$=download]", "href").remove(1);
    let reply = browser.send(Method::GET, &oldest, None).await.expect(303);
    let content = reqwest::get(reply.headers["location"].to_str().unwrap()).await.unwrap();
    assert_eq!(content.bytes().await.unwrap().as_ref(), b"a,b\n");
    let delete = versions.attributes("#versions .row-actions a[href$=delete]", "href").remove(0);
    let confirm =
        browser.open(&delete).await.expect(200).expect_text("Version 1 becomes the latest");
    let deleted = browser.submit(&confirm, &delete, &[]).await.expect(200);
    deleted.expect_path(&fixture.page).expect_text("Version deleted");
    fixture.browser.open(&delete).await.expect(404);
}

#[tokio::test]
async fn a_file_without_a_path_keeps_its_name() {
    let mut fixture = Fixture::start().await;
    let (page, form) = (fixture.open().await, fixture.form("upload"));
    let file = upload(&mut fixture.browser, &page, &form, ("", "model.bin", b"x")).await;
    file.expect(200).expect_text("Uploaded model.bin, version 1");
}

#[tokio::test]
async fn an_upload_that_is_sent_twice_makes_one_version() {
    let mut fixture = Fixture::start().await;
    let (page, form) = (fixture.open().await, fixture.form("upload"));
    let browser = &mut fixture.browser;
    upload(browser, &page, &form, ("a.txt", "a.txt", b"1")).await.expect(200);
    let again = upload(browser, &page, &form, ("a.txt", "a.txt", b"1")).await;
    again.expect(200).expect_text("version 1");
    // Another file under the same key is no repetition.
    let other = upload(browser, &page, &form, ("a.txt", "a.txt", b"2")).await;
    other.expect(409).expect_text("already sent with other values");
}

#[tokio::test]
async fn a_refused_upload_says_why() {
    let mut fixture = Fixture::start().await;
    let (page, form) = (fixture.open().await, fixture.form("upload"));
    let browser = &mut fixture.browser;
    let outside = upload(browser, &page, &form, ("../x", "x", b"1")).await.expect(400);
    assert_eq!(outside.value(&form, "path"), "../x");
    let nothing = browser.submit(&page, &form, &[]).await.expect(400);
    nothing.expect_text("Choose a file");
    let large = vec![0; 4 * 1024 * 1024 + 1];
    let large = upload(browser, &page, &form, ("", "x", &large)).await.expect(400);
    large.expect_text("This file is larger than 4 MiB");
}

#[tokio::test]
async fn a_fork_opens_as_a_project_of_its_own() {
    let mut fixture = Fixture::start().await;
    let (page, form) = (fixture.open().await, fixture.form("fork"));
    let fork = fixture.browser.submit(&page, &form, &[]).await.expect(200);
    let fork = fork.expect_text("Forked as Churn analysis (fork)");
    assert_ne!(fork.path, fixture.page);
    assert_eq!(fork.attributes(".lead a", "href"), [fixture.page.as_str()]);
    assert_eq!(fork.texts(".lead a"), ["Churn analysis"]);
    let path = format!("/v1/projects/{}", fixture.project);
    fixture.owner.delete(&path, json!({})).await.expect(200);
    let fork = fixture.browser.open(&fork.path).await.expect(200);
    fork.expect_text("forked from a project that was deleted");
}

#[tokio::test]
async fn a_deletion_names_what_is_destroyed() {
    let mut fixture = Fixture::start().await;
    let content = b"x";
    fixture.owner.visitor.upload(&fixture.client, Some(&fixture.project), "a.txt", content).await;
    let path = fixture.form("delete");
    let confirm = fixture.browser.open(&path).await.expect(200);
    let confirm = confirm
        .expect_text("Deletes the project Churn analysis")
        .expect_text("1 file with all versions");
    let deleted = fixture.browser.submit(&confirm, &path, &[]).await.expect(200);
    deleted.expect_path(&fixture.list).expect_text("Project deleted");
    let gone = fixture.browser.open(&fixture.page).await.expect(404);
    gone.expect_text("Page not found");
}

#[tokio::test]
async fn runs_show_status_and_summary() {
    let mut fixture = Fixture::start().await;
    let run = start_run(&fixture.owner, &fixture.project, "manual").await;
    fixture.app.advance_clock(125).await;
    finish_run(&fixture.owner, &run, json!({"status": "failed", "summary": "2 of 10 failed"}))
        .await
        .expect(200);
    for page in [fixture.page.clone(), fixture.form("runs"), fixture.form("runs?q=OF+10")] {
        let page = fixture.browser.open(&page).await.expect(200);
        page.expect_text("failed").expect_text("2 min 5 s").expect_text("2 of 10 failed");
    }
    let none = fixture.browser.open(&fixture.form("runs?q=of+11")).await.expect(200);
    none.expect_text("No run has “of 11” in its name or summary.");
}

#[tokio::test]
async fn a_viewer_reads_and_changes_nothing() {
    let fixture = Fixture::start().await;
    fixture.app.set_plan(&fixture.client, "enterprise").await;
    let viewer = sign_up_member(&fixture.app, &fixture.client, "vera", Role::Viewer).await;
    let mut browser = PageVisitor::signed_in(&fixture.app, &viewer);
    let list = browser.open(&fixture.list).await.expect(200).expect_text("Churn analysis");
    assert_eq!(list.texts("#create").len(), 0);
    let page = browser.open(&fixture.page).await.expect(200);
    assert_eq!(page.texts("#upload, #details, #fork, #danger").len(), 0);
    for part in ["delete", "brief"] {
        browser.open(&fixture.form(part)).await.expect(403).expect_text("No access");
    }
}

#[tokio::test]
async fn a_stranger_sees_no_project() {
    let fixture = Fixture::start().await;
    let eve = fixture.app.sign_up("eve").await;
    let own = eve.default_client().await;
    let mut browser = PageVisitor::signed_in(&fixture.app, &eve);
    for path in
        [fixture.list.clone(), fixture.page.clone(), fixture.form("brief"), fixture.form("runs")]
    {
        let refused = browser.open(&path).await.expect(403);
        assert_eq!(refused.texts("h1"), ["No access"], "{path}");
    }
    let foreign = format!("/account/organizations/{own}/projects/{}", fixture.project);
    browser.open(&foreign).await.expect(404).expect_text("Page not found");
    browser.open("/account/organizations/nonsense/projects").await.expect(404);
}
