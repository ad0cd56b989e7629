//! Somebody's authenticator.

use data_encoding::BASE32_NOPAD;
use serde_json::json;
use totp_rs::{Algorithm, Builder, Secret};

use crate::{Visitor, World};

/// The app that shows codes.
#[derive(Clone, Debug)]
pub struct AuthenticatorApp(Vec<u8>);

impl AuthenticatorApp {
    /// Sets the second factor up, but doesn't turn it on yet.
    pub async fn set_up(signed_in: &Visitor) -> Self {
        let setup = signed_in.post("/v1/2fa/setup", json!({})).await.expect(200).json();
        let secret = setup["secret"].as_str().unwrap();
        Self(BASE32_NOPAD.decode(secret.as_bytes()).unwrap())
    }

    /// Turns it on.
    pub async fn turned_on(world: &World, signed_in: &Visitor) -> Self {
        let app = Self::set_up(signed_in).await;
        let code = app.code(world).await;
        signed_in.post("/v1/2fa/enable", json!({"code": code})).await.expect(200);
        app
    }

    /// What it shows now.
    pub async fn code(&self, world: &World) -> String {
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_secret(Secret::new(self.0.clone().into()))
            .build()
            .unwrap();
        totp.generate(u64::try_from(world.now().await).unwrap()).to_string()
    }
}
