//! Builds the functions as they ship.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::arguments::Arguments;
use crate::console::say;
use crate::error::Result;
use crate::function::FLOOR;

/// The paths of the built binaries, by the name of the function.
pub(crate) type Binaries = BTreeMap<String, PathBuf>;

/// Builds each function as `cargo lambda` does, with the profile `release`, and returns the binaries.
///
/// Each function is built by itself. In one build, all of them would get the features that one of them needs.
///
/// # Errors
/// If a build fails, or a binary is missing.
pub(crate) fn build(arguments: &Arguments) -> Result<Binaries> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    // Apart from other builds, because the settings of `--quick` would replace what was built without them.
    let folder = if arguments.quick { "bench-functions-quick" } else { "bench-functions" };
    let target = root.join("target").join(folder);
    let functions = arguments.functions.iter().map(|function| function.name());
    let mut binaries = Binaries::new();
    for name in std::iter::once(FLOOR).chain(functions) {
        if arguments.build {
            say(&format!("building {name}"));
            build_one(&root, &target, name, arguments.quick)?;
        }
        let binary = target.join("release").join(name);
        if !binary.exists() {
            return Err(format!("{} does not exist", binary.display()).into());
        }
        binaries.insert(name.to_owned(), binary);
    }
    Ok(binaries)
}

fn build_one(root: &Path, target: &Path, name: &str, quick: bool) -> Result<()> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root).args(["build", "--release", "--locked", "--quiet", "--package", name]);
    cargo.arg("--target-dir").arg(target);
    if quick {
        cargo.env("CARGO_PROFILE_RELEASE_LTO", "off");
        cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    }
    let status = cargo.status()?;
    if status.success() { Ok(()) } else { Err(format!("{name} was not built").into()) }
}
