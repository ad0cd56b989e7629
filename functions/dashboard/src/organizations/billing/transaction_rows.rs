//! A change of the credit balance in a table.

use shared::billing::ledger::{EntryKind, TransactionView};

use crate::pages::{Frame, TimeText, credits_text};

/// Returns the label of a kind.
pub(super) const fn kind_label(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::QuotaGrant => "Quota",
        EntryKind::Topup => "Top-up",
        EntryKind::Usage => "Usage",
        EntryKind::Refund => "Refund",
        EntryKind::Adjustment => "Adjustment",
    }
}

/// A change of the credit balance in a table.
pub(super) struct TransactionRow {
    pub(super) at: TimeText,
    pub(super) kind: &'static str,
    pub(super) description: String,
    /// The change, with its sign.
    pub(super) change: String,
    pub(super) balance: String,
}

impl TransactionRow {
    /// Creates the rows of transactions.
    pub(super) fn all(frame: &Frame, transactions: &[TransactionView]) -> Vec<Self> {
        let row = |transaction: &TransactionView| {
            let sign = if transaction.credits.micros() > 0 { "+" } else { "" };
            Self {
                at: frame.time(&transaction.created_at),
                kind: kind_label(transaction.kind),
                description: transaction.description.clone(),
                change: format!("{sign}{}", credits_text(transaction.credits)),
                balance: credits_text(transaction.balance_after),
            }
        };
        transactions.iter().map(row).collect()
    }
}
