//! The names of the worker's queues in the template.

/// The name of the queue of mails with a code in the template.
pub(super) const CODE_QUEUE: &str = "CodeMails";

/// The name of the queue of all other work in the template.
pub(super) const WORK_QUEUE: &str = "Work";
