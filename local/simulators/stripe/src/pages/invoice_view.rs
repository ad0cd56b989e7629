//! The contents of an invoice as text, for the page and the PDF.

use serde_json::Value;

use super::layout::{format_cents, format_date, number, text};

/// An invoice as a customer reads it.
pub(crate) struct InvoiceView {
    /// The invoice number, or `(draft)`.
    pub(crate) number: String,
    pub(crate) date: String,
    /// The name and the email address of the customer.
    pub(crate) customer: String,
    pub(crate) status: String,
    pub(crate) is_open: bool,
    pub(crate) lines: Vec<InvoiceLineView>,
    /// The labels and amounts below the lines.
    pub(crate) totals: Vec<(&'static str, String)>,
}

/// A line of an invoice as a customer reads it.
pub(crate) struct InvoiceLineView {
    pub(crate) description: String,
    pub(crate) period: String,
    pub(crate) amount: String,
}

impl InvoiceView {
    /// Formats an invoice object.
    pub(crate) fn new(invoice: &Value) -> Self {
        let (total, due) = (number(invoice, "/total"), number(invoice, "/amount_due"));
        let mut totals = vec![("Total", format_cents(total))];
        if total != due {
            totals.push(("Applied balance", format_cents(due - total)));
        }
        totals.push(("Amount due", format_cents(due)));
        totals.push(("Amount paid", format_cents(number(invoice, "/amount_paid"))));
        let (name, email) = (text(invoice, "/customer_name"), text(invoice, "/customer_email"));
        let number = text(invoice, "/number");
        let lines = invoice["lines"]["data"].as_array().into_iter().flatten();
        Self {
            number: if number.is_empty() { "(draft)".to_owned() } else { number },
            date: format_date(self::number(invoice, "/created")),
            customer: [name, email]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(", "),
            status: text(invoice, "/status"),
            is_open: invoice["status"] == "open",
            lines: lines.map(InvoiceLineView::new).collect(),
            totals,
        }
    }
}

impl InvoiceLineView {
    fn new(line: &Value) -> Self {
        let (start, end) = (number(line, "/period/start"), number(line, "/period/end"));
        let period = if start == end {
            format_date(start)
        } else {
            format!("{} – {}", format_date(start), format_date(end))
        };
        Self {
            description: text(line, "/description"),
            period,
            amount: format_cents(number(line, "/amount")),
        }
    }
}
