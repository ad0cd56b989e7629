//! Checks that dependencies point one way: between the crates of the workspace, between the modules of
//! `shared`, and between the files of `shared` and `dynamo`. `docs/ARCHITECTURE.md` shows the layers.

#![allow(clippy::unwrap_used)] // a test says so by failing

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The layers of `shared`, the lowest first. A module may import modules of its own and of lower layers.
const LAYERS: [(&str, &[&str]); 5] = [
    (
        "values",
        &[
            "aws",
            "breached_passwords",
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
    (
        WorkspacePart::Service,
        &[
            "admin",
            "auth",
            "billing",
            "clients",
            "dashboard",
            "passkeys",
            "projects",
            "tokens",
            "webhooks",
            "worker",
        ],
    ),
    (WorkspacePart::Development, &["local"]),
    (WorkspacePart::Development, &["bench", "bench-scale", "tests"]),
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

/// A module, as its path below the crate's root.
type Module = Vec<String>;

/// An import: the importing file, the imported module, and the path as it is written.
#[derive(Clone, Debug)]
struct Import {
    file: String,
    from: Module,
    to: Module,
    path: String,
}

impl Import {
    /// Describes the edge as `file -> module: path`.
    fn describe(&self) -> String {
        format!("{} -> {}: {}", self.file, self.to.join("::"), self.path)
    }
}

#[test]
fn modules_import_only_their_own_and_lower_layers() {
    let layer_of = |module: &str| LAYERS.iter().position(|(_, modules)| modules.contains(&module));
    let mut upward = Vec::new();
    for import in imports("src") {
        let (Some(from), Some(to)) = (import.from.first(), import.to.first()) else { continue };
        let (from, to) = (layer_of(from), layer_of(to));
        let (Some(from), Some(to)) = (from, to) else {
            panic!("add the module to LAYERS of tests/architecture.rs: {}", import.describe());
        };
        if to > from {
            upward.push(import.describe());
        }
    }
    assert!(upward.is_empty(), "imports of a higher layer:\n{}", upward.join("\n"));
}

#[test]
fn no_file_imports_itself_in_a_circle() {
    for root in ["src", "dynamo/src"] {
        let imports = imports(root);
        let mut edges: BTreeMap<&Module, BTreeSet<&Module>> = BTreeMap::new();
        for import in &imports {
            edges.entry(&import.from).or_default().insert(&import.to);
        }
        let circular: Vec<_> = imports
            .iter()
            .filter(|import| is_reachable(&edges, &import.to, &import.from))
            .map(Import::describe)
            .collect();
        assert!(circular.is_empty(), "circular imports in {root}:\n{}", circular.join("\n"));
    }
}

#[test]
fn only_one_module_of_shared_uses_the_table_crate_for_access() {
    let allowed = ["dynamo.rs", "keys.rs", "keys/", "error.rs", "aws.rs", "secrets/", "activity/"];
    for (file, source) in sources("src") {
        let is_allowed = allowed.iter().any(|allowed| file.contains(&format!("src/{allowed}")));
        let uses_crate = source.contains("use dynamo::") || source.contains("use ::dynamo::");
        assert!(is_allowed || !uses_crate, "{file} -> dynamo: use crate::dynamo instead");
    }
}

#[test]
fn crates_depend_only_on_lower_layers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let layer_of = |name: &str| CRATE_LAYERS.iter().position(|(_, names)| names.contains(&name));
    let mut manifests = Vec::new();
    let folders =
        ["shared", "shared/dynamo", "local", "local/support", "bench/scale", "tests", "ops/tools"];
    for folder in folders {
        manifests.push(root.join(folder).join("Cargo.toml"));
    }
    for folder in ["functions", "local/simulators"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            manifests.push(entry.unwrap().path().join("Cargo.toml"));
        }
    }
    for manifest in manifests.iter().filter(|manifest| manifest.exists()) {
        let text = fs::read_to_string(manifest).unwrap();
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

/// Whether a chain of imports leads from one module to another.
fn is_reachable(edges: &BTreeMap<&Module, BTreeSet<&Module>>, from: &Module, to: &Module) -> bool {
    let (mut waiting, mut seen) = (vec![from], BTreeSet::new());
    while let Some(module) = waiting.pop() {
        if module == to {
            return true;
        }
        if seen.insert(module) {
            waiting.extend(edges.get(module).into_iter().flatten().copied());
        }
    }
    false
}

/// Reads the imports between the modules below a source folder of this crate.
///
/// A parent module and the modules inside it count as one thing: a `mod.rs` declares its children, and
/// they use its types. A name that a `mod.rs` re-exports is an import of that `mod.rs`.
fn imports(root: &str) -> Vec<Import> {
    let sources = sources(root);
    let modules: BTreeSet<Module> = sources.keys().map(|file| module_of(root, file)).collect();
    let mut imports = Vec::new();
    for (file, source) in &sources {
        let from = module_of(root, file);
        for path in paths(source) {
            let Some(mut to) = resolve(&from, &path) else { continue };
            while !to.is_empty() && !modules.contains(&to) {
                to.pop();
            }
            if !to.starts_with(&from) && !from.starts_with(&to) {
                let path = path.join("::");
                imports.push(Import { file: file.clone(), from: from.clone(), to, path });
            }
        }
    }
    assert!(imports.len() > 20, "the imports below {root} were not found");
    imports
}

/// Resolves a path that is written in a module; `None` for a path into another crate.
fn resolve(from: &Module, path: &[String]) -> Option<Module> {
    let rest = |skipped: usize| path.iter().skip(skipped).cloned();
    match path.first()?.as_str() {
        "crate" => Some(rest(1).collect()),
        "self" => Some(from.iter().cloned().chain(rest(1)).collect()),
        "super" => {
            let levels = path.iter().take_while(|segment| *segment == "super").count();
            let parents = from.iter().take(from.len().saturating_sub(levels)).cloned();
            Some(parents.chain(rest(levels)).collect())
        }
        _ => None,
    }
}

/// The paths in a source text that begin with `crate`, `super` or `self`, without those of its tests.
fn paths(source: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = String::new();
    let mut statement: Option<String> = None;
    for line in source.lines() {
        let code = line.split("//").next().unwrap_or_default().trim();
        let is_use = code.starts_with("use ") || code.starts_with("pub") && code.contains(" use ");
        if statement.is_none() && is_use {
            statement = Some(String::new());
        }
        if let Some(text) = &mut statement {
            text.push_str(code);
            text.push(' ');
            if code.ends_with(';') {
                let text = statement.take().unwrap_or_default();
                let tree = text.split_once("use ").map_or("", |(_, tree)| tree);
                flatten(&[], tree.trim().trim_end_matches(';'), &mut found);
            }
        } else {
            rest.push_str(code);
            rest.push('\n');
        }
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    for word in rest.split(|c: char| !is_part(c)) {
        if word.starts_with("crate::") || word.starts_with("super::") {
            found.push(word.split("::").map(str::to_owned).collect());
        }
    }
    found
}

/// Adds every path of a `use` tree.
fn flatten(prefix: &[String], tree: &str, found: &mut Vec<Vec<String>>) {
    let (head, group) = match tree.split_once('{') {
        Some((head, group)) => (head, group.rsplit_once('}').map(|(inner, _)| inner)),
        None => (tree, None),
    };
    let head = head.split(" as ").next().unwrap_or_default();
    let segments = head.split("::").map(str::trim).filter(|segment| !segment.is_empty());
    let path: Vec<String> = prefix.iter().cloned().chain(segments.map(str::to_owned)).collect();
    let Some(group) = group else {
        found.push(path.into_iter().filter(|segment| segment != "*").collect());
        return;
    };
    let (mut depth, mut begin) = (0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                flatten(&path, &group[begin..at], found);
                begin = at + 1;
            }
            _ => {}
        }
    }
    if !group[begin..].trim().is_empty() {
        flatten(&path, &group[begin..], found);
    }
}

/// The module that a file is.
fn module_of(root: &str, file: &str) -> Module {
    let path = file.strip_prefix(root).unwrap_or(file).trim_start_matches('/');
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').filter(|part| *part != "lib").map(str::to_owned).collect()
}

/// The sources below a folder of this crate by their paths, without unit tests.
fn sources(root: &str) -> BTreeMap<String, String> {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = vec![crate_folder.join(root)];
    let mut sources = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(crate_folder).unwrap().to_str().unwrap().to_owned();
            if name.ends_with(".rs") && !name.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                sources.insert(name, code.to_owned());
            }
        }
    }
    sources
}
