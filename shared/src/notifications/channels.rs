//! Selection of the channels of a notification.

use super::{AlertChannel, RunChannel};
use crate::runs::{Run, RunKind, RunStatus};

/// A user's choice of channels: [`super::Preferences`] without the webhook, which only delivery decrypts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ChannelChoices {
    pub(super) test_failures: RunChannel,
    pub(super) scheduled_runs: RunChannel,
    pub(super) usage_alerts: AlertChannel,
    pub(super) billing_alerts: AlertChannel,
}

/// Channel of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    Mail,
    Slack,
}

impl Channel {
    /// Returns the name for the key of a delivery record.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Slack => "slack",
        }
    }
}

impl AlertChannel {
    /// Returns the channels of an alert.
    pub(super) fn channels(self) -> Vec<Channel> {
        match self {
            Self::Email => vec![Channel::Mail],
            Self::None => Vec::new(),
        }
    }
}

impl ChannelChoices {
    /// Returns the channels for a run that ended. A channel occurs once, also if the run is both failed and
    /// scheduled.
    pub(super) fn run_channels(self, run: &Run) -> Vec<Channel> {
        let failed = (run.status == RunStatus::Failed).then_some(self.test_failures);
        let scheduled = (run.kind == RunKind::Scheduled && run.status != RunStatus::Running)
            .then_some(self.scheduled_runs);
        let is_wanted = |choice| failed == Some(choice) || scheduled == Some(choice);
        let channels = [(RunChannel::Email, Channel::Mail), (RunChannel::Slack, Channel::Slack)];
        let wanted = channels.into_iter().filter(|(choice, _)| is_wanted(*choice));
        wanted.map(|(_, channel)| channel).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::ids::{OrganizationId, ProjectId, RunId};
    use crate::random::SystemRandom;
    use crate::values::Name;

    fn run(kind: RunKind, status: RunStatus) -> Run {
        let (random, now) = (&SystemRandom, Timestamp::from_seconds(1));
        let project = ProjectId::generate(random, now, &OrganizationId::generate(random));
        Run {
            id: RunId::generate(random, now, &project),
            kind,
            name: Name::parse("x").unwrap(),
            status,
            summary: None,
            created_at: now,
            finished_at: Some(now),
        }
    }

    #[test]
    fn each_channel_is_used_at_most_once() {
        use Channel::Mail;
        use RunChannel::{Email, None, Slack};
        let all = [Email, Slack, None];
        for (test_failures, scheduled_runs) in
            all.into_iter().flat_map(|one| all.map(|other| (one, other)))
        {
            let choices =
                ChannelChoices { test_failures, scheduled_runs, ..ChannelChoices::default() };
            let channels = |kind, status| choices.run_channels(&run(kind, status));
            let expected = |choices: &[RunChannel]| {
                let channels = [(Email, Mail), (Slack, Channel::Slack)].into_iter();
                channels
                    .filter(|(choice, _)| choices.contains(choice))
                    .map(|(_, channel)| channel)
                    .collect::<Vec<_>>()
            };
            assert_eq!(channels(RunKind::Manual, RunStatus::Succeeded), []);
            assert_eq!(channels(RunKind::Manual, RunStatus::Failed), expected(&[test_failures]));
            assert_eq!(
                channels(RunKind::Scheduled, RunStatus::Succeeded),
                expected(&[scheduled_runs])
            );
            let both = expected(&[test_failures, scheduled_runs]);
            assert_eq!(channels(RunKind::Scheduled, RunStatus::Failed), both);
            assert_eq!(channels(RunKind::Scheduled, RunStatus::Running), []);
        }
    }
}
