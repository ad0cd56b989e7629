//! A browser without script: it opens pages, keeps cookies and submits forms.

use std::collections::BTreeMap;

use reqwest::Method;
use scraper::{ElementRef, Html, Selector};

use crate::{Person, Reply, TestApp, Visitor};

/// A browser without script.
pub struct PageVisitor {
    visitor: Visitor,
    cookies: BTreeMap<String, String>,
}

/// A page that a [`PageVisitor`] has opened.
#[derive(Clone, Debug)]
pub struct PageReply {
    /// The response with the page.
    pub reply: Reply,
    /// Path and query of the page, after all redirects.
    pub path: String,
}

/// More redirects than any page has.
const MAX_REDIRECTS: usize = 5;

impl PageVisitor {
    /// Creates a browser that nobody has signed in with.
    pub fn new(app: &TestApp) -> Self {
        Self { visitor: app.visitor(), cookies: BTreeMap::new() }
    }

    /// Creates a browser with the session of a person.
    pub fn signed_in(app: &TestApp, person: &Person) -> Self {
        let mut browser = Self::new(app);
        let session = person.session.clone().expect("the person is signed in");
        browser.cookies.insert("__Host-aius_session".to_owned(), session);
        browser
    }

    /// Creates a browser with the session of a person, or without one.
    pub fn of(app: &TestApp, person: Option<&Person>) -> Self {
        person.map_or_else(|| Self::new(app), |person| Self::signed_in(app, person))
    }

    /// Opens a page, and follows redirects within the site.
    pub async fn open(&mut self, path: &str) -> PageReply {
        let reply = self.send(Method::GET, path, None).await;
        self.follow(path, reply).await
    }

    /// Submits the form of a page that posts to `action`. `typed` replaces the values of its fields, or adds to them.
    pub async fn submit(
        &mut self,
        page: &PageReply,
        action: &str,
        typed: &[(&str, &str)],
    ) -> PageReply {
        let answer = self.submit_without_redirect(page, action, typed).await;
        self.follow(action, answer.reply).await
    }

    /// Submits a form as [`submit`](Self::submit) does, and follows no redirect.
    pub async fn submit_without_redirect(
        &mut self,
        page: &PageReply,
        action: &str,
        typed: &[(&str, &str)],
    ) -> PageReply {
        let mut fields = page.form_fields(action);
        fields.retain(|(name, _)| !typed.iter().any(|(own, _)| own == name));
        fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let reply = self.send_form(action, &fields).await;
        PageReply { reply, path: action.to_owned() }
    }

    /// Posts fields, and follows redirects within the site.
    pub async fn post(&mut self, action: &str, fields: &[(String, String)]) -> PageReply {
        let reply = self.send_form(action, fields).await;
        self.follow(action, reply).await
    }

    /// Posts fields and a file, given as its field, name and content, and follows redirects within the site.
    pub async fn post_with_file(
        &mut self,
        action: &str,
        fields: &[(String, String)],
        (field, file, content): (&str, &str, &[u8]),
    ) -> PageReply {
        const BOUNDARY: &str = "----boundary-of-the-test";
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.into_bytes());
        }
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{file}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(content);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        let reply = self.send(Method::POST, action, Some((&content_type, body))).await;
        self.follow(action, reply).await
    }

    async fn send_form(&mut self, action: &str, fields: &[(String, String)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let body = Some(("application/x-www-form-urlencoded", body.into_bytes()));
        self.send(Method::POST, action, body).await
    }

    /// Sends a request with the cookies, and keeps those of the response.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
    ) -> Reply {
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut visitor = self.visitor.clone();
        if !cookies.is_empty() {
            visitor = visitor.with_header("cookie", &cookies.join("; "));
        }
        let reply = visitor.send(method, path, body).await;
        for cookie in reply.headers.get_all("set-cookie") {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }

    /// Returns the value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Sets a cookie.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Forgets a cookie.
    pub fn forget_cookie(&mut self, name: &str) {
        self.cookies.remove(name);
    }

    async fn follow(&mut self, path: &str, mut reply: Reply) -> PageReply {
        let mut path = path.to_owned();
        for _ in 0..MAX_REDIRECTS {
            let location =
                reply.headers.get("location").map(|value| value.to_str().unwrap().to_owned());
            match location {
                Some(next) if next.starts_with('/') => path = next,
                Some(_) | None => break,
            }
            reply = self.send(Method::GET, &path, None).await;
        }
        PageReply { reply, path }
    }
}

