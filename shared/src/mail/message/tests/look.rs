//! Tests of what all mails have in common: one layout, one button, a reason, and a text body that says the same.

use super::html::{attribute, unescape, visible_texts};
use super::*;

/// Largest HTML body, in bytes. Gmail cuts a mail off after 102 KB.
const MAX_HTML_LEN: usize = 20_000;

/// The line between the button and its link, which the text body needs not.
const LINK_HINT: &str = "If the button does not work, open this link:";

/// Returns a mail of each kind, and a second one if the kind can have the link for an owner who did not make the
/// change.
fn all_kinds() -> Vec<(String, RenderedMail)> {
    let mails = |stored: Value| {
        let kind = kind(&stored).to_owned();
        let message = message_from(stored, "Ada", "curl/8.5.0");
        let (mail, with_link) = (rendered(&message), rendered_with(&message, Some(&not_me_link())));
        let with_link = (with_link != mail).then(|| (format!("{kind} with a link"), with_link));
        std::iter::once((kind, mail)).chain(with_link)
    };
    stored().into_iter().flat_map(mails).collect()
}

/// Returns the words of a text, with plain quotation marks and without colons at their ends.
fn words(text: &str) -> Vec<String> {
    let text = text.replace(['“', '”'], "\"").replace('’', "'");
    text.split_whitespace().map(|word| word.trim_end_matches(':').to_owned()).collect()
}

/// Returns what a person reads in an HTML body, below the product's name.
fn read_html(html: &str) -> String {
    let texts: String = visible_texts(html).into_iter().map(|visible| visible.text).collect();
    texts.trim_start().strip_prefix("AIUS ").unwrap().replace(LINK_HINT, "")
}

#[test]
fn both_bodies_say_the_same() {
    for (kind, mail) in all_kinds() {
        assert_eq!(words(&read_html(&mail.html)), words(&mail.text), "{kind}");
    }
}

#[test]
fn every_mail_has_a_heading_a_preview_and_a_reason() {
    for (kind, mail) in all_kinds() {
        let heading = mail.html.split_once("<h1 ").unwrap().1.split_once("</h1>").unwrap().0;
        let heading = unescape(heading.split_once('>').unwrap().1);
        assert!(!heading.is_empty() && words(&mail.text).starts_with(&words(&heading)), "{kind}");
        assert_eq!(mail.html.matches("<h1 ").count(), 1, "{kind}");
        let preview = mail.html.split_once("mso-hide:all\">").unwrap().1;
        assert!(!preview.starts_with('&'), "{kind}: {preview}");
        for body in [&mail.html, &mail.text] {
            let said = words(body).join(" ");
            for part in ["You get this mail because ", "This mail was sent to ada@example.com."] {
                assert_eq!(said.matches(part).count(), 1, "{kind}: {body}");
            }
        }
    }
}

#[test]
fn the_button_and_the_bare_link_lead_to_one_page() {
    for (kind, mail) in all_kinds() {
        let buttons: Vec<&str> = mail.html.split("<a class=\"button\"").skip(1).collect();
        assert_eq!(buttons.len(), 1, "{kind}");
        let link = attribute(buttons[0], "href").unwrap();
        let (_, outlook) = mail.html.split_once("<v:roundrect").unwrap();
        assert_eq!(attribute(outlook, "href"), Some(link), "{kind}");
        let (_, bare) = mail.html.split_once(LINK_HINT).unwrap();
        assert_eq!(attribute(bare, "href"), Some(link), "{kind}");
        let (_, shown) = bare.split_once("\">").unwrap();
        assert!(shown.starts_with(&format!("{link}</a>")), "{kind}");
        let line = format!("\n    {}\n", unescape(link));
        assert_eq!(mail.text.matches(&line).count(), 1, "{kind}: {}", mail.text);
    }
}

#[test]
fn a_code_is_one_selectable_word() {
    let with_code = |(kind, _): &(String, RenderedMail)| kind.ends_with("_code");
    let mails: Vec<_> = all_kinds().into_iter().filter(with_code).collect();
    assert_eq!(mails.len(), 3);
    for (kind, mail) in mails {
        let (before, _) = mail.html.split_once(">ABC234</td>").expect(&kind);
        let (_, tag) = before.rsplit_once("<td").unwrap();
        assert!(tag.contains("font-size:32px") && tag.contains(";user-select:all"), "{tag}");
        assert!(mail.text.contains("\n    ABC234\n"), "{}", mail.text);
    }
}

#[test]
fn a_mail_fetches_nothing_and_supports_dark_mode() {
    for (kind, mail) in all_kinds() {
        for fetched in ["src=", "url(", "<img", "<link", "@import", "<script", "<iframe", "<form"] {
            assert!(!mail.html.contains(fetched), "{kind}: {fetched}");
        }
        for part in ["<meta name=\"color-scheme\" content=\"light dark\">", "lang=\"en\""] {
            assert!(mail.html.contains(part), "{kind}: {part}");
        }
    }
}

#[test]
fn html_is_escaped_and_text_is_not() {
    for (kind, mail) in all_kinds() {
        for raw in ["<Sons>", "<ci>", "<tests>", "<checkout>", " & "] {
            assert!(!mail.html.contains(raw), "{kind}: {raw}");
        }
        for entity in ["&#", "&amp;", "&lt;", "&gt;", "&quot;"] {
            assert!(!mail.text.contains(entity), "{kind}: {entity}");
        }
    }
}

#[test]
fn sentences_end_with_one_period() {
    for (kind, mail) in all_kinds() {
        for body in [&mail.html, &mail.text] {
            assert!(!body.contains(".."), "{kind}: {body}");
        }
    }
}

#[test]
fn the_longest_mail_is_not_cut_off() {
    for mut stored in stored() {
        for field in ["client", "key", "token", "project", "run"] {
            if stored[field].is_string() {
                stored[field] = "<".repeat(100).into();
            }
        }
        if stored["summary"].is_string() {
            stored["summary"] = "<".repeat(1_000).into();
        }
        let mail = rendered(&message_from(stored.clone(), "Ada", "curl/8.5.0"));
        assert!(mail.html.len() < MAX_HTML_LEN, "{}: {}", kind(&stored), mail.html.len());
    }
}
