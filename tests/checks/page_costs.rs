//! Compares the size and the round trips of each page with `docs/COSTS.md`.

use std::path::Path;

use tests::all_pages::AllPages;
use tests::{PageReply, PageVisitor, TestApp};

/// Largest size of the first page that a person opens, with stylesheet, script and icon.
const MAX_FIRST_PAGE_BYTES: usize = 30 * 1024;

/// Most round trips of a page.
const MAX_TRIPS: u32 = 3;

#[tokio::test]
async fn pages_cost_what_the_documents_say() {
    let app = TestApp::start().await;
    let pages = AllPages::fill(&app).await;
    app.wait_for_worker().await;
    let mut measured = Vec::new();
    let mut guest = PageVisitor::new(&app);
    for path in pages.signed_out() {
        measured.push(row(&pages.pattern(&path), &guest.open(&path).await.expect(200)));
    }
    let mut owner = PageVisitor::signed_in(&app, &pages.owner);
    for path in pages.signed_in() {
        let page = owner.open(&path).await.expect(200);
        let trips = page.reply.cost().trips;
        assert!(trips <= MAX_TRIPS, "{path} takes {trips} round trips");
        measured.push(row(&pages.pattern(&path), &page));
    }
    let documented = documented();
    let matches = |(own, other): (&Row, &Row)| {
        own.path == other.path
            && other.trips <= own.trips
            && own.kilobytes.abs_diff(other.kilobytes) <= 1
    };
    let is_same =
        documented.len() == measured.len() && documented.iter().zip(&measured).all(matches);
    let lines: Vec<_> = measured.iter().map(Row::line).collect();
    assert!(is_same, "the table of docs/COSTS.md should be:\n{}", lines.join("\n"));
}

#[tokio::test]
async fn the_first_page_is_small() {
    let app = TestApp::start().await;
    let mut guest = PageVisitor::new(&app);
    let page = guest.open("/account/sign-in").await.expect(200);
    let mut bytes = page.reply.text.len();
    let style = page.attributes("link[rel=stylesheet], link[rel=icon]", "href");
    for asset in style.into_iter().chain(page.attributes("script", "src")) {
        bytes += guest.open(&asset).await.expect(200).reply.text.len();
    }
    assert!(bytes <= MAX_FIRST_PAGE_BYTES, "{bytes} bytes");
}

/// A row of the table.
#[derive(Debug)]
struct Row {
    path: String,
    trips: u32,
    kilobytes: usize,
}

impl Row {
    fn line(&self) -> String {
        format!("| `{}` | {} | {} |", self.path, self.trips, self.kilobytes)
    }
}

fn row(path: &str, page: &PageReply) -> Row {
    Row {
        path: path.to_owned(),
        trips: page.reply.cost().trips,
        kilobytes: page.reply.text.len().div_ceil(1024),
    }
}

fn documented() -> Vec<Row> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/COSTS.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, table) = page.split_once("\n## Pages\n").expect("a part about pages");
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        Row {
            path: cells[1].trim_matches('`').to_owned(),
            trips: cells[2].parse().unwrap(),
            kilobytes: cells[3].parse().unwrap(),
        }
    })
    .collect()
}
