//! Who is told of what, and where.

use super::{AlertChannel, RunChannel};
use crate::runs::{Run, RunKind, RunStatus};

/// Where a person is told of what: [`super::Preferences`] without the webhook, which is opened when something
/// is posted to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Channels {
    pub(super) test_failures: RunChannel,
    pub(super) scheduled_runs: RunChannel,
    pub(super) usage_alerts: AlertChannel,
    pub(super) billing_alerts: AlertChannel,
}

/// A way to tell somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Mail,
    Slack,
}

impl Way {
    /// As it is part of a notice's key.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Slack => "slack",
        }
    }
}

impl AlertChannel {
    /// How somebody who chose this is told.
    pub(super) fn ways(self) -> Vec<Way> {
        match self {
            Self::Email => vec![Way::Mail],
            Self::None => Vec::new(),
        }
    }
}

impl Channels {
    /// How the person wants to hear of the run's end; each way once, however many reasons there are.
    pub(super) fn ways_of_run(self, run: &Run) -> Vec<Way> {
        let failed = (run.status == RunStatus::Failed).then_some(self.test_failures);
        let scheduled = (run.kind == RunKind::Scheduled && run.status != RunStatus::Running)
            .then_some(self.scheduled_runs);
        let is_wanted = |channel| failed == Some(channel) || scheduled == Some(channel);
        let ways = [(RunChannel::Email, Way::Mail), (RunChannel::Slack, Way::Slack)];
        ways.into_iter().filter(|(channel, _)| is_wanted(*channel)).map(|(_, way)| way).collect()
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
    fn each_way_is_taken_once_for_whatever_reasons() {
        use RunChannel::{Email, None, Slack};
        use Way::Mail;
        let all = [Email, Slack, None];
        for (test_failures, scheduled_runs) in
            all.into_iter().flat_map(|one| all.map(|other| (one, other)))
        {
            let channels = Channels { test_failures, scheduled_runs, ..Channels::default() };
            let ways = |kind, status| channels.ways_of_run(&run(kind, status));
            let of = |channels: &[RunChannel]| {
                let ways = [(Email, Mail), (Slack, Way::Slack)].into_iter();
                ways.filter(|(channel, _)| channels.contains(channel))
                    .map(|(_, way)| way)
                    .collect::<Vec<_>>()
            };
            assert_eq!(ways(RunKind::Manual, RunStatus::Succeeded), []);
            assert_eq!(ways(RunKind::Manual, RunStatus::Failed), of(&[test_failures]));
            assert_eq!(ways(RunKind::Scheduled, RunStatus::Succeeded), of(&[scheduled_runs]));
            let both = of(&[test_failures, scheduled_runs]);
            assert_eq!(ways(RunKind::Scheduled, RunStatus::Failed), both);
            assert_eq!(ways(RunKind::Scheduled, RunStatus::Running), []);
        }
    }
}
