//! Telling an organization's owner of an invoice. Done by the worker.

use super::audience::{Channels, Way};
use super::news::{News, is_of_use, rows_of, tell_one};
use crate::billing::PaymentNews;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;
use crate::keys;
use crate::mail::Message;
use crate::organizations::Organization;
use crate::values::Name;
use crate::work::{JobRecord, Progress, complete_step};

/// The news with what their organization is called.
struct Payment<'a> {
    news: &'a PaymentNews,
    organization: Name,
}

impl News for Payment<'_> {
    fn name(&self) -> String {
        format!("payment {}", self.news.name())
    }

    fn at(&self) -> Timestamp {
        self.news.at
    }

    fn ways(&self, channels: Channels) -> Vec<Way> {
        channels.billing_alerts.ways()
    }

    fn mail(&self, ctx: &Context, name: &Name) -> Message {
        Message::payment(ctx, name, &self.organization, self.news)
    }
}

/// Tells whoever owns the organization now. Nothing is told of one that is gone, or later than three days.
pub async fn tell(ctx: &Context, work: &JobRecord, news: &PaymentNews) -> Result<()> {
    let organization = ctx.table.get::<Organization>(&keys::organization(&news.client_id)).await?;
    if let Some(organization) = organization.filter(Organization::exists) {
        let payment = Payment { news, organization: organization.name };
        if is_of_use(ctx, &payment) {
            let found = ctx.table.batch_get_any(&rows_of(&organization.owner_id)).await?;
            tell_one(ctx, &payment, &found, organization.owner_id).await?;
        }
    }
    complete_step(ctx, work, Progress::Done).await
}
