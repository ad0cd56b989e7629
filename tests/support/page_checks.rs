//! Checks of a page in the browser: accessibility and valid HTML.

use serde_json::{Value, json};
use tokio::process::Command;

use crate::{Chromium, ColorScheme, service_url};

/// Asserts that axe-core (at `AXE_SCRIPT`) finds nothing on the page, in either color scheme.
pub async fn assert_accessible(browser: &Chromium) {
    let script = std::fs::read_to_string(service_url("AXE_SCRIPT")).expect("axe-core is installed");
    for scheme in [ColorScheme::Light, ColorScheme::Dark] {
        browser.prefer(scheme).await;
        let is_loaded = browser.execute("return typeof axe === 'object'", Vec::new()).await;
        if is_loaded != json!(true) {
            browser.execute(&script, Vec::new()).await;
        }
        let run = "const done = arguments[0]; axe.run().then((result) => done(result.violations.map((found) => \
            found.id + ': ' + found.nodes.map((node) => node.html + ' ' + node.failureSummary).join('; '))));";
        let found = browser.execute_async(run, Vec::new()).await;
        assert_eq!(found, json!([]), "{} in {scheme:?}", browser.path().await);
    }
    browser.prefer(ColorScheme::Light).await;
}

/// Asserts that the Nu checker (at `HTML_CHECKER`) finds no error and no warning in pages, each given as name and
/// source. All are checked in one run, because Java takes a second to start.
pub async fn assert_valid_html(pages: &[(String, String)]) {
    let folder = std::env::temp_dir().join(format!("aius-pages-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (at, (_, source)) in pages.iter().enumerate() {
        std::fs::write(folder.join(format!("{at}.html")), source).unwrap();
    }
    let checker = Command::new("java")
        .args(["-jar", &service_url("HTML_CHECKER"), "--format", "json", "--stdout"])
        .arg(&folder)
        .output();
    let output = checker.await.expect("Java is installed");
    std::fs::remove_dir_all(&folder).unwrap();
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let name = |url: &Value| {
        let file = url.as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
        let at = file.trim_end_matches(".html").parse::<usize>().ok();
        at.and_then(|at| pages.get(at)).map_or("?", |(name, _)| name).to_owned()
    };
    let messages = report["messages"].as_array().unwrap();
    let found: Vec<_> = messages
        .iter()
        .map(|m| format!("{}: {}: {}", name(&m["url"]), m["message"], m["extract"]))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}
