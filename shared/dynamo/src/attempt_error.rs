//! The failure of an attempt, which a conflict makes worth repeating.

use crate::error::Error;

/// Why an attempt failed.
///
/// Every write returns this type, and it does not convert into the application's error. An operation
/// that forgets to retry does not compile. The other way, the application converts its own error into
/// [`AttemptError::Final`].
#[derive(Debug)]
pub enum AttemptError<E> {
    /// Another writer changed the same items. A new attempt, which reads them again, may succeed.
    Conflict,
    /// The attempt was refused or failed, and another one would not help.
    Final(E),
}

impl<E: From<Error>> From<Error> for AttemptError<E> {
    fn from(error: Error) -> Self {
        Self::Final(error.into())
    }
}

impl<E: From<Error>> AttemptError<E> {
    /// Returns the error of an operation that makes no further attempt: [`Error::Contention`] after a
    /// conflict.
    pub(crate) fn give_up(self) -> E {
        match self {
            Self::Conflict => Error::Contention.into(),
            Self::Final(error) => error,
        }
    }
}
