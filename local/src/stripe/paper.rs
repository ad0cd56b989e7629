//! An invoice as people read it.

use serde_json::Value;

use super::page::{day, money, number, text};

/// What is on it.
pub(super) struct Paper {
    pub(super) number: String,
    pub(super) date: String,
    pub(super) customer: String,
    pub(super) status: String,
    pub(super) is_open: bool,
    pub(super) lines: Vec<PaperLine>,
    /// Names and amounts, the total among them.
    pub(super) sums: Vec<(&'static str, String)>,
}

/// A line.
pub(super) struct PaperLine {
    pub(super) what: String,
    pub(super) when: String,
    pub(super) amount: String,
}

impl Paper {
    pub(super) fn of(invoice: &Value) -> Self {
        let line = |line: &Value| {
            let (start, end) = (number(line, "/period/start"), number(line, "/period/end"));
            let when =
                if start == end { day(start) } else { format!("{} – {}", day(start), day(end)) };
            PaperLine {
                what: text(line, "/description"),
                when,
                amount: money(number(line, "/amount")),
            }
        };
        let (total, due) = (number(invoice, "/total"), number(invoice, "/amount_due"));
        let mut sums = vec![("Total", money(total))];
        if total != due {
            sums.push(("Applied balance", money(due - total)));
        }
        sums.push(("Amount due", money(due)));
        sums.push(("Amount paid", money(number(invoice, "/amount_paid"))));
        let (name, email) = (text(invoice, "/customer_name"), text(invoice, "/customer_email"));
        let number = text(invoice, "/number");
        Self {
            number: if number.is_empty() { "(draft)".to_owned() } else { number },
            date: day(self::number(invoice, "/created")),
            customer: [name, email]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
            status: text(invoice, "/status"),
            is_open: invoice["status"] == "open",
            lines: invoice["lines"]["data"].as_array().into_iter().flatten().map(line).collect(),
            sums,
        }
    }
}
