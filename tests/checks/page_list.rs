//! Every page of the dashboard is in the list of all pages, by which accessibility, HTML, costs and faults are tested.

use std::collections::BTreeSet;
use std::path::Path;

use tests::all_pages::page_patterns;

/// Files with the tables of the dashboard's routes.
const ROUTE_TABLES: [&str; 2] =
    ["functions/dashboard/src/page_routes.rs", "functions/dashboard/src/lib.rs"];

/// Routes that answer `GET` with a redirect, a file or a document for programs.
const NO_PAGES: [&str; 14] = [
    "/",
    "/account",
    "/account/signin",
    "/account/signup",
    "/account/verify",
    "/account/profile/export",
    "/account/organizations/{client_id}/artifacts/{artifact_id}/download",
    "/account/organizations/{client_id}/usage/daily.csv",
    "/account/organizations/{client_id}/billing/transactions.csv",
    "/account/organizations/{client_id}/billing/invoices/{invoice_id}/pdf",
    "/account/organizations/{client_id}/billing/pay",
    "/account/assets/{name}",
    "/health",
    "/openapi.json",
];

/// Returns the paths of a table's routes that answer `GET`. A route's handlers follow its path.
fn get_routes(table: &str) -> Vec<String> {
    let routes = table.split("Route::new(").skip(1);
    let path = |route: &str| {
        let (_, rest) = route.split_once('"')?;
        let (path, handlers) = rest.split_once('"')?;
        handlers.contains("get(").then(|| path.to_owned())
    };
    routes.filter_map(path).collect()
}

#[test]
fn every_page_is_in_the_list_of_all_pages() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut served = BTreeSet::new();
    for table in ROUTE_TABLES {
        let table = std::fs::read_to_string(root.join(table)).unwrap();
        let routes = get_routes(&table);
        assert!(routes.len() > 3, "the routes are found");
        served.extend(routes);
    }
    for path in NO_PAGES {
        assert!(served.remove(path), "no route {path}");
    }
    let listed: BTreeSet<_> = page_patterns()
        .map(|pattern| pattern.split('?').next().unwrap_or_default().to_owned())
        .collect();
    let missing: Vec<_> = served.difference(&listed).collect();
    assert!(missing.is_empty(), "not in tests/support/all_pages.rs: {missing:?}");
    let unknown: Vec<_> = listed.difference(&served).collect();
    assert!(unknown.is_empty(), "pages without a route: {unknown:?}");
}
