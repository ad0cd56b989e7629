//! Compares the size and the round trips of each page with `docs/COSTS.md`.
//!
//! After a change of the pages, run `UPDATE_PAGE_COSTS=1 cargo nextest run --workspace -E 'test(pages_cost)'`, and
//! review the diff.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use tests::all_pages::{AllPages, Page};
use tests::{PageVisitor, TestApp};

/// Largest size of the first page that a person opens, with stylesheet, script and icon.
const MAX_FIRST_PAGE_BYTES: usize = 30 * 1024;

/// Most round trips of a page.
const MAX_TRIPS: u32 = 2;

/// How often a page is opened.
const TRIES: usize = 5;

/// The heading of the table's part.
const HEADING: &str = "\n## Pages\n";

#[tokio::test]
async fn pages_cost_what_the_documents_say() {
    let app = TestApp::start().await;
    let pages = AllPages::fill(&app).await;
    app.wait_for_worker().await;
    let mut measured = Vec::new();
    for (person, listed) in pages.by_person() {
        let mut browser = PageVisitor::of(&app, person);
        for page in listed {
            let row = measure(&mut browser, &page).await;
            let fewest = row.trips.start();
            assert!(*fewest <= MAX_TRIPS, "{} takes {fewest} round trips", row.path);
            measured.push(row);
        }
    }
    if std::env::vars().any(|(name, _)| name == "UPDATE_PAGE_COSTS") {
        update(&measured);
    }
    let documented = documented();
    let matches = |(own, other): (&Row, &Row)| {
        own.path == other.path
            && other.trips.start() <= own.trips.end()
            && own.kilobytes.abs_diff(other.kilobytes) <= 1
    };
    let is_same =
        documented.len() == measured.len() && documented.iter().zip(&measured).all(matches);
    let lines: Vec<_> = measured.iter().map(Row::line).collect();
    assert!(
        is_same,
        "set UPDATE_PAGE_COSTS; the table of docs/COSTS.md should be:\n{}",
        lines.join("\n")
    );
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
    /// The fewest and the most round trips of several tries. Calls that start at the same time can happen to run one
    /// after the other, and then count as more.
    trips: RangeInclusive<u32>,
    kilobytes: usize,
}

impl Row {
    fn line(&self) -> String {
        let trips = self.trips.end().min(&MAX_TRIPS);
        format!("| `{}` | {trips} | {} |", self.path, self.kilobytes)
    }
}

/// Opens a page several times.
async fn measure(browser: &mut PageVisitor, page: &Page) -> Row {
    let (mut fewest, mut most, mut kilobytes) = (u32::MAX, 0, 0);
    for _ in 0..TRIES {
        let reply = browser.open(&page.path).await.expect(200).reply;
        let trips = reply.cost().trips;
        (fewest, most) = (fewest.min(trips), most.max(trips));
        kilobytes = reply.text.len().div_ceil(1024);
    }
    Row { path: page.pattern.clone(), trips: fewest..=most, kilobytes }
}

fn documented() -> Vec<Row> {
    let page = std::fs::read_to_string(costs_page()).unwrap();
    let (_, table) = page.split_once(HEADING).expect("a part about pages");
    let rows = table.lines().filter(|line| is_row(line));
    rows.map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        Row {
            path: cells[1].trim_matches('`').to_owned(),
            trips: 0..=cells[2].parse().unwrap(),
            kilobytes: cells[3].parse().unwrap(),
        }
    })
    .collect()
}

/// Writes the measured rows in place of those of the table.
fn update(measured: &[Row]) {
    let page = std::fs::read_to_string(costs_page()).unwrap();
    let (before, part) = page.split_once(HEADING).expect("a part about pages");
    let (rows, others): (Vec<_>, Vec<_>) = part.lines().partition(|line| is_row(line));
    let first = part.lines().position(is_row).expect("a table");
    assert!(part.lines().skip(first).take(rows.len()).all(is_row), "the part has two tables");
    let (head, tail) = others.split_at(first);
    let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let mut lines = owned(head);
    lines.extend(measured.iter().map(Row::line));
    lines.extend(owned(tail));
    let text = format!("{before}{HEADING}{}\n", lines.join("\n"));
    std::fs::write(costs_page(), text).unwrap();
}

fn is_row(line: &str) -> bool {
    line.starts_with("| `")
}

fn costs_page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/COSTS.md")
}
