//! Markdown of people as safe HTML.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Schemes of links. Other links, such as `javascript:`, are shown as text.
const LINK_SCHEMES: [&str; 3] = ["http://", "https://", "mailto:"];

/// Renders Markdown as HTML that is safe on a page: raw HTML is shown as text, links lead to the web or to a mail
/// address only, and images become links, because a page loads nothing from other sites. Headings begin below the
/// page's own.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other events are kept")]
pub(crate) fn markdown_html(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut dropped = Vec::new();
    let events = Parser::new_ext(text, options).map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
            level: lower(level),
            id: None,
            classes: Vec::new(),
            attrs: Vec::new(),
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        Event::Start(
            Tag::Link { link_type, dest_url, title, id }
            | Tag::Image { link_type, dest_url, title, id },
        ) => {
            // An email address in angle brackets has no scheme; the renderer adds it.
            let is_safe = is_safe_link(&dest_url) || link_type == pulldown_cmark::LinkType::Email;
            // HTML has no link within a link, such as an image in one.
            let is_nested = dropped.contains(&false);
            dropped.push(!is_safe || is_nested);
            if is_safe && !is_nested {
                Event::Start(Tag::Link { link_type, dest_url, title, id })
            } else {
                Event::Text(CowStr::Borrowed(""))
            }
        }
        Event::End(TagEnd::Link | TagEnd::Image) => match dropped.pop() {
            Some(false) => Event::End(TagEnd::Link),
            Some(true) | None => Event::Text(CowStr::Borrowed("")),
        },
        other => other,
    });
    let mut rendered = String::new();
    html::push_html(&mut rendered, events);
    rendered
}

fn is_safe_link(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    LINK_SCHEMES.iter().any(|scheme| url.starts_with(scheme))
}

/// Returns the level of a heading below the headings of the page and its cards.
fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markdown_becomes_html() {
        let html = markdown_html(
            "# Churn\n\nWho leaves, and *why*? See [docs](https://example.com/a?b=1&c=2).",
        );
        assert_eq!(
            html,
            "<h3>Churn</h3>\n<p>Who leaves, and <em>why</em>? See \
             <a href=\"https://example.com/a?b=1&amp;c=2\">docs</a>.</p>\n"
        );
        assert!(markdown_html("<ada@example.com>").contains("href=\"mailto:ada@example.com\""));
        assert!(markdown_html("| a |\n|---|\n| 1 |").contains("<th>a</th>"));
    }

    #[test]
    fn raw_html_is_shown_as_text() {
        for text in [
            "<script>alert(1)</script>",
            "a <b onclick=x>b</b>",
            "<!-- x -->",
            "<img src=x onerror=y>",
        ] {
            let html = markdown_html(text);
            assert!(
                !html.contains("<script") && !html.contains("<b ") && !html.contains("<img"),
                "{html}"
            );
            assert!(html.contains("&lt;"), "{html}");
        }
    }

    #[test]
    fn only_links_to_the_web_and_mail_are_links() {
        for url in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/account",
            "vbscript:x",
        ] {
            let html = markdown_html(&format!("[click *here*]({url})"));
            assert_eq!(html, "<p>click <em>here</em></p>\n", "{url}");
        }
        let html = markdown_html("![A plot](https://example.com/p.png)");
        assert_eq!(html, "<p><a href=\"https://example.com/p.png\">A plot</a></p>\n");
        let html = markdown_html("[![inner](https://example.com/p.png)](javascript:x)");
        assert_eq!(html, "<p><a href=\"https://example.com/p.png\">inner</a></p>\n");
        let html = markdown_html("[![inner](https://example.com/p.png)](https://example.com)");
        assert_eq!(html, "<p><a href=\"https://example.com\">inner</a></p>\n");
    }

    proptest! {
        #[test]
        fn no_text_makes_a_script_or_a_handler(text in "[<>a-z\"'=:/ *_\\[\\]()!#\\n-]{0,60}") {
            let html = markdown_html(&text);
            prop_assert!(!html.contains("<script") && !html.contains("<img"));
            for link in html.split("href=\"").skip(1) {
                prop_assert!(is_safe_link(link) , "{link}");
            }
        }
    }
}
