//! The end of a quota as people read it.

use shared::billing::quota_end::QuotaEnd;
use shared::billing::read_credits::QuotaView;

use crate::pages::Frame;

/// Returns what happens at the end of a quota's period, in one sentence. `None` if it has no period.
pub(crate) fn quota_end_text(frame: &Frame, quota: &QuotaView) -> Option<String> {
    let time = frame.time(&quota.resets_at?);
    match quota.end {
        QuotaEnd::Never => None,
        QuotaEnd::Renewed => {
            Some(format!("A new quota comes on {} and replaces the rest of this one.", time.exact))
        }
        QuotaEnd::Canceled => Some(format!("The quota ends on {}; bought credits stay.", time.day)),
        QuotaEnd::Unpaid => Some("A new quota comes when the open invoice is paid.".to_owned()),
    }
}
