//! Chromium's virtual authenticator: a device that keeps passkeys and verifies its user.

use serde_json::{Value, json};

use crate::Chromium;

/// A virtual authenticator of a browser.
pub struct VirtualAuthenticator<'b> {
    browser: &'b Chromium,
    id: Value,
}

impl<'b> VirtualAuthenticator<'b> {
    /// Connects an authenticator that is built into the device, syncs its passkeys, and whose user agrees to every prompt.
    pub async fn connect(browser: &'b Chromium) -> Self {
        browser.dev_tools("WebAuthn.enable", json!({"enableUI": false})).await;
        let options = json!({"options": {
            "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true,
            "defaultBackupEligibility": true, "defaultBackupState": true,
        }});
        let added = browser.dev_tools("WebAuthn.addVirtualAuthenticator", options).await;
        Self { browser, id: added["authenticatorId"].clone() }
    }

    /// Lets the user agree to prompts, or leaves them open.
    pub async fn agree(&self, agrees: bool) {
        let parameters = json!({"authenticatorId": self.id, "enabled": agrees});
        self.browser.dev_tools("WebAuthn.setAutomaticPresenceSimulation", parameters).await;
    }

    /// Returns the only passkey that the authenticator keeps.
    pub async fn passkey(&self) -> Value {
        let parameters = json!({"authenticatorId": self.id});
        let found = self.browser.dev_tools("WebAuthn.getCredentials", parameters).await;
        let passkeys = found["credentials"].as_array().unwrap();
        assert_eq!(passkeys.len(), 1, "{found}");
        passkeys[0].clone()
    }

    /// Puts a copy of a passkey in its place, as it was earlier.
    pub async fn put_back(&self, passkey: &Value) {
        let id = &passkey["credentialId"];
        let parameters = json!({"authenticatorId": self.id, "credentialId": id});
        self.browser.dev_tools("WebAuthn.removeCredential", parameters).await;
        let parameters = json!({"authenticatorId": self.id, "credential": passkey});
        self.browser.dev_tools("WebAuthn.addCredential", parameters).await;
    }
}
