//! Mail through [moto](https://docs.getmoto.org), an independent SES simulator at `MOTO_URL`.
//!
//! Each test has a sender of its own, so several runs can share a moto.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use shared::accounts::User;
use shared::activity::Log;
use shared::billing::{PaymentEvent, PaymentNotification};
use shared::clock::Timestamp;
use shared::context::Context;
use shared::ids::{InvitationId, ProjectId, RunId, UserId};
use shared::keys;
use shared::mail::{
    self, ActionLink, DeviceApprovedParams, ExpiringTokenParams, InvitationMailParams, KeyChange,
    KeyChangeParams, MembershipChange, MembershipChangeParams, Message, NewPasswordReason,
    OrganizationDeletedParams, PasskeyChange, Recipient, ResetStopMethod, UndoLink,
};
use shared::mailed_codes::MailedCode;
use shared::organizations::invitations::{INVITATION_TTL, Invitation, InvitationToken};
use shared::organizations::{AssignableRole, Organization};
use shared::requester::Requester;
use shared::runs::{FinishedRun, Run, RunKind, RunStatus, RunSummary};
use shared::tokens::Scope;
use shared::values::{EmailAddress, Name};
use tests::{Moto, PASSWORD, TestApp};

/// Makes one message of each kind.
fn all_messages(ctx: &Context, user: &User) -> Vec<Message> {
    let requester = &Requester::new("203.0.113.9".parse().unwrap(), "curl/8.5.0");
    let code = &MailedCode::parse("ABC234").unwrap();
    let other = &EmailAddress::parse("bob@example.org").unwrap();
    let later = Timestamp::from_seconds(ctx.now().seconds() + 7 * 24 * 60 * 60);
    let undo = UndoLink { url: format!("{}/undo?a=1&b=2", ctx.config.base_url), expires_at: later };
    let url = format!("{}/account/reset-password?token=x", ctx.config.base_url);
    let reset = ActionLink { url, expires_at: later };
    let reason = NewPasswordReason::EmailChangeUndone;
    let name = &organization_name();
    let (masked, expires_at) = ("aius_…x7Qw", later);
    let expiring = ExpiringTokenParams { token: name, masked, organization: None, expires_at };
    let approved = DeviceApprovedParams {
        program: name,
        device: Some(name),
        asked_from: requester.ip,
        scopes: &[Scope::RunsWrite],
        expires_at: later,
    };
    let change = KeyChange::Rotated;
    let key_change = KeyChangeParams { organization: name, key: name, change, actor: other };
    let change = MembershipChange::Removed;
    let member_change =
        MembershipChangeParams { organization: name, change, member: user, actor: other };
    let deleted = OrganizationDeletedParams {
        organization: name,
        at: ctx.now(),
        requester: Some(requester),
        due_at: Some(later),
    };
    let [former_owner, new_owner] =
        Message::ownership_transferred(ctx, requester, name, user, user);
    vec![
        Message::verification_code(ctx, requester, user, code),
        Message::reset_code(ctx, requester, user, code, reset.clone()),
        Message::change_email_code(ctx, requester, user, code),
        Message::new_password_needed(ctx, requester, user, reason, reset),
        Message::slack_webhook_changed(ctx, requester, user, false),
        Message::email_changed(ctx, requester, user, other, undo),
        Message::new_device(ctx, requester, user),
        Message::password_changed(ctx, requester, user),
        Message::two_factor_on(ctx, requester, user),
        Message::two_factor_off(ctx, requester, user),
        Message::two_factor_reset_requested(ctx, user, later),
        Message::two_factor_reset_stopped(ctx, requester, user, ResetStopMethod::Passkey),
        Message::two_factor_reset(ctx, user),
        Message::recovery_code_used(ctx, requester, user, 3),
        Message::recovery_codes_replaced(ctx, requester, user),
        Message::passkey_changed(ctx, requester, user, name, PasskeyChange::Refused),
        Message::google_connected(ctx, requester, user, other),
        Message::google_disconnected(ctx, requester, user),
        Message::deletion_scheduled(ctx, requester, user, later),
        Message::account_restored(ctx, requester, user),
        Message::device_approved(ctx, requester, user, approved),
        Message::token_created(ctx, requester, user, name),
        Message::token_expires(ctx, &user.name, expiring, ctx.now()),
        Message::api_key_changed(ctx, requester, user, key_change),
        Message::member_changed(ctx, requester, user, member_change),
        Message::organization_deleted(ctx, &user.name, deleted),
        former_owner,
        new_owner,
        invitation_message(ctx, requester, user),
        run_message(ctx, user, RunStatus::Failed),
        run_message(ctx, user, RunStatus::Succeeded),
        Message::credits_used(ctx, &user.name, &organization_name(), 80, ctx.now()),
        payment_message(ctx, user, PaymentEvent::Due),
        payment_message(ctx, user, PaymentEvent::Failed),
        payment_message(ctx, user, PaymentEvent::Paid),
    ]
}

