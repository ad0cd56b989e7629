//! Reads from the text of a Rust file what it imports, without a parser of the whole language.

use std::collections::BTreeMap;

/// One path of a `use` declaration.
#[derive(Debug)]
pub(crate) struct UsedPath {
    /// The segments of the path, as it is written. The last one of a glob is `*`.
    pub(crate) path: Vec<String>,
    /// The name that it has in the file.
    pub(crate) name: String,
    /// Whether other files may use it under this name.
    pub(crate) is_reexport: bool,
}

/// What a file imports. Its tests, its comments and its `mod` declarations are left out.
#[derive(Debug, Default)]
pub(crate) struct FileImports {
    /// The paths of the `use` declarations.
    pub(crate) uses: Vec<UsedPath>,
    /// The paths of two or more segments in all other code.
    pub(crate) paths: Vec<Vec<String>>,
    /// How often each name begins a path in all other code.
    names: BTreeMap<String, usize>,
    /// How often each name begins a block `impl Name {`.
    impls: BTreeMap<String, usize>,
}

impl FileImports {
    /// Reads a file that `cargo fmt` has formatted.
    pub(crate) fn read(text: &str) -> Self {
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let mut imports = Self::default();
        let mut declaration: Option<String> = None;
        for line in text.lines() {
            let code = line.split("//").next().unwrap_or_default().trim();
            let bare = without_visibility(code);
            if declaration.is_none() && bare.starts_with("use ") {
                declaration = Some(String::new());
            }
            if let Some(so_far) = &mut declaration {
                so_far.push_str(code);
                so_far.push(' ');
                if code.ends_with(';') {
                    imports.add_use(&declaration.take().unwrap_or_default());
                }
            } else if !(bare.starts_with("mod ") && bare.ends_with(';')) {
                imports.add_code(code);
            }
        }
        imports
    }

    /// Returns whether other code than the `use` declarations has the name.
    pub(crate) fn has_name(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// Returns whether the file uses the name only for blocks `impl Name {`.
    pub(crate) fn only_implements(&self, name: &str) -> bool {
        self.impls.contains_key(name) && self.impls.get(name) == self.names.get(name)
    }

    /// Adds the paths of a whole `use` declaration.
    fn add_use(&mut self, declaration: &str) {
        let declaration = declaration.trim();
        let bare = without_visibility(declaration);
        let is_reexport = bare.len() < declaration.len();
        let tree = bare.trim_start_matches("use ").trim_end_matches(';');
        let mut paths = Vec::new();
        flatten(&[], tree, &mut paths);
        let used = paths.into_iter().map(|(path, name)| UsedPath { path, name, is_reexport });
        self.uses.extend(used);
    }

    /// Adds the names and paths of a line.
    fn add_code(&mut self, code: &str) {
        let name = code.strip_prefix("impl ").and_then(|code| code.strip_suffix(" {"));
        if let Some(name) = name {
            *self.impls.entry(name.to_owned()).or_default() += 1;
        }
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        for word in code.split(|c: char| !is_part(c)) {
            let segments = word.trim_matches(':').split("::").filter(|part| !part.is_empty());
            let path: Vec<String> = segments.map(str::to_owned).collect();
            if let Some(first) = path.first() {
                *self.names.entry(first.clone()).or_default() += 1;
            }
            if path.len() > 1 {
                self.paths.push(path);
            }
        }
    }
}

/// Returns a declaration without `pub`, `pub(crate)` and the like.
fn without_visibility(code: &str) -> &str {
    match code.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ").map_or(code, |(_, bare)| bare),
        Some(rest) => rest.strip_prefix(' ').unwrap_or(code),
        None => code,
    }
}

/// Adds every path of a `use` tree, with its name.
fn flatten(prefix: &[String], tree: &str, found: &mut Vec<(Vec<String>, String)>) {
    let (head, group) = match tree.split_once('{') {
        Some((head, group)) => (head, group.rsplit_once('}').map(|(inner, _)| inner)),
        None => (tree, None),
    };
    let (head, alias) = match head.split_once(" as ") {
        Some((head, alias)) => (head, Some(alias.trim().to_owned())),
        None => (head, None),
    };
    let segments = head.split("::").map(str::trim).filter(|segment| !segment.is_empty());
    let mut path: Vec<String> = prefix.iter().cloned().chain(segments.map(str::to_owned)).collect();
    let Some(group) = group else {
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if let Some(name) = alias.or_else(|| path.last().cloned()) {
            found.push((path, name));
        }
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
