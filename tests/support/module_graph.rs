//! The imports between the modules of a crate, one module per file.
//!
//! An import leads to the module that defines the item. If `a/mod.rs` has `pub use b::Name`, the path `crate::a::Name`
//! is an import of `a::b` and not of `a`. A path to a module is no import by itself; the paths that begin with that
//! module are.
//!
//! A parent and its children are modules like all others, with two exceptions:
//!
//! - A `mod` declaration is no import of the child, nor is a re-export of an item that the parent's code does not use.
//! - A child that only has blocks `impl Name {` for a type of its parent adds to that type and does not import it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::file_imports::{FileImports, UsedPath};

/// Maximum number of `use` declarations that a path leads through.
const MAX_REEXPORTS: usize = 10;

/// A module, as its path below the crate's root.
pub type Module = Vec<String>;

/// An import of an item that another module of the crate defines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// The importing file, below the folder of the sources.
    pub file: String,
    /// The importing module.
    pub from: Module,
    /// The module that defines the item.
    pub to: Module,
    /// The path as it is written.
    pub path: String,
}

impl Import {
    /// Describes the import as `file -> module: path`.
    pub fn describe(&self) -> String {
        let to = if self.to.is_empty() { "crate".to_owned() } else { self.to.join("::") };
        format!("{} -> {to}: {}", self.file, self.path)
    }
}

/// The modules of a crate with what their files import.
#[derive(Debug)]
pub struct ModuleGraph {
    /// The file of each module, and what it imports.
    files: BTreeMap<Module, (String, FileImports)>,
    /// All modules, also those without a file.
    modules: BTreeSet<Module>,
}

/// What a path leads to: an item of a module, or the module itself.
struct Target {
    module: Module,
    is_item: bool,
}

impl ModuleGraph {
    /// Reads the modules from the texts of their files, by the path of each file below the folder of the sources.
    pub fn new(sources: &BTreeMap<String, String>) -> Self {
        let has_library = sources.contains_key("lib.rs");
        let files: BTreeMap<Module, (String, FileImports)> = sources
            .iter()
            .map(|(file, text)| {
                (module_of(file, has_library), (file.clone(), FileImports::read(text)))
            })
            .collect();
        let with_parents = |module: &Module| -> Vec<Module> {
            (0..=module.len()).map(|len| module[..len].to_vec()).collect()
        };
        let modules = files.keys().flat_map(with_parents).collect();
        Self { files, modules }
    }

    /// Returns the imports between the modules.
    pub fn imports(&self) -> BTreeSet<Import> {
        let mut imports = BTreeSet::new();
        for (from, (file, code)) in &self.files {
            let uses = code.uses.iter().filter(|used| self.is_import(from, code, used));
            for path in uses.map(|used| &used.path).chain(&code.paths) {
                if let Some(to) = self.defining_module(from, path).filter(|to| to != from) {
                    let (file, from, path) = (file.clone(), from.clone(), path.join("::"));
                    imports.insert(Import { file, from, to, path });
                }
            }
        }
        imports
    }

    /// Returns whether a `use` declaration is an import by itself, by the two exceptions for parents and children.
    fn is_import(&self, from: &Module, code: &FileImports, used: &UsedPath) -> bool {
        match self.defining_module(from, &used.path) {
            Some(to) if to.len() > from.len() && to.starts_with(from) => {
                !used.is_reexport || code.has_name(&used.name)
            }
            Some(to) if to.len() < from.len() && from.starts_with(&to) => {
                used.is_reexport || !code.only_implements(&used.name)
            }
            Some(_) => true,
            None => false,
        }
    }

    /// Returns the module that defines the item of a path; `None` for a path to a module or into another crate.
    fn defining_module(&self, from: &Module, path: &[String]) -> Option<Module> {
        let target = self.resolve(from, path, 0)?;
        target.is_item.then_some(target.module)
    }

