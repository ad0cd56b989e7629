//! Checks that dependencies point one way: between the crates of the workspace, between the modules of
//! `shared`, and between the files of every crate. `docs/ARCHITECTURE.md` shows the layers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use tests::module_graph::{Import, ModuleGraph, circular_imports, read_sources};
use tests::openapi::FUNCTIONS;

/// The layers of `shared`, the lowest first. A module may import modules of its own and of lower layers.
const LAYERS: [(&str, &[&str]); 5] = [
    (
        "values",
        &[
            "aws",
            "breached_passwords",
            "cause",
            "clock",
            "config",
            "credits",
            "dynamo",
            "error",
            "event_clock",
            "https",
            "ids",
            "keys",
            "number_text",
            "random",
            "redirect",
            "requester",
            "secrets",
            "support_case",
            "suspension",
            "switches",
            "telemetry",
            "text",
            "trace_id",
            "values",
        ],
    ),
    ("context", &["context"]),
    (
        "services",
        &[
            "blobs",
            "dead_letters",
            "fifo_queue",
            "google",
            "idempotency",
            "mailed_codes",
            "outbox",
            "schedule_cursor",
            "throttle",
        ],
    ),
    (
        "features",
        &[
            "access_tokens",
            "accounts",
            "activity",
            "api_keys",
            "artifacts",
            "billing",
            "credentials",
            "device_sign_in",
            "jobs",
            "mail",
            "notifications",
            "operators",
            "organizations",
            "projects",
            "runs",
            "sessions",
            "slack",
            "stripe",
            "tokens",
        ],
    ),
    ("http", &["http"]),
];

/// The layers of the workspace, the lowest first, each with the part of the workspace that it belongs to. A
/// crate may depend on crates of lower layers only. The service and the simulators know nothing of each other.
const CRATE_LAYERS: [(WorkspacePart, &[&str]); 8] = [
    (WorkspacePart::Simulators, &["local-support"]),
    (WorkspacePart::Simulators, &["google-simulator", "stripe-simulator"]),
    (WorkspacePart::Service, &["dynamo"]),
    (WorkspacePart::Service, &["shared"]),
    (WorkspacePart::Service, &FUNCTIONS),
    (WorkspacePart::Development, &["bench-floor", "bench-scale", "local"]),
    (WorkspacePart::Development, &["bench", "tests"]),
    // Its tests run it on the local stack.
    (WorkspacePart::Development, &["ops-tools"]),
];

/// A part of the workspace.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WorkspacePart {
    /// What runs on Lambda.
    Service,
    /// The simulators of Stripe and Google, and what they share with the local stack.
    Simulators,
    /// The local stack, the tests and the tools of operators, which use the other parts.
    Development,
}

/// Returns the folders of the crates.
fn crate_folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let folders = [
        "bench",
        "bench/floor",
        "bench/scale",
        "local",
        "local/support",
        "ops/tools",
        "shared",
        "shared/dynamo",
        "tests",
    ];
    let mut found: Vec<_> = folders.iter().map(|folder| root.join(folder)).collect();
    for folder in ["functions", "local/simulators"] {
        let entries = fs::read_dir(root.join(folder)).unwrap();
        found.extend(entries.map(|entry| entry.unwrap().path()));
    }
    found.retain(|folder| folder.join("Cargo.toml").exists());
    found
}

/// Returns the imports between the modules of a crate.
fn imports_of(folder: &Path) -> BTreeSet<Import> {
    ModuleGraph::new(&read_sources(&folder.join("src"))).imports()
}

/// Returns the circular imports of a crate with these files.
fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
    let sources: BTreeMap<_, _> =
        files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    let imports = ModuleGraph::new(&sources).imports();
    circular_imports(&imports).into_iter().map(Import::describe).collect()
}

#[test]
fn modules_import_only_their_own_and_lower_layers() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let layer_of = |module: &str| LAYERS.iter().position(|(_, modules)| modules.contains(&module));
    let imports = imports_of(&shared);
    assert!(imports.len() > 4_000, "the imports of shared are found");
    let mut upward = Vec::new();
    for import in imports {
        let (Some(from), Some(to)) = (import.from.first(), import.to.first()) else { continue };
        let (from, to) = (layer_of(from), layer_of(to));
        let (Some(from), Some(to)) = (from, to) else {
            panic!(
                "add the module to LAYERS of tests/checks/architecture.rs: {}",
                import.describe()
            );
        };
        if to > from {
            upward.push(import.describe());
        }
    }
    assert!(upward.is_empty(), "imports of a higher layer:\n{}", upward.join("\n"));
}

