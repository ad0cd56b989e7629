//! The most that verifying an imported hash may cost. The parameters come from outside, and a sign-in computes what
//! they say: without limits, one line of an import would keep a function busy for hours.
//!
//! Each limit allows several times what the sources recommend, and takes about a second in the function `auth`.

use argon2::{MIN_SALT_LEN, Params, ParamsBuilder};

use super::encoded_hash::EncodedHash;
use super::unusable_hash::UnusableHash;

/// The highest cost of bcrypt. Common libraries use 10 to 12.
const MAX_BCRYPT_COST: u32 = 14;

/// The most memory of scrypt times its `p`, in bytes: OWASP's first choice (`N=2^17, r=8, p=1`).
const MAX_SCRYPT_BYTES: u64 = 128 * 1024 * 1024;

/// The most iterations of PBKDF2 for a whole hash, which may take several blocks. OWASP recommends 600,000.
const MAX_PBKDF2_ITERATIONS: u64 = 2_000_000;

/// The most memory of argon2 in KiB: RFC 9106's second choice, and the default of PHP and of Python's argon2-cffi.
const MAX_ARGON2_MEMORY_KIB: u32 = 65_536;

/// The most memory times passes of argon2: PHP's default of 64 MiB and 4 passes.
const MAX_ARGON2_WORK: u64 = 4 * 65_536;

/// The most lanes of argon2, which are computed one after the other.
const MAX_ARGON2_LANES: u32 = 16;

/// Checks the cost of bcrypt.
///
/// # Errors
/// [`UnusableHash::Malformed`] below 4, which is bcrypt's minimum; [`UnusableHash::TooCostly`] above
/// [`MAX_BCRYPT_COST`].
pub(super) fn check_bcrypt(cost: u32) -> Result<(), UnusableHash> {
    match cost {
        4..=MAX_BCRYPT_COST => Ok(()),
        0..4 => Err(UnusableHash::Malformed),
        _ => Err(UnusableHash::TooCostly("bcrypt above cost 14")),
    }
}

/// Checks the parameters of scrypt.
///
/// # Errors
/// [`UnusableHash::Malformed`] if scrypt does not allow them; [`UnusableHash::TooCostly`] above [`MAX_SCRYPT_BYTES`].
pub(super) fn check_scrypt(log_n: u8, r: u32, p: u32) -> Result<scrypt::Params, UnusableHash> {
    let bytes = 1_u64.checked_shl(log_n.into()).and_then(|n| n.checked_mul(128));
    let bytes = bytes.and_then(|bytes| bytes.checked_mul(r.into())?.checked_mul(p.into()));
    if log_n == 0 || bytes == Some(0) {
        return Err(UnusableHash::Malformed);
    }
    if bytes.is_none_or(|bytes| bytes > MAX_SCRYPT_BYTES) {
        return Err(UnusableHash::TooCostly("scrypt above 128 MiB"));
    }
    scrypt::Params::new(log_n, r, p).map_err(|_| UnusableHash::Malformed)
}

/// Checks the parameters of PBKDF2 whose hash function has `block` bytes; returns the iterations.
///
/// # Errors
/// [`UnusableHash::Malformed`] without iterations, or if the hash has another length than `l` says;
/// [`UnusableHash::TooCostly`] above [`MAX_PBKDF2_ITERATIONS`].
pub(super) fn check_pbkdf2(hash: &EncodedHash, block: usize) -> Result<u32, UnusableHash> {
    let iterations: u32 = hash.number("i")?;
    let has_length = hash.text("l").is_none_or(|length| length == hash.hash.len().to_string());
    if iterations == 0 || !has_length {
        return Err(UnusableHash::Malformed);
    }
    let blocks = hash.hash.len().div_ceil(block);
    let total = u64::try_from(blocks).unwrap_or(u64::MAX).saturating_mul(iterations.into());
    if total > MAX_PBKDF2_ITERATIONS {
        return Err(UnusableHash::TooCostly("PBKDF2 above 2,000,000 iterations"));
    }
    Ok(iterations)
}

/// Checks the parameters and the salt of argon2.
///
/// # Errors
/// [`UnusableHash::Malformed`] if argon2 does not allow them, or the salt is too short; [`UnusableHash::TooCostly`]
/// above [`MAX_ARGON2_MEMORY_KIB`], [`MAX_ARGON2_WORK`] or [`MAX_ARGON2_LANES`].
pub(super) fn check_argon2(hash: &EncodedHash) -> Result<Params, UnusableHash> {
    let number = |name| hash.number::<u32>(name);
    let (memory, passes, lanes) = (number("m")?, number("t")?, number("p")?);
    let work = u64::from(memory).saturating_mul(u64::from(passes));
    if memory > MAX_ARGON2_MEMORY_KIB || work > MAX_ARGON2_WORK || lanes > MAX_ARGON2_LANES {
        return Err(UnusableHash::TooCostly("argon2 above 64 MiB and 4 passes"));
    }
    if hash.salt.len() < MIN_SALT_LEN {
        return Err(UnusableHash::Malformed);
    }
    let mut params = ParamsBuilder::new();
    params.m_cost(memory).t_cost(passes).p_cost(lanes).output_len(hash.hash.len());
    params.build().map_err(|_| UnusableHash::Malformed)
}
