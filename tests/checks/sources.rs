//! The size of the source files and the length of the names of tests.

use std::path::{Path, PathBuf};

/// The maximum number of lines of a source file. A longer file is two things, and is split by topic.
const MAX_FILE_LINES: usize = 400;

/// The maximum number of characters of a test's name.
const MAX_TEST_NAME_LEN: usize = 60;

/// Folders that contain no sources of the project.
const SKIPPED_FOLDERS: [&str; 2] = ["target", "node_modules"];

/// Reads every Rust file of the workspace, with its path.
fn read_sources() -> Vec<(PathBuf, String)> {
    let mut sources = Vec::new();
    let mut folders =
        vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                if !name.starts_with('.') && !SKIPPED_FOLDERS.contains(&name) {
                    folders.push(path);
                }
            } else if name.ends_with(".rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                sources.push((path, text));
            }
        }
    }
    assert!(sources.len() > 500, "the sources are found");
    sources
}

/// Lists the names of the tests in a source.
fn test_names(source: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if is_test && let Some((_, rest)) = line.split_once("fn ") {
            names.push(rest.split('(').next().unwrap());
            is_test = false;
        }
    }
    names
}

#[test]
fn no_file_has_more_than_400_lines() {
    let mut long = Vec::new();
    for (path, source) in read_sources() {
        let lines = source.lines().count();
        if lines > MAX_FILE_LINES {
            long.push(format!("{}: {lines} lines", path.display()));
        }
    }
    assert!(long.is_empty(), "split these files by topic:\n{}", long.join("\n"));
}

#[test]
fn no_test_name_has_more_than_60_characters() {
    let mut long = Vec::new();
    let mut tests = 0;
    for (path, source) in read_sources() {
        for name in test_names(&source) {
            tests += 1;
            if name.chars().count() > MAX_TEST_NAME_LEN {
                long.push(format!("{}: {name}", path.display()));
            }
        }
    }
    assert!(tests > 800, "the tests are found");
    assert!(long.is_empty(), "shorten these names:\n{}", long.join("\n"));
}
