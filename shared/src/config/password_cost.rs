//! The cost of hashing a password.

/// The cost parameters of argon2id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// The memory that one hash uses, in KiB.
    pub memory_kib: u32,
    /// The number of passes over that memory.
    pub passes: u32,
    /// The number of lanes that could be computed in parallel.
    pub lanes: u32,
}

impl PasswordCost {
    /// The cost in production: OWASP's first choice for argon2id (Password Storage Cheat Sheet, 2025).
    pub const PRODUCTION: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };

    /// The lowest cost that argon2 allows (RFC 9106, section 3.1), for tests.
    pub const LOWEST: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };
}
