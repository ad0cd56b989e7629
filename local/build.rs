//! Converts `template.yaml` to JSON. Parsing YAML takes several milliseconds, and every test starts a stack, which
//! reads the template.

#![allow(clippy::print_stdout)] // Cargo reads instructions from the standard output.

#[path = "src/template/yaml.rs"]
mod yaml;

use std::error::Error;
use std::path::Path;
use std::{env, fs};

const TEMPLATE: &str = "../template.yaml";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={TEMPLATE}");
    println!("cargo::rerun-if-changed=src/template/yaml.rs");
    let template = yaml::parse(&fs::read_to_string(TEMPLATE)?)?;
    let folder = env::var_os("OUT_DIR").ok_or("Cargo sets OUT_DIR")?;
    fs::write(Path::new(&folder).join("template.json"), template.to_string())?;
    Ok(())
}