impl PageReply {
    /// Asserts the status and returns the page.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.reply.status, status, "{}: {}", self.path, self.reply.text);
        self
    }

    /// Asserts the path and returns the page.
    #[track_caller]
    pub fn expect_path(self, path: &str) -> Self {
        assert_eq!(self.path.split('?').next(), Some(path), "{}", self.reply.text);
        self
    }

    /// Asserts that people see a text on the page, and returns the page.
    #[track_caller]
    pub fn expect_text(self, text: &str) -> Self {
        assert!(self.text().contains(text), "no “{text}” in: {}", self.text());
        self
    }

    /// Returns the text that people see, with single spaces.
    pub fn text(&self) -> String {
        let html = self.html();
        let main = html.select(&selector("main")).next();
        let text: String = main.map_or_else(
            || html.root_element().text().collect(),
            |main| main.text().collect::<Vec<_>>().join(" "),
        );
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Returns the texts of all elements that a CSS selector finds.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let text = |element: ElementRef<'_>| {
            let text: String = element.text().collect();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        self.html().select(&selector(css)).map(text).collect()
    }

    /// Returns an attribute of all elements that a CSS selector finds.
    pub fn attributes(&self, css: &str, attribute: &str) -> Vec<String> {
        let html = self.html();
        let wanted = selector(css);
        let found = html.select(&wanted);
        found.filter_map(|element| element.attr(attribute)).map(str::to_owned).collect()
    }

    /// Returns the fields of a form with their values: what a browser sends if nothing is typed.
    #[track_caller]
    pub fn form_fields(&self, action: &str) -> Vec<(String, String)> {
        let html = self.html();
        let form = html.select(&selector("form")).find(|form| form.attr("action") == Some(action));
        let form =
            form.unwrap_or_else(|| panic!("no form {action} on {}: {}", self.path, self.text()));
        let mut fields = Vec::new();
        for control in form.select(&selector("input, textarea, select")) {
            let Some(name) = control.attr("name") else { continue };
            let kind = control.attr("type").unwrap_or_default();
            let is_choice = matches!(kind, "checkbox" | "radio");
            if (is_choice && control.attr("checked").is_none()) || kind == "file" {
                continue;
            }
            let value = match control.value().name() {
                "textarea" => {
                    control.text().collect::<String>().trim_start_matches('\n').to_owned()
                }
                "select" => selected(control),
                _ => control.attr("value").unwrap_or(if is_choice { "on" } else { "" }).to_owned(),
            };
            fields.push((name.to_owned(), value));
        }
        fields
    }

    /// Returns the value of a form's field.
    #[track_caller]
    pub fn value(&self, action: &str, name: &str) -> String {
        let fields = self.form_fields(action);
        let found = fields.into_iter().find(|(own, _)| own == name);
        found.unwrap_or_else(|| panic!("the form {action} has no field {name}")).1
    }

    fn html(&self) -> Html {
        Html::parse_document(&self.reply.text)
    }
}

fn selected(select: ElementRef<'_>) -> String {
    let options: Vec<_> = select.select(&selector("option")).collect();
    let chosen = options.iter().find(|option| option.attr("selected").is_some());
    let chosen = chosen.or_else(|| options.first());
    chosen.and_then(|option| option.attr("value")).unwrap_or_default().to_owned()
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap()
}
