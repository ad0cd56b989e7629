//! `tool-versions.env` is the only place with versions of tools.

use std::collections::BTreeMap;
use std::path::Path;

/// The scripts that install tools, and the documents that say which are needed.
const READERS: [&str; 11] = [
    ".ci/run",
    "tests/run",
    "tests/dynamodb-local",
    "tests/python-service",
    "tests/node-service",
    "tests/pyjwt",
    "tests/botocore",
    "tests/page-checkers",
    "docs/DEPLOY.md",
    "README.md",
    "CONTRIBUTING.md",
];

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

/// Returns the versions by their names.
fn versions() -> BTreeMap<String, String> {
    read("tool-versions.env")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once('=').unwrap())
        .map(|(name, version)| (name.to_owned(), version.to_owned()))
        .collect()
}

#[test]
fn each_tool_version_is_read_by_a_script() {
    let texts = READERS.map(read).join("\n");
    let unused: Vec<_> =
        versions().into_keys().filter(|name| !texts.contains(&format!("${name}"))).collect();
    assert!(unused.is_empty(), "no script reads {unused:?}");
}

#[test]
fn no_script_or_document_has_a_version_of_its_own() {
    for path in READERS {
        let text = read(path);
        for (number, line) in text.lines().enumerate() {
            let mut after = line.split("==").skip(1).chain(line.split('@').skip(1));
            let own = after.any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            assert!(!own, "{path}, line {}: put this version into tool-versions.env", number + 1);
            for version in versions().values() {
                assert!(!line.contains(version.as_str()), "{path} repeats {version}: {line}");
            }
        }
    }
}

/// The pin is the version that CI uses; the documents name the minimum.
#[test]
fn the_documents_name_the_minimum_rust_version() {
    let cargo = read("Cargo.toml");
    let minimum = cargo.split("rust-version = \"").nth(1).unwrap().split('"').next().unwrap();
    for path in ["README.md", "CONTRIBUTING.md"] {
        assert!(read(path).contains(&format!("Rust {minimum} or newer")), "{path}");
    }
    let parts = |version: &str| -> Vec<u32> {
        version.split('.').map(|part| part.parse().unwrap()).collect()
    };
    assert!(parts(&versions()["RUST"]) >= parts(minimum));
}