#[test]
fn no_file_imports_itself_in_a_circle() {
    let mut circular = Vec::new();
    let mut crates = 0;
    for folder in crate_folders().iter().filter(|folder| folder.join("src").exists()) {
        crates += 1;
        let imports = imports_of(folder);
        let circles = circular_imports(&imports);
        let name = folder.file_name().unwrap().to_str().unwrap();
        circular.extend(circles.iter().map(|import| format!("{name}/src/{}", import.describe())));
    }
    assert!(crates > 15, "the crates are found");
    assert!(circular.is_empty(), "circular imports:\n{}", circular.join("\n"));
}

#[test]
fn circles_through_a_reexport_are_found() {
    let circles = circles_of(&[
        ("lib.rs", "mod accounts;\nmod tokens;\n"),
        ("accounts/mod.rs", "mod user;\npub use user::User;\n"),
        ("accounts/user.rs", "use crate::tokens::Issued;\npub struct User(Issued);\n"),
        ("tokens.rs", "use crate::accounts::User;\npub struct Issued;\nfn of(user: &User) {}\n"),
    ]);
    assert_eq!(
        circles,
        [
            "accounts/user.rs -> tokens: crate::tokens::Issued",
            "tokens.rs -> accounts::user: crate::accounts::User",
        ]
    );
}

#[test]
fn circles_of_a_parent_and_its_child_are_found() {
    let circles = circles_of(&[
        ("lib.rs", "mod pages;\n"),
        (
            "pages/mod.rs",
            "mod list;\npub struct State;\nfn router(state: State) { list::show(state) }\n",
        ),
        ("pages/list.rs", "pub fn show(state: super::State) {}\n"),
    ]);
    assert_eq!(
        circles,
        ["pages/list.rs -> pages: super::State", "pages/mod.rs -> pages::list: list::show"]
    );
}

#[test]
fn reexports_and_impl_blocks_of_children_are_no_circle() {
    let circles = circles_of(&[
        ("lib.rs", "mod mail;\npub use mail::{Kind, Mail, send};\n"),
        (
            "mail/mod.rs",
            "mod kind;\nmod send;\npub use kind::Kind;\npub use send::send;\npub struct Mail(Kind);\n",
        ),
        ("mail/kind.rs", "use super::Mail;\npub struct Kind;\nimpl Mail {\n    fn new() {}\n}\n"),
        ("mail/send.rs", "use super::Mail;\npub fn send(mail: Mail) {}\n"),
    ]);
    assert_eq!(circles, Vec::<String>::new());
}

#[test]
fn only_one_module_of_shared_uses_the_table_crate_for_access() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/src");
    let allowed = ["dynamo.rs", "keys.rs", "keys/", "error.rs", "aws.rs", "secrets/", "activity/"];
    for (file, source) in read_sources(&shared) {
        let is_allowed = allowed.iter().any(|allowed| file.starts_with(allowed));
        let uses_crate = source.contains("use dynamo::") || source.contains("use ::dynamo::");
        assert!(is_allowed || !uses_crate, "{file} -> dynamo: use crate::dynamo instead");
    }
}

#[test]
fn crates_depend_only_on_lower_layers() {
    let layer_of = |name: &str| CRATE_LAYERS.iter().position(|(_, names)| names.contains(&name));
    for manifest in crate_folders().iter().map(|folder| folder.join("Cargo.toml")) {
        let text = fs::read_to_string(&manifest).unwrap();
        let name = text.lines().find_map(|line| line.strip_prefix("name = \"")).unwrap();
        let name = name.trim_end_matches('"');
        let layer = layer_of(name).unwrap_or_else(|| panic!("add {name} to the crate layers"));
        let (_, dependencies) = text.split_once("[dependencies]").unwrap();
        for line in dependencies.lines() {
            let dependency = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if let Some(lower) = layer_of(dependency) {
                let (part, lower_part) = (CRATE_LAYERS[layer].0, CRATE_LAYERS[lower].0);
                let may_use_part = part == WorkspacePart::Development || part == lower_part;
                assert!(lower < layer && may_use_part, "{} -> {dependency}", manifest.display());
            }
        }
    }
}