/// Returns the name of the organization.
fn organization_name() -> Name {
    Name::parse("Acme & Sons").unwrap()
}

/// Makes a payment message.
fn payment_message(ctx: &Context, user: &User, event: PaymentEvent) -> Message {
    let news = PaymentNotification {
        client_id: user.default_client_id.clone(),
        invoice_id: "in_1".to_owned(),
        number: Some("4F2A91BC-0007".to_owned()),
        event,
        attempt: 1,
        is_last: false,
        amount: 5_000,
        currency: "usd".to_owned(),
        at: ctx.now(),
    };
    Message::payment(ctx, &user.name, &organization_name(), &news)
}

/// Makes an invitation message.
fn invitation_message(ctx: &Context, requester: &Requester, user: &User) -> Message {
    let (client_id, id) = (&user.default_client_id, InvitationId::generate(&*ctx.random));
    let token = InvitationToken::generate(&*ctx.random, client_id, &id);
    let invitation = Invitation {
        id,
        client_id: client_id.clone(),
        email: EmailAddress::parse("bob@example.org").unwrap(),
        role: AssignableRole::Admin,
        invited_by: user.id.clone(),
        hash: token.hash(),
        created_at: ctx.now(),
        expires_at: ctx.now().plus(INVITATION_TTL),
    };
    let organization = Organization::new_default(client_id.clone(), user, ctx.now());
    let link =
        format!("{}/account/invitations/accept?token={}", ctx.config.base_url, token.reveal());
    let mail = InvitationMailParams {
        inviter: user,
        organization: &organization,
        invitation: &invitation,
        link,
    };
    Message::invitation(ctx, requester, mail)
}

/// Makes the message about the end of a run.
fn run_message(ctx: &Context, user: &User, status: RunStatus) -> Message {
    let (random, at) = (&*ctx.random, ctx.now());
    let project = ProjectId::generate(random, at, &user.default_client_id);
    let name = |text| Name::parse(text).unwrap();
    let run = Run {
        id: RunId::generate(random, at, &project),
        kind: RunKind::Scheduled,
        name: name("Nightly <tests>"),
        status,
        summary: RunSummary::parse("3 of 40 failed:\n\n  Łódź & <more>").unwrap(),
        created_at: at,
        finished_at: Some(at),
    };
    let (project, organization) = (name("Churn analysis"), organization_name());
    Message::run_ended(ctx, &user.name, &FinishedRun { run, at, project, organization })
}

/// Reads the kind of a message.
fn kind_of(message: &Message) -> String {
    serde_json::to_value(message).unwrap()["kind"].as_str().unwrap().to_owned()
}

/// Lists the kinds that have a template.
fn template_kinds() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/templates/mail");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
    files
        .map(|file| file.to_str().unwrap().split('.').next().unwrap().to_owned())
        .filter(|name| {
            let parts = [
                "account_notice",
                "code",
                "components",
                "layout",
                "organization_notice",
                "payment",
                "run",
            ];
            !parts.contains(&name.as_str())
        })
        .collect()
}

/// Registers a user and returns the id.
async fn register(app: &TestApp, email: &str) -> UserId {
    let body = json!({"email": email, "name": "Ada Łovelace", "password": PASSWORD});
    let reply = app.visitor().post("/v1/register", body).await.expect(200).json();
    UserId::parse(reply["user"]["id"].as_str().unwrap()).unwrap()
}

