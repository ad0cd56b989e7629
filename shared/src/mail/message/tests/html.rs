//! A small reader of the HTML of mails: the texts that a person sees, with their colors.

use std::collections::BTreeMap;

/// Tags that begin on a new line or in a new cell.
const BLOCKS: [&str; 8] = ["p", "td", "tr", "table", "h1", "br", "div", "pre"];

/// Text and background color.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Colors {
    pub(super) text: String,
    pub(super) background: String,
}

/// A text that a person sees, with its colors in both schemes. The text of a block begins with a space.
#[derive(Debug)]
pub(super) struct VisibleText {
    pub(super) text: String,
    pub(super) light: Colors,
    pub(super) dark: Colors,
}

/// An open element.
#[derive(Clone, Default)]
struct Element {
    light: Colors,
    dark: Colors,
    is_hidden: bool,
}

/// The declarations of the dark scheme by class.
type DarkRules<'a> = BTreeMap<&'a str, &'a str>;

impl Element {
    /// Returns the state inside a child with this start tag.
    fn child(&self, tag: &str, dark_rules: &DarkRules<'_>) -> Self {
        let mut child = self.clone();
        let style = attribute(tag, "style").unwrap_or_default();
        child.is_hidden |= style.starts_with("display:none");
        apply(style, &mut [&mut child.light, &mut child.dark]);
        for class in attribute(tag, "class").unwrap_or_default().split(' ') {
            apply(dark_rules.get(class).copied().unwrap_or_default(), &mut [&mut child.dark]);
        }
        child
    }
}

/// Applies the colors of declarations.
fn apply(declarations: &str, to: &mut [&mut Colors]) {
    for declaration in declarations.split(';') {
        let Some((property, value)) = declaration.split_once(':') else { continue };
        let value = value.trim_end_matches("!important");
        for colors in to.iter_mut() {
            match property {
                "color" => colors.text = value.to_owned(),
                "background-color" => colors.background = value.to_owned(),
                _ => {}
            }
        }
    }
}

/// Returns the value of an attribute.
pub(super) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    value.split('"').next()
}

fn dark_rules(html: &str) -> DarkRules<'_> {
    let (_, rules) = html.split_once("@media (prefers-color-scheme:dark){\n").unwrap();
    let rules = rules.split_once("\n}\n").unwrap().0.lines();
    rules
        .map(|rule| rule.strip_prefix('.').unwrap().trim_end_matches('}').split_once('{').unwrap())
        .collect()
}

/// Returns the text with its character references resolved.
pub(super) fn unescape(text: &str) -> String {
    let mut parts = text.split("&#");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| {
        let (code, rest) = part.split_once(';').unwrap();
        let character = char::from_u32(code.parse().unwrap()).unwrap();
        format!("{text}{character}{rest}")
    })
}

/// Lists the texts of the body that a person sees. Comments, also those that only Outlook reads, are left out.
pub(super) fn visible_texts(html: &str) -> Vec<VisibleText> {
    let dark_rules = dark_rules(html);
    let mut texts = Vec::new();
    let mut open = vec![Element::default()];
    let mut rest = &html[html.find("<body").unwrap()..];
    let mut begins_block = true;
    while let Some(start) = rest.find('<') {
        let element = open.last().unwrap();
        let text = unescape(&rest[..start]);
        if !element.is_hidden && !text.trim().is_empty() {
            let text = if begins_block { format!(" {text}") } else { text };
            let Element { light, dark, .. } = element.clone();
            texts.push(VisibleText { text, light, dark });
            begins_block = false;
        }
        let end = if rest[start..].starts_with("<!--") { "-->" } else { ">" };
        let length = rest[start..].find(end).unwrap() + end.len();
        let tag = &rest[start..start + length];
        rest = &rest[start + length..];
        let name = tag.trim_matches(['<', '>', '/']).split(' ').next().unwrap();
        begins_block |= BLOCKS.contains(&name);
        if tag.starts_with("</") {
            open.pop();
        } else if !tag.starts_with("<!--") && name != "br" {
            open.push(element.child(tag, &dark_rules));
        }
    }
    assert_eq!(open.len(), 0, "each element is closed, and the one around the body");
    texts
}
