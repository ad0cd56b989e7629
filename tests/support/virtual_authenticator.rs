//! Chromium's virtual authenticator: a device that keeps passkeys and verifies its user.

use serde_json::{Value, json};

use crate::Chromium;

/// A virtual authenticator of a browser.
pub struct VirtualAuthenticator<'b> {
    browser: &'b Chromium,
    id: Value,
    /// The script that hides the autofill from pages.
    without_autofill: Option<Value>,
}

impl<'b> VirtualAuthenticator<'b> {
    /// Connects an authenticator that is built into the device, syncs its passkeys, and whose user agrees to every
    /// prompt. Pages do not offer passkeys in the field of the address.
    pub async fn connect(browser: &'b Chromium) -> Self {
        browser.dev_tools("WebAuthn.enable", json!({"enableUI": false})).await;
        let options = json!({"options": {
            "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true,
            "defaultBackupEligibility": true, "defaultBackupState": true,
        }});
        let added = browser.dev_tools("WebAuthn.addVirtualAuthenticator", options).await;
        let id = added["authenticatorId"].clone();
        let mut device = Self { browser, id, without_autofill: None };
        device.autofill(false).await;
        device
    }

    /// Lets pages offer passkeys in the field of the address, or not. Chromium does so first, and the user of the
    /// virtual authenticator agrees at once.
    pub async fn autofill(&mut self, is_on: bool) {
        if let Some(script) = self.without_autofill.take() {
            let parameters = json!({"identifier": script});
            self.browser.dev_tools("Page.removeScriptToEvaluateOnNewDocument", parameters).await;
        }
        if !is_on {
            let source = "delete PublicKeyCredential.isConditionalMediationAvailable";
            let parameters = json!({"source": source});
            let added =
                self.browser.dev_tools("Page.addScriptToEvaluateOnNewDocument", parameters).await;
            self.without_autofill = Some(added["identifier"].clone());
        }
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
