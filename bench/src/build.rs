//! Builds the functions as they ship.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::arguments::Arguments;
use crate::error::Result;
use crate::function::FLOOR;

/// The paths of the built binaries, by the name of the function.
pub(crate) type Binaries = BTreeMap<String, PathBuf>;

/// Builds the functions as `cargo lambda` does, with the profile `release`, and returns the binaries.
///
/// # Errors
/// If a build fails, or a binary is missing.
pub(crate) fn build(arguments: &Arguments) -> Result<Binaries> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    // Apart from other builds, because the settings of `--quick` would replace what was built without them.
    let folder = if arguments.quick { "bench-functions-quick" } else { "bench-functions" };
    let target = root.join("target").join(folder);
    let names: Vec<_> = arguments.functions.iter().map(|function| function.name()).collect();
    if arguments.build {
        let cargo = || build_command(&root, &target, arguments.quick);
        // By itself, because in one build the bare function would get what the others need of its dependencies.
        run(cargo().args(["--package", FLOOR]))?;
        run(cargo()
            .args(["--package", "binaries"])
            .args(names.iter().flat_map(|name| ["--bin", *name])))?;
    }
    let mut binaries = Binaries::new();
    for name in std::iter::once(FLOOR).chain(names) {
        let binary = target.join("release").join(name);
        if !binary.exists() {
            return Err(format!("{} does not exist", binary.display()).into());
        }
        binaries.insert(name.to_owned(), binary);
    }
    Ok(binaries)
}

fn build_command(root: &Path, target: &Path, quick: bool) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(root)
        .args(["build", "--release", "--locked"])
        .arg("--target-dir")
        .arg(target);
    if quick {
        cargo.env("CARGO_PROFILE_RELEASE_LTO", "off");
        cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    }
    cargo
}

fn run(cargo: &mut Command) -> Result<()> {
    let status = cargo.status()?;
    if status.success() { Ok(()) } else { Err(format!("{cargo:?}: {status}").into()) }
}
