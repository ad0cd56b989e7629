//! The documents are true where a machine can tell: what they link to, name and quote exists.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tests::template::{cdn_template, template};

/// Returns the folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Every Markdown page, by its path from the workspace's folder, with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let mut pages = Vec::new();
    for folder in ["", "docs", "docs/decisions"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let text = std::fs::read_to_string(&path).unwrap();
                pages.push((path.strip_prefix(root()).unwrap().to_owned(), text));
            }
        }
    }
    assert!(pages.len() > 10, "the pages are found");
    pages
}

/// Returns the text between each pair of backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).collect()
}

/// Returns the targets of a page's links.
fn links(text: &str) -> Vec<&str> {
    let after = text.split("](").skip(1);
    after.filter_map(|rest| rest.split(')').next()).collect()
}

/// Returns the anchors of a page's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let title = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn every_link_leads_to_a_page_and_a_heading() {
    let mut broken = Vec::new();
    for (page, text) in pages() {
        for link in links(&text).into_iter().filter(|link| !link.contains("://")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = root().join(page.parent().unwrap());
            let target = if path.is_empty() { root().join(&page) } else { folder.join(path) };
            let Ok(target_text) = std::fs::read_to_string(&target) else {
                // A folder or a picture has no text.
                if !target.exists() {
                    broken.push(format!("{}: {link}", page.display()));
                }
                continue;
            };
            if !anchor.is_empty() && !anchors(&target_text).contains(anchor) {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

/// Files that `docs/ADDING-AN-ENDPOINT.md` creates in its example.
const EXAMPLES: [&str; 2] = ["shared/src/accounts/rename.rs", "functions/auth/src/rename.rs"];

#[test]
fn every_file_and_test_that_is_named_exists() {
    let folders = ["shared/", "functions/", "local/", "tests/", "docs/", "events/", "ops/"];
    let mut missing = Vec::new();
    let mut named = 0;
    for (page, text) in pages() {
        for name in quoted(&text) {
            let is_path = folders.iter().any(|folder| name.starts_with(folder))
                && !name.contains(['<', '{', '*', ' ', '…'])
                && !EXAMPLES.contains(&name);
            if !is_path {
                continue;
            }
            named += 1;
            let (path, test) = name.split_once("::").unwrap_or((name, ""));
            let path = root().join(path);
            let found = match test {
                "" => path.exists(),
                test => std::fs::read_to_string(&path)
                    .is_ok_and(|source| source.contains(&format!("fn {test}("))),
            };
            if !found {
                missing.push(format!("{}: {name}", page.display()));
            }
        }
    }
    assert!(named > 100, "names are found");
    assert!(missing.is_empty(), "named, but not there:\n{}", missing.join("\n"));
}

#[test]
fn security_counts_the_tests_that_it_lists() {
    let security = std::fs::read_to_string(root().join("docs/SECURITY.md")).unwrap();
    let lists = security.split("<details><summary>").skip(1);
    let wrong: Vec<_> = lists
        .filter_map(|rest| {
            let (count, list) = rest.split_once(" tests</summary>")?;
            let listed = list.split("</details>").next()?.matches("\n- `").count();
            (count != listed.to_string()).then(|| format!("{count} in place of {listed}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn every_log_message_in_deploy_is_logged() {
    let deploy = std::fs::read_to_string(root().join("docs/DEPLOY.md")).unwrap();
    let rows = deploy
        .lines()
        .filter(|line| line.starts_with("| error |") || line.starts_with("| warning |"));
    let messages: Vec<_> = rows.flat_map(|row| quoted(row.split('|').nth(2).unwrap())).collect();
    assert!(messages.len() > 5, "messages are found");
    let mut sources = String::new();
    let mut folders = vec![root().join("shared/src"), root().join("functions/worker/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let silent: Vec<_> =
        messages.into_iter().filter(|text| !sources.contains(&format!("\"{text}\""))).collect();
    assert!(silent.is_empty(), "never logged: {silent:?}");
}

/// An entry such as `aws-sdk-*` stands for all crates with that prefix.
#[test]
fn every_dependency_has_its_reason() {
    let table = std::fs::read_to_string(root().join("docs/DEPENDENCIES.md")).unwrap();
    let explained: BTreeSet<_> = quoted(&table).into_iter().collect();
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, rest) = manifest.split_once("[workspace.dependencies]\n").unwrap();
    let (dependencies, _) = rest.split_once("\n[").unwrap();
    let foreign = dependencies.lines().filter(|line| !line.contains("{ path = "));
    let names: Vec<_> = foreign.filter_map(|line| Some(line.split_once(" = ")?.0)).collect();
    assert!(names.len() > 50, "dependencies are found");
    let is_explained = |name: &&str| {
        explained.contains(name)
            || explained
                .iter()
                .any(|entry| entry.strip_suffix('*').is_some_and(|prefix| name.starts_with(prefix)))
    };
    let silent: Vec<_> = names.into_iter().filter(|name| !is_explained(name)).collect();
    assert!(silent.is_empty(), "no reason in docs/DEPENDENCIES.md: {silent:?}");
}

/// The tables of parameters in `docs/DEPLOY.md` have those of the templates, with their defaults.
#[test]
fn deploy_lists_every_parameter_of_the_templates() {
    let deploy = std::fs::read_to_string(root().join("docs/DEPLOY.md")).unwrap();
    let rows = || deploy.lines().filter(|line| line.starts_with("| `"));
    let cells =
        |row: &str| -> Vec<String> { row.split('|').map(|cell| cell.trim().to_owned()).collect() };
    for (path, template) in [("template.yaml", template()), ("cdn.yaml", cdn_template())] {
        let parameters = template["Parameters"].as_mapping().unwrap();
        assert!(parameters.len() > 5, "the parameters are found");
        for (name, parameter) in parameters {
            let name = name.as_str().unwrap();
            let listed: Vec<_> =
                rows().map(cells).filter(|cells| quoted(&cells[1]).contains(&name)).collect();
            assert!(!listed.is_empty(), "{path}: {name}");
            let default = &parameter["Default"];
            let number = default.as_u64().map(|number| number.to_string());
            let Some(default) = default.as_str().map(str::to_owned).or(number) else { continue };
            let is_true = |cells: &Vec<String>| {
                let defaults = quoted(&cells[2]);
                defaults.contains(&default.as_str())
                    || (default.is_empty() && (cells[2] == "empty" || cells[2].is_empty()))
                    // Its default is refused.
                    || (name == "Release" && cells[2].is_empty())
            };
            assert!(listed.iter().any(is_true), "{path}: {name} is {default:?} by default");
        }
    }
}
