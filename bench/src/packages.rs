//! Packages of npm and PyPI to compare with, in folders below `target/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::console::say;
use crate::error::Result;

/// Installs packages `NAME@VERSION` of npm and returns the folder that contains `node_modules`.
///
/// # Errors
/// If npm is missing or fails.
pub(crate) fn npm(name: &str, packages: &[&str]) -> Result<PathBuf> {
    let folder = folder(name)?;
    if folder.join("node_modules").exists() {
        return Ok(folder);
    }
    say(&format!("installing {} with npm", packages.join(" ")));
    std::fs::create_dir_all(&folder)?;
    let mut npm = Command::new("npm");
    // better-auth and its plugins ask for different versions of a package that they share.
    npm.args([
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--legacy-peer-deps",
    ]);
    npm.arg("--prefix").arg(&folder).args(packages);
    require(&mut npm)?;
    Ok(folder)
}

/// Installs a package `NAME==VERSION` of PyPI and returns a Python that has it.
///
/// # Errors
/// If Python is missing or pip fails.
pub(crate) fn pip(name: &str, package: &str) -> Result<PathBuf> {
    let folder = folder(name)?;
    let python = folder.join("bin/python");
    if !python.exists() {
        say(&format!("installing {package} with pip"));
        require(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    require(Command::new(&python).args(["-m", "pip", "install", "--quiet", package]))?;
    Ok(python)
}

fn folder(name: &str) -> Result<PathBuf> {
    Ok(Path::new(env!("CARGO_MANIFEST_DIR")).join("../target").canonicalize()?.join(name))
}

fn require(command: &mut Command) -> Result<()> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}
