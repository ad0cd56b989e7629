//! The time of one password hash, beside the reference implementation in C.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use shared::config::PasswordCost;

use crate::console::say;
use crate::error::Result;
use crate::packages;

/// The reference implementation, as a package of PyPI.
pub(crate) const REFERENCE: &str = "argon2-cffi==25.1.0";

/// How often the two implementations take turns.
const TURNS: usize = 5;
/// How many hashes an implementation makes in one turn.
const HASHES: usize = 7;

/// The durations of password hashes of both implementations.
#[derive(Default)]
pub(crate) struct Hashing {
    /// The duration of each hash that the service's implementation computed.
    pub(crate) own: Vec<Duration>,
    /// The duration of each hash that the reference implementation computed.
    pub(crate) reference: Vec<Duration>,
}

/// Hashes a password at the cost of production with both implementations in turn.
///
/// # Errors
/// Fails if Python is missing, or the package cannot be installed.
pub(crate) fn measure() -> Result<Hashing> {
    let python = packages::pip("bench-argon2", REFERENCE)?;
    say("hashing passwords");
    let mut hashing = Hashing::default();
    for _ in 0..TURNS {
        hashing.own.extend(hash_own()?);
        hashing.reference.extend(hash_with_reference(&python)?);
    }
    Ok(hashing)
}

/// Hashes as `shared/src/accounts/password` does, in memory that is reused.
fn hash_own() -> Result<Vec<Duration>> {
    let PasswordCost { memory_kib, passes, lanes } = PasswordCost::PRODUCTION;
    let params = Params::new(memory_kib, passes, lanes, Some(32))?;
    let mut memory = vec![Block::new(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut durations = Vec::new();
    for _ in 0..HASHES {
        let begin = Instant::now();
        let (password, salt) = (b"correct-horse-9", b"0123456789abcdef");
        argon2.hash_password_into_with_memory(password, salt, &mut [0; 32], &mut memory)?;
        durations.push(begin.elapsed());
    }
    Ok(durations)
}

fn hash_with_reference(python: &Path) -> Result<Vec<Duration>> {
    let PasswordCost { memory_kib, passes, lanes } = PasswordCost::PRODUCTION;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/hashing.py");
    let arguments =
        [memory_kib.to_string(), passes.to_string(), lanes.to_string(), HASHES.to_string()];
    let output = Command::new(python).arg(script).args(arguments).output()?;
    if !output.status.success() {
        return Err(format!("{REFERENCE}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let durations = text.lines().map(|line| Ok(Duration::from_nanos(line.parse()?)));
    durations.collect()
}
