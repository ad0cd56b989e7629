//! Tests of all kinds of mail: their stored form and their rendered texts.

mod colors;
mod html;
mod look;
mod stored;

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use stored::stored;

use super::event_details::EventDetails;
use super::*;
use crate::requester::Requester;
use crate::values::{EmailAddress, Name};

/// Reads a stored mail back, after adding an event with this name and user agent.
fn message_from(mut stored: Value, name: &str, user_agent: &str) -> Message {
    let requester = Requester::new("203.0.113.9".parse().unwrap(), user_agent);
    let name = Name::parse(name).unwrap();
    let at = Timestamp::from_seconds(1_717_123_456);
    let event = EventDetails::from_request(at, &requester, &name);
    let event = serde_json::to_value(event).unwrap();
    stored.as_object_mut().unwrap().extend(event.as_object().unwrap().clone());
    serde_json::from_value(stored).unwrap()
}

fn rendered(message: &Message) -> RenderedMail {
    rendered_with(message, None)
}

fn rendered_with(message: &Message, not_me: Option<&ActionLink>) -> RenderedMail {
    let to = EmailAddress::parse("ada@example.com").unwrap();
    message.render(Recipient::without_account(&to), not_me).unwrap()
}

fn not_me_link() -> ActionLink {
    let url = "https://aius.co/account/not-me?token=usr_x.y".to_owned();
    ActionLink { url, expires_at: Timestamp::from_seconds(1_717_728_256) }
}

/// Returns subject and both bodies as one text.
fn whole(mail: &RenderedMail) -> String {
    format!("{}\n\n{}----\n{}", mail.subject, mail.text, mail.html)
}

fn kind(stored: &Value) -> &str {
    stored["kind"].as_str().unwrap()
}

#[test]
fn these_tests_cover_every_template() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/mail");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
    let names: BTreeSet<String> =
        files.map(|file| file.to_str().unwrap().split('.').next().unwrap().to_owned()).collect();
    let stored = stored();
    let known = stored.iter().map(kind).chain([
        "layout",
        "components",
        "code",
        "account_notice",
        "organization_notice",
        "run",
        "payment",
    ]);
    assert_eq!(names, known.map(str::to_owned).collect());
}

#[test]
fn rendered_mails_match_their_snapshots() {
    for stored in stored() {
        let message = message_from(stored.clone(), "Ada Lovelace", "curl/8.5.0");
        insta::assert_snapshot!(kind(&stored), whole(&rendered(&message)));
    }
}

#[test]
fn a_security_notice_has_the_not_me_link() {
    let link = not_me_link();
    let mut with_link = 0;
    for stored in stored() {
        let message = message_from(stored.clone(), "Ada Lovelace", "curl/8.5.0");
        let mail = rendered_with(&message, Some(&link));
        if mail == rendered(&message) {
            continue;
        }
        with_link += 1;
        for body in [&mail.text, &mail.html] {
            assert!(body.contains(&link.url) && body.contains("7 Jun 2024"), "{body}");
            assert!(!body.contains("Forgot password"), "{body}");
        }
        if let "password_changed" | "api_key_changed" = kind(&stored) {
            insta::assert_snapshot!(format!("{}_with_not_me_link", kind(&stored)), whole(&mail));
        }
    }
    assert_eq!(with_link, 19, "of all notices");
}

#[test]
fn stored_mails_keep_their_field_names() {
    for stored in stored() {
        let message =
            serde_json::to_value(message_from(stored.clone(), "Ada", "curl/8.5.0")).unwrap();
        for (field, value) in stored.as_object().unwrap() {
            assert_eq!(&message[field], value);
        }
        assert_eq!(message["name"], "Ada");
        let origin = json!({"at": 1_717_123_456, "ip": "203.0.113.9", "device": "curl"});
        assert_eq!(message["origin"], origin);
    }
}

#[test]
fn lines_are_short_and_all_links_are_the_products() {
    let longest = "Mozilla/5.0 (iPhone) the aius command line";
    for stored in stored() {
        let name = "Wolfeschlegelsteinhausenbergerdorff";
        let mail = rendered(&message_from(stored.clone(), name, longest));
        let is_link = |line: &str| line.trim().starts_with("https://");
        assert!(!mail.text.contains("\n\n\n"), "{}: {}", kind(&stored), mail.text);
        for line in mail.text.lines().filter(|line| !is_link(line)) {
            assert!(line.chars().count() <= wrap::MAX_LINE_LEN, "{}: {line}", kind(&stored));
        }
        for body in [&mail.text, &mail.html] {
            for (at, _) in body.match_indices("://") {
                let link = &body[at - "https".len()..];
                assert!(link.starts_with("https://aius.co/account"), "{link}");
            }
        }
        assert!(mail.subject.chars().count() <= 60 && !mail.subject.contains('\n'));
    }
}

