//! Calls of the function `admin`.

use serde_json::{Value, json};

use crate::{Person, TestApp};

/// The operator of every call.
pub const OPERATOR: &str = "grace@operator.example";

/// Lists the actions of support in a user's own log, the newest first.
pub async fn support_actions(person: &Person) -> Vec<String> {
    let log = person.get("/v1/me/activity").await.expect(200).json();
    let events = log["data"].as_array().unwrap().clone();
    let by_support = events.into_iter().filter(|event| event["support"] == true);
    by_support.map(|event| event["action"].as_str().unwrap().to_owned()).collect()
}

impl TestApp {
    /// Has an operator do something for the ticket `T-1`. Returns the whole answer.
    pub async fn operate(&self, action: Value) -> Value {
        let reason = "asked by the owner";
        let call =
            json!({"operator": OPERATOR, "ticket": "T-1", "reason": reason, "action": action});
        self.visitor().post("/local/admin", call).await.expect(200).json()
    }

    /// Has an operator do something. Returns the result.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn operate_well(&self, action: Value) -> Value {
        let answer = self.operate(action).await;
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].clone()
    }

    /// Has an operator try something that is refused with `code`.
    ///
    /// # Panics
    /// If it is not refused, or with another code.
    pub async fn operate_refused(&self, action: Value, code: &str) {
        let answer = self.operate(action).await;
        assert_eq!(answer["error"]["code"], code, "{answer}");
    }

    /// Switches a feature on or off, and lets the processes notice it.
    pub async fn set_switch(&self, feature: &str, on: bool) {
        self.operate_well(json!({"name": "set_switch", "feature": feature, "on": on})).await;
        self.advance_clock(31).await;
    }
}
