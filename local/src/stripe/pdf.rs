//! An invoice as a PDF.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

use super::paper::Paper;

const FONT: Name<'static> = Name(b"F1");

/// A4, in points.
const PAGE: (f32, f32) = (595.0, 842.0);
const MARGIN: f32 = 56.0;
const AMOUNT_AT: f32 = 460.0;
const LEADING: f32 = 18.0;

/// Most rows to a page.
const ROWS: usize = 38;

/// Most characters of a row's text; what is longer would run into the amount.
const WIDEST: usize = 72;

/// Text and amount.
type Row = (String, String);

/// The file.
pub(super) fn pdf(paper: &Paper) -> Vec<u8> {
    let rows = rows(paper);
    let pages: Vec<_> = rows.chunks(ROWS).collect();
    let mut next = 0;
    let mut reference = || {
        next += 1;
        Ref::new(next)
    };
    let (catalog, tree, font) = (reference(), reference(), reference());
    let ids: Vec<_> = pages.iter().map(|_| (reference(), reference())).collect();
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    let count = i32::try_from(ids.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(ids.iter().map(|(page, _)| *page)).count(count);
    pdf.type1_font(font)
        .base_font(Name(b"Helvetica"))
        .encoding_predefined(Name(b"WinAnsiEncoding"));
    for ((page, content), rows) in ids.into_iter().zip(pages) {
        let mut written = pdf.page(page);
        written.media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1)).parent(tree).contents(content);
        written.resources().fonts().pair(FONT, font);
        written.finish();
        pdf.stream(content, &draw(rows));
    }
    pdf.finish()
}

fn rows(paper: &Paper) -> Vec<Row> {
    let plain = |text: String| (text, String::new());
    let mut rows = vec![
        plain(format!("Invoice {}", paper.number)),
        plain(format!("Date: {}", paper.date)),
        plain(format!("Bill to: {}", paper.customer)),
        plain(format!("Status: {}", paper.status)),
        plain("Made by the local stack, which plays Stripe. No money moved.".to_owned()),
        plain(String::new()),
    ];
    for line in &paper.lines {
        rows.push((line.what.clone(), line.amount.clone()));
        rows.push(plain(format!("    {}", line.when)));
    }
    rows.push(plain(String::new()));
    rows.extend(paper.sums.iter().map(|(name, amount)| ((*name).to_owned(), amount.clone())));
    rows
}

fn draw(rows: &[Row]) -> Vec<u8> {
    let mut content = Content::new();
    let mut y = PAGE.1 - MARGIN;
    for (text, amount) in rows {
        for (x, text) in [(MARGIN, text), (AMOUNT_AT, amount)] {
            content.begin_text().set_font(FONT, 11.0).next_line(x, y).show(Str(&encoded(text)));
            content.end_text();
        }
        y -= LEADING;
    }
    content.finish().into_vec()
}

/// In the font's encoding, where most of Latin is as in Unicode; other letters turn into question marks.
fn encoded(text: &str) -> Vec<u8> {
    let letter = |c: char| match c {
        '–' => 0x96,
        '…' => 0x85,
        _ => u8::try_from(u32::from(c)).unwrap_or(b'?'),
    };
    let mut bytes: Vec<u8> = text.chars().take(WIDEST).map(letter).collect();
    if text.chars().count() > WIDEST {
        bytes.push(letter('…'));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stripe::paper::PaperLine;
    use data_encoding::HEXUPPER;

    fn paper(lines: usize) -> Paper {
        let line = |at| PaperLine {
            what: format!("1 × Line {at} (é)"),
            when: "01 Jan 2027 – 01 Feb 2027".to_owned(),
            amount: "$50.00".to_owned(),
        };
        Paper {
            number: "ABCDEFGH-0001".to_owned(),
            date: "01 Jan 2027".to_owned(),
            customer: "ada@example.com".to_owned(),
            status: "paid".to_owned(),
            is_open: false,
            lines: (0..lines).map(line).collect(),
            sums: vec![("Total", "$50.00".to_owned())],
        }
    }

    fn holds(file: &[u8], text: &[u8]) -> bool {
        file.windows(text.len()).any(|window| window == text)
    }

    #[test]
    fn it_says_what_the_invoice_does() {
        let file = pdf(&paper(1));
        assert!(file.starts_with(b"%PDF-1."));
        assert!(file.trim_ascii_end().ends_with(b"%%EOF"));
        for text in ["(Invoice ABCDEFGH-0001)", "(Bill to: ada@example.com)", "(Total)", "($50.00)"]
        {
            assert!(holds(&file, text.as_bytes()), "{text}");
        }
        assert!(holds(&file, b"/Count 1"));
    }

    #[test]
    fn many_lines_take_several_pages() {
        let file = pdf(&paper(60));
        assert!(holds(&file, b"/Count 4"));
        // What isn't ASCII alone is written in hexadecimals.
        let last = HEXUPPER.encode(&encoded("1 × Line 59 (é)"));
        assert!(holds(&file, last.as_bytes()), "{last}");
    }
}
