//! The report and its summary in `docs/COSTS.md` are what the model computes.
//!
//! After a change of costs, limits or load, run `UPDATE_SCALE=1 cargo test -p bench-scale --test files`, or
//! `cargo run -p bench-scale`, and review the diff.

#![allow(clippy::unwrap_used, clippy::panic)] // a test says so by failing

use std::fs;

use bench_scale::{
    COSTS_PATH, Inputs, Model, SCALE_PATH, quoted_summary, report, update_costs_page, update_files,
    workspace_root,
};

#[test]
fn report_and_summary_are_what_the_model_computes() {
    let root = workspace_root();
    let inputs = Inputs::read(&root).unwrap();
    let model = Model::compute(&inputs).unwrap();
    if std::env::vars().any(|(name, _)| name == "UPDATE_SCALE") {
        update_files(&root, &model).unwrap();
        return;
    }
    let how = "run UPDATE_SCALE=1 cargo test -p bench-scale --test files";
    let page = fs::read_to_string(root.join(COSTS_PATH)).unwrap();
    let current = update_costs_page(&page, &quoted_summary(&model).unwrap()).unwrap();
    assert!(page == current, "{COSTS_PATH} quotes an old summary: {how}");
    let written = fs::read_to_string(root.join(SCALE_PATH)).unwrap();
    assert!(written == report(&model).unwrap(), "{SCALE_PATH} is old: {how}");
}

#[test]
fn a_page_without_markers_is_refused() {
    let error = update_costs_page("# Costs\n", "new").unwrap_err().to_string();
    assert!(error.contains("lacks the lines"), "{error}");
}

#[test]
fn only_the_part_between_the_markers_is_replaced() {
    let page = "before\n<!-- bench-scale: begin -->\nold\n<!-- bench-scale: end -->\nafter\n";
    let expected =
        "before\n<!-- bench-scale: begin -->\n\nnew\n\n<!-- bench-scale: end -->\nafter\n";
    assert_eq!(update_costs_page(page, "new\n").unwrap(), expected);
    assert_eq!(update_costs_page(expected, "new\n").unwrap(), expected);
}