#[test]
fn mails_expire_with_their_content() {
    let at = 1_717_123_456;
    for stored in stored() {
        let until = match kind(&stored) {
            "verification_code" | "change_email_code" => at + 600,
            "reset_code" | "new_password_needed" => at + 1_800,
            "email_changed" | "invitation" => 1_717_728_256,
            _ => at + 3 * 24 * 60 * 60,
        };
        let message = message_from(stored, "Ada", "curl/8.5.0");
        assert_eq!(message.expires_at(), Timestamp::from_seconds(until));
    }
}

#[test]
fn the_mail_asks_for_new_recovery_codes_when_few_are_left() {
    for (left, says, make_new) in [
        (7, "7 codes are left", false),
        (4, "4 codes are left", false),
        (3, "3 codes are left", true),
        (1, "One code is left", true),
        (0, "It was the last one", true),
    ] {
        let link = "https://aius.co/account";
        let stored = json!({"kind": "recovery_code_used", "link": link, "left": left});
        let mail = rendered(&message_from(stored, "Ada", "curl/8.5.0"));
        for body in [&mail.text, &mail.html] {
            let words = body.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(says), "{body}");
            assert_eq!(words.contains("If that was you, make new recovery codes"), make_new);
        }
    }
}

#[test]
fn the_mail_says_how_a_reset_was_stopped() {
    for (method, says) in [
        ("authenticator", "A code from the authenticator app was entered, which stopped it."),
        ("recovery_code", "A recovery code was entered, which stopped it."),
        ("passkey", "A passkey was used, which stopped it."),
        ("mailed_link", "A link from one of our mails was used, which stopped it."),
        ("security_page", "It was stopped on the security page of your account."),
        ("support", "Our support was asked to stop it."),
    ] {
        let link = "https://aius.co/account";
        let stored = json!({"kind": "two_factor_reset_stopped", "link": link, "method": method});
        let mail = rendered(&message_from(stored, "Ada", "curl/8.5.0"));
        for body in [&mail.text, &mail.html] {
            let words = body.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(&format!("not take effect. {says} If you still")), "{body}");
        }
    }
    let stored = json!({"kind": "two_factor_reset_stopped", "link": "x", "method": "factor_ended"});
    let text = rendered(&message_from(stored, "Ada", "curl/8.5.0")).text;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("turned off with a link or a code from one of our mails."), "{text}");
    assert!(!text.contains("If you still need the reset"), "there is none: {text}");
}

#[test]
fn addresses_are_masked() {
    let mask = |address| EmailAddress::parse(address).unwrap().masked();
    assert_eq!(mask("bob.the.builder@example.org"), "b•••@example.org");
    assert_eq!(mask("b@example.org"), "b•••@example.org");
}

#[test]
fn a_name_that_could_be_a_message_is_not_shown() {
    for name in [
        "<a href='https://evil.example'>Click</a>",
        "your prize waits at evil.example",
        "call 555 0123",
        "please do send us the code now",
    ] {
        for stored in stored() {
            let mail = rendered(&message_from(stored, name, "curl/8.5.0"));
            assert!(mail.text.contains("\n\nHello,\n\n"), "{}", mail.text);
            assert!(!whole(&mail).contains(name), "{mail:?}");
        }
    }
    for name in ["Ada Lovelace", "Jean-Luc O'Brien", "李小龍", "Łukasz Żak"] {
        for stored in stored() {
            let mail = rendered(&message_from(stored.clone(), name, "curl/8.5.0"));
            // The event of an invitation names the inviter, not the recipient.
            let says = match kind(&stored) {
                "invitation" => format!("\n\nHello,\n\n{name}, ada@example.org,"),
                _ => format!("\n\nHello {name},\n\n"),
            };
            assert!(mail.text.contains(&says), "{}", mail.text);
        }
    }
}

