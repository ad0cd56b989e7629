//! Credentials as operations have them, and tokens by the rows that minting writes.

use shared::accounts::Name;
use shared::dynamo::Condition;
use shared::error::Error;
use shared::sessions::{self, Authenticated};
use shared::tokens::{Holder, PlainToken, Token};

use crate::{Person, World};

impl World {
    /// A person's session, as operations are given it.
    pub async fn session(&self, person: &Person) -> Authenticated {
        let ctx = self.stack().context();
        let token = person.session.as_ref().expect("somebody signed in");
        let named = sessions::named(ctx, token).await.expect("a session of ours");
        sessions::authenticate(ctx, &named).await.expect("a live session")
    }

    /// A token of a person, by the row that minting writes: with `change`, also one that was revoked or
    /// has expired.
    pub async fn token(&self, person: &Person, change: impl FnOnce(&mut Token)) -> String {
        let ctx = self.stack().context();
        let user_id = person.id().await;
        let number = u32::from_le_bytes(ctx.random.bytes());
        let plain = PlainToken::generate(&*ctx.random, Holder::User(user_id.clone()), number);
        let mut token = Token {
            holder: Holder::User(user_id.clone()),
            number,
            name: Name::parse("ci").unwrap(),
            hash: plain.hash(),
            ending: plain.ending(),
            client_id: None,
            generation: 0,
            created_by: user_id,
            created_at: ctx.now(),
            rotated_at: None,
            last_used_at: Some(ctx.now()),
            expires_at: None,
            revoked_at: None,
        };
        change(&mut token);
        ctx.table.put(&token, Condition::Absent, Error::NotFound).await.unwrap();
        plain.reveal().to_owned()
    }
}
