//! Telling an organization's owner of an invoice. Done by the worker.

use super::audience::{Channels, Way};
use super::news::{News, is_of_use, rows_of, tell_one};
use crate::accounts::Name;
use crate::billing::PaymentNews;
use crate::clients::Client;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::keys;
use crate::error::Result;
use crate::mail::Message;
use crate::work::{Left, Work, note};

/// The news with what their organization is called.
struct Payment<'a> {
    news: &'a PaymentNews,
    client: Name,
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
        Message::payment(ctx, name, &self.client, self.news)
    }
}

/// Tells whoever owns the organization now. Nothing is told of one that is gone, or later than three days.
pub async fn tell(ctx: &Context, work: &Work, news: &PaymentNews) -> Result<()> {
    let client = ctx.table.get::<Client>(&keys::client(&news.client_id)).await?;
    if let Some(client) = client.filter(Client::exists) {
        let payment = Payment { news, client: client.name };
        if is_of_use(ctx, &payment) {
            let found = ctx.table.batch_get_any(&rows_of(&client.owner_id)).await?;
            tell_one(ctx, &payment, &found, client.owner_id).await?;
        }
    }
    note(ctx, work, Left::Nothing).await
}