#[test]
fn the_mail_says_whether_plan_credits_are_left() {
    for (percent, says, goes_on) in
        [(80, "has used 80 % of its credits", true), (100, "has used all of its credits", false)]
    {
        let link = "https://aius.co/account";
        let stored =
            json!({"kind": "credits_used", "client": "Acme", "percent": percent, "link": link});
        let mail = rendered(&message_from(stored, "Ada", "curl/8.5.0"));
        assert_eq!(mail.subject, format!("Acme {says}"));
        for body in [&mail.text, &mail.html] {
            assert!(body.contains(&format!("Acme {says}")), "{body}");
            assert_eq!(body.contains("of the plan run out"), goes_on, "{body}");
            assert_eq!(body.contains("of the plan are used up"), !goes_on, "{body}");
        }
    }
}

#[test]
fn a_failed_payment_says_whether_stripe_tries_again() {
    for mut stored in stored().into_iter().filter(|stored| kind(stored) == "payment_failed") {
        for (is_last, says) in [(false, "tries again in the next days"), (true, "the plan ends")] {
            stored["is_last"] = is_last.into();
            let mail = rendered(&message_from(stored.clone(), "Ada", "curl/8.5.0"));
            for body in [&mail.text, &mail.html] {
                let words = body.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(words.contains(says), "{body}");
            }
        }
    }
}

/// Number and currency come from Stripe, so they must not carry a message into the mail.
#[test]
fn invalid_invoice_numbers_and_currencies_are_not_shown() {
    let kinds = ["payment_due", "payment_failed", "payment_receipt"];
    let payment = |stored: &Value| kinds.contains(&kind(stored));
    for stored in stored().into_iter().filter(payment) {
        let with = |number: &str, currency: &str| {
            let mut stored = stored.clone();
            stored["number"] = number.into();
            stored["currency"] = currency.into();
            rendered(&message_from(stored, "Ada", "curl/8.5.0"))
        };
        let mail = with("A-1", "usd");
        assert!(mail.text.contains("A-1") && mail.html.contains("A-1"), "{mail:?}");
        assert!(mail.subject.contains(": $"), "{mail:?}");
        let without = with("", "");
        assert!(!whole(&without).contains("Invoice"), "{without:?}");
        for hostile in [
            "A-1\r\nBcc: eve@evil.example",
            "https://evil.example",
            "<b>A-1</b>",
            "A-1, call evil.example now",
            &"1".repeat(41),
        ] {
            assert_eq!(with(hostile, hostile), without, "{hostile}");
        }
    }
}

fn invitation_to(organization: &str) -> RenderedMail {
    let mut stored = stored().into_iter().find(|stored| kind(stored) == "invitation").unwrap();
    stored["client"] = organization.into();
    rendered(&message_from(stored, "Ada", "curl/8.5.0"))
}

#[test]
fn an_organization_name_that_could_be_a_message_is_not_shown() {
    for name in
        ["Acme Corp", "3M", "Class of 2024", "Johnson & Johnson", "李 Inc.", "Smith, Jones Ltd."]
    {
        let mail = invitation_to(name);
        let text = mail.text.replace('\n', " ");
        assert!(text.contains(&format!("the organization \"{name}\" on AIUS")), "{text}");
        assert_eq!(mail.subject, format!("Invitation to join {name} on AIUS"));
    }
    for name in [
        "evil.example",
        "www.evil.example/x",
        "https://evil.example",
        "Acme evil。example",
        "you@evil.example",
        "call 555 0123",
        "\" on AIUS. Click here",
        "<b>Acme</b>",
        "your account will be closed today",
        &"x".repeat(41),
    ] {
        let mail = invitation_to(name);
        assert!(!whole(&mail).contains(name), "{mail:?}");
        assert!(
            mail.text.replace('\n', " ").contains("to join an organization on AIUS"),
            "{mail:?}"
        );
    }
}

proptest! {
    /// A name and a user agent that are not recognized do not change the mail.
    #[test]
    fn a_hostile_user_agent_or_name_is_never_shown(
        before in "\\PC{0,40}",
        after in "\\PC{0,40}",
    ) {
        let hostile = format!("{before} evil.example {after}");
        prop_assume!(Name::parse(&hostile).is_ok());
        // A known program is shown by its fixed name.
        prop_assume!(crate::mail::device::describe(&hostile) == "an unknown program");
        for stored in stored() {
            let mail = rendered(&message_from(stored.clone(), &hostile, &hostile));
            prop_assert_eq!(mail, rendered(&message_from(stored, "no name: 1", "?")));
        }
    }
}