    /// Resolves a path that is written in a module; `None` for a path into another crate.
    fn resolve(&self, from: &Module, path: &[String], reexports: usize) -> Option<Target> {
        if reexports > MAX_REEXPORTS {
            return None;
        }
        match self.absolute(from, path) {
            Some(absolute) => self.walk(Module::new(), &absolute, reexports),
            None => self.resolve_used(from, path, reexports),
        }
    }

    /// Returns the path from the crate's root; `None` if it begins with neither a keyword nor a child of the module.
    fn absolute(&self, from: &Module, path: &[String]) -> Option<Module> {
        let append = |module: &[String], rest: &[String]| [module, rest].concat();
        match path.first()?.as_str() {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some(append(from, &path[1..])),
            "super" => {
                let levels = path.iter().take_while(|segment| *segment == "super").count();
                Some(append(&from[..from.len().saturating_sub(levels)], &path[levels..]))
            }
            _ => {
                let is_child = self.modules.contains(&append(from, &path[..1]));
                is_child.then(|| append(from, path))
            }
        }
    }

    /// Resolves a path whose first segment is a name that a `use` declaration of the module brings in.
    fn resolve_used(&self, module: &Module, path: &[String], reexports: usize) -> Option<Target> {
        let (name, rest) = path.split_first()?;
        let (_, code) = self.files.get(module)?;
        code.uses.iter().filter(|used| used.name == *name).find_map(|used| {
            let target = self.resolve(module, &used.path, reexports + 1)?;
            if target.is_item {
                Some(target)
            } else {
                self.walk(target.module, rest, reexports + 1)
            }
        })
    }

    /// Follows the segments of a path from a module.
    fn walk(&self, start: Module, segments: &[String], reexports: usize) -> Option<Target> {
        let mut module = start;
        for (index, segment) in segments.iter().enumerate() {
            if segment == "*" {
                return Some(Target { module, is_item: true });
            }
            let rest = &segments[index..];
            let child = [module.as_slice(), &rest[..1]].concat();
            let is_module = self.modules.contains(&child);
            let is_used = self
                .files
                .get(&module)
                .is_some_and(|(_, code)| code.uses.iter().any(|used| used.name == *segment));
            // A module and a function may have the same name. The end of a path is the function.
            if is_used && !(is_module && rest.len() > 1) {
                let target = self.resolve_used(&module, rest, reexports);
                if target.is_some() || !is_module {
                    return target;
                }
            }
            if !is_module {
                return Some(Target { module, is_item: true });
            }
            module = child;
        }
        Some(Target { module, is_item: false })
    }
}

/// Returns the imports that belong to a circle: a chain of imports leads from the imported module back.
pub fn circular_imports(imports: &BTreeSet<Import>) -> Vec<&Import> {
    let mut rest: Vec<&Import> = imports.iter().collect();
    loop {
        // A module that imports nothing of the rest is in no circle.
        let importing: BTreeSet<&Module> =
            rest.iter().copied().map(|import| &import.from).collect();
        let before = rest.len();
        rest.retain(|import| importing.contains(&import.to));
        if rest.len() == before {
            break;
        }
    }
    let mut edges: BTreeMap<&Module, BTreeSet<&Module>> = BTreeMap::new();
    for import in rest.iter().copied() {
        edges.entry(&import.from).or_default().insert(&import.to);
    }
    rest.retain(|import| is_reachable(&edges, &import.to, &import.from));
    rest
}

/// Returns whether a chain of imports leads from one module to another.
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

/// Returns the module that a file is. `main.rs` beside `lib.rs` is the root of another crate.
fn module_of(file: &str, has_library: bool) -> Module {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" || path == "main" && !has_library {
        return Module::new();
    }
    path.split('/').map(str::to_owned).collect()
}

/// Reads the Rust files below a folder, without those of unit tests, by their paths in the folder.
pub fn read_sources(folder: &Path) -> BTreeMap<String, String> {
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    let mut sources = BTreeMap::new();
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let file = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            if file.ends_with(".rs") && !file.ends_with("tests.rs") {
                sources.insert(file, fs::read_to_string(&path).unwrap());
            }
        }
    }
    sources
}
