//! Code that the local stack and its simulators share.
//!
//! The simulators depend on this crate and neither on `local` nor on `shared`, so that they cannot copy a
//! mistake of the service that they test.
//!
//! | module | content |
//! |---|---|
//! | `clock`, `random` | the time and the randomness that the local stack gives to the simulators |
//! | `control_error` | error responses of the control endpoints |
//! | `error_chain` | messages of errors and their causes |
//! | `json_file` | JSON files that are replaced atomically |
//! | `page` | HTML pages; `templates/page.html` is their layout |
//! | `private_files` | files and folders that only their owner may read |

mod clock;
mod control_error;
mod error_chain;
pub mod json_file;
pub mod page;
pub mod private_files;
mod random;

pub use clock::Clock;
pub use control_error::{ControlError, ControlResult};
pub use error_chain::describe_error_chain;
pub use random::Random;
