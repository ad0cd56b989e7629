//! Writes an invoice as a PDF.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

use super::invoice_view::InvoiceView;

const FONT: Name<'static> = Name(b"F1");

/// The width and the height of an A4 page in points.
const PAGE_SIZE: (f32, f32) = (595.0, 842.0);

/// The distance of the text from the left and the upper edge in points.
const MARGIN: f32 = 56.0;

/// The horizontal position of the amounts in points.
const AMOUNT_X: f32 = 460.0;

/// The distance between the baselines of two rows in points.
const LEADING: f32 = 18.0;

/// The maximum number of rows on a page.
const MAX_ROWS_PER_PAGE: usize = 38;

/// The maximum length of a row's text in characters. Longer text would overlap the amount.
const MAX_TEXT_LEN: usize = 72;

/// The text and the amount of a row.
type Row = (String, String);

/// Returns the bytes of the PDF.
pub(crate) fn write_pdf(invoice: &InvoiceView) -> Vec<u8> {
    let rows = build_rows(invoice);
    let pages: Vec<_> = rows.chunks(MAX_ROWS_PER_PAGE).collect();
    let mut last_reference = 0;
    let mut next_reference = || {
        last_reference += 1;
        Ref::new(last_reference)
    };
    let (catalog, page_tree, font) = (next_reference(), next_reference(), next_reference());
    let references: Vec<_> = pages.iter().map(|_| (next_reference(), next_reference())).collect();
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(page_tree);
    let count = i32::try_from(references.len()).unwrap_or(i32::MAX);
    pdf.pages(page_tree).kids(references.iter().map(|(page, _)| *page)).count(count);
    pdf.type1_font(font)
        .base_font(Name(b"Helvetica"))
        .encoding_predefined(Name(b"WinAnsiEncoding"));
    for ((page, content), rows) in references.into_iter().zip(pages) {
        let mut writer = pdf.page(page);
        let media_box = Rect::new(0.0, 0.0, PAGE_SIZE.0, PAGE_SIZE.1);
        writer.media_box(media_box).parent(page_tree).contents(content);
        writer.resources().fonts().pair(FONT, font);
        writer.finish();
        pdf.stream(content, &draw_rows(rows));
    }
    pdf.finish()
}

fn build_rows(invoice: &InvoiceView) -> Vec<Row> {
    let text_row = |text: String| (text, String::new());
    let mut rows = vec![
        text_row(format!("Invoice {}", invoice.number)),
        text_row(format!("Date: {}", invoice.date)),
        text_row(format!("Bill to: {}", invoice.customer)),
        text_row(format!("Status: {}", invoice.status)),
        text_row("This invoice comes from a simulation of Stripe. No money moved.".to_owned()),
        text_row(String::new()),
    ];
    for line in &invoice.lines {
        rows.push((line.description.clone(), line.amount.clone()));
        rows.push(text_row(format!("    {}", line.period)));
    }
    rows.push(text_row(String::new()));
    rows.extend(invoice.totals.iter().map(|(label, amount)| ((*label).to_owned(), amount.clone())));
    rows
}

fn draw_rows(rows: &[Row]) -> Vec<u8> {
    let mut content = Content::new();
    let mut y = PAGE_SIZE.1 - MARGIN;
    for (text, amount) in rows {
        for (x, text) in [(MARGIN, text), (AMOUNT_X, amount)] {
            content.begin_text().set_font(FONT, 11.0).next_line(x, y).show(Str(&encode(text)));
            content.end_text();
        }
        y -= LEADING;
    }
    content.finish().into_vec()
}

/// Encodes text for the font and shortens it. Characters that the font lacks become question marks.
fn encode(text: &str) -> Vec<u8> {
    // WinAnsiEncoding equals Unicode for most Latin letters.
    let encode_char = |c: char| match c {
        '–' => 0x96,
        '…' => 0x85,
        _ => u8::try_from(u32::from(c)).unwrap_or(b'?'),
    };
    let mut bytes: Vec<u8> = text.chars().take(MAX_TEXT_LEN).map(encode_char).collect();
    if text.chars().count() > MAX_TEXT_LEN {
        bytes.push(encode_char('…'));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::invoice_view::InvoiceLineView;
    use data_encoding::HEXUPPER;

    fn invoice(lines: usize) -> InvoiceView {
        let line = |number| InvoiceLineView {
            description: format!("1 × Line {number} (é)"),
            period: "01 Jan 2027 – 01 Feb 2027".to_owned(),
            amount: "$50.00".to_owned(),
        };
        InvoiceView {
            number: "ABCDEFGH-0001".to_owned(),
            date: "01 Jan 2027".to_owned(),
            customer: "ada@example.com".to_owned(),
            status: "paid".to_owned(),
            is_open: false,
            lines: (0..lines).map(line).collect(),
            totals: vec![("Total", "$50.00".to_owned())],
        }
    }

    fn contains(file: &[u8], text: &[u8]) -> bool {
        file.windows(text.len()).any(|window| window == text)
    }

    #[test]
    fn pdf_contains_the_texts_of_the_invoice() {
        let file = write_pdf(&invoice(1));
        assert!(file.starts_with(b"%PDF-1."));
        assert!(file.trim_ascii_end().ends_with(b"%%EOF"));
        for text in ["(Invoice ABCDEFGH-0001)", "(Bill to: ada@example.com)", "(Total)", "($50.00)"]
        {
            assert!(contains(&file, text.as_bytes()), "{text}");
        }
        assert!(contains(&file, b"/Count 1"));
    }

    #[test]
    fn many_lines_take_several_pages() {
        let file = write_pdf(&invoice(60));
        assert!(contains(&file, b"/Count 4"));
        // pdf-writer writes text that is not pure ASCII in hexadecimal.
        let last = HEXUPPER.encode(&encode("1 × Line 59 (é)"));
        assert!(contains(&file, last.as_bytes()), "{last}");
    }
}
