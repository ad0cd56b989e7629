//! The backlog of scheduled work, which a metric filter in `template.yaml` reads from the log.

/// Logs how many items a run has left undone, or how many are overdue. Nothing is logged without any.
pub(crate) fn report_backlog(list: &str, backlog: usize) {
    if backlog > 0 {
        tracing::warn!(list, backlog, "scheduled work is behind");
    }
}