/// Waits until the worker has handled all stream records.
async fn wait_for_delivery(app: &TestApp) {
    assert!(app.mails("nobody@example.com").await.is_empty());
}

#[tokio::test]
async fn a_registration_mail_reaches_ses_with_a_working_code() {
    let moto = Moto::start().await;
    moto.verify_sender().await;
    let app = moto.app().await;
    register(&app, "ada@example.com").await;
    wait_for_delivery(&app).await;
    let taken = moto.taken().await;
    let mail = &taken["ada@example.com"];
    let code = mail.record["subject"].as_str().unwrap().split(' ').next().unwrap();
    for part in ["Text", "Html"] {
        let body = &mail.request[&format!("Message.Body.{part}.Data")];
        assert!(body.contains("Hello Ada Łovelace,") && body.contains(code), "{body}");
        assert_eq!(mail.request[&format!("Message.Body.{part}.Charset")], "UTF-8");
    }
    let verify = json!({"email": "ada@example.com", "code": code});
    app.visitor().post("/v1/verify-email", verify).await.expect(200);
    assert!(app.items(keys::QUEUED_CODE_MAILS, "").await.is_empty());
}

#[tokio::test]
async fn every_kind_of_message_reaches_ses_complete() {
    let moto = Moto::start().await;
    moto.verify_sender().await;
    let app = moto.app().await;
    let ctx = app.stack().context();
    let id = register(&app, "ada@example.com").await;
    let user: User = ctx.table.get(&keys::user(&id)).await.unwrap().unwrap();

    let messages = all_messages(ctx, &user);
    assert_eq!(messages.iter().map(kind_of).collect::<BTreeSet<_>>(), template_kinds());
    let mut expected = BTreeMap::new();
    for (number, message) in messages.into_iter().enumerate() {
        let to = format!("{}-{number}@example.com", kind_of(&message));
        let to = EmailAddress::parse(&to).unwrap();
        expected.insert(
            to.as_str().to_owned(),
            message.render(Recipient::without_account(&to), None).unwrap(),
        );
        let mut tx = ctx.table.transaction();
        mail::queue(
            ctx,
            &*ctx.secrets.keyring().await,
            &mut tx,
            Recipient::without_account(&to),
            message,
        )
        .unwrap();
        tx.commit(Log::Nothing("only the mail is looked at")).await.unwrap();
    }
    wait_for_delivery(&app).await;

    let mut taken = moto.taken().await;
    taken.remove("ada@example.com").expect("the registration's own");
    assert!(taken.keys().eq(expected.keys()), "{:?}", taken.keys());
    for (to, mail) in taken {
        let expected = &expected[&to];
        assert_eq!(mail.record["subject"], expected.subject);
        assert_eq!(mail.record["body"], expected.html);
        assert_eq!(mail.request["Action"], "SendEmail");
        assert_eq!(mail.request["Message.Subject.Data"], expected.subject);
        assert_eq!(mail.request["Message.Body.Text.Data"], expected.text);
        assert_eq!(mail.request["Message.Body.Html.Data"], expected.html);
    }
    for queue in [keys::QUEUED_CODE_MAILS, keys::QUEUED_MAILS] {
        assert!(app.items(queue, "").await.is_empty());
    }
}

/// SES refuses an unverified sender, which may be verified shortly after a deployment.
#[tokio::test]
async fn mail_from_an_unverified_sender_is_retried() {
    let moto = Moto::start().await;
    let app = moto.app().await;
    register(&app, "ada@example.com").await;
    wait_for_delivery(&app).await;
    assert!(!moto.requests().await.is_empty(), "it was tried");
    assert!(moto.taken().await.is_empty());
    assert_eq!(app.items(keys::QUEUED_CODE_MAILS, "").await.len(), 1);

    moto.verify_sender().await;
    // The worker's retry delays do not follow the clock of the stack.
    for _ in 0..200 {
        if app.items(keys::QUEUED_CODE_MAILS, "").await.is_empty() {
            assert!(moto.taken().await.contains_key("ada@example.com"));
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the mail is not tried again");
}
