//! The Rust verifier of the README is the one that the tests use. `tests/services/pyjwt.rs` runs the one in Python.

/// Maximum number of lines of an example.
const MAX_LINES: usize = 14;

#[test]
fn the_readme_shows_the_tested_rust_verifier() {
    let readme = include_str!("../../README.md");
    let shown = readme.split("```rust verifier\n").nth(1).unwrap().split("```").next().unwrap();
    let (_, tested) = include_str!("../support/verifier.rs").split_once("\n\n").unwrap();
    assert_eq!(shown, tested);
    let lines = |code: &str| code.lines().filter(|line| !line.is_empty()).count();
    assert!(lines(shown) <= MAX_LINES, "{}", lines(shown));
    let python = readme.split("```python verifier\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(lines(python) <= MAX_LINES, "{}", lines(python));
}
