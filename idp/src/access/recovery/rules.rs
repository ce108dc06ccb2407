//! How far a reset came, and what comes next. Pure: every way to a new password leads through [`next_step`].

use crate::access::factor::asked::{Need, Owned};
use poterne_protocol::id::{BrowserId, ChallengeId, FactorId};
use poterne_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What was proven in this very reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub(super) enum Progress {
    /// Nothing: a name was typed. If somebody has it, a code is on its way.
    Requested {
        /// The code.
        challenge: ChallengeId,
    },
    /// The code from the mail was right.
    MailConfirmed {
        /// The second factor that is asked for now, where the account needs one.
        factor: Option<FactorId>,
        /// The code that was sent, where the factor is one that is sent.
        challenge: Option<ChallengeId>,
    },
    /// The second factor was right as well.
    FactorConfirmed {
        /// Which one.
        factor: FactorId,
    },
}

/// The account of a reset, as it is in this very transaction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person<'a> {
    /// It may sign in, and its password is still the one that it had when the reset began.
    pub(super) stands: bool,
    pub(super) need: Need,
    pub(super) factors: &'a [Owned],
}

impl Person<'_> {
    fn has(&self, factor: FactorId) -> bool {
        self.factors.iter().any(|owned| owned.id == factor)
    }
}

/// What was just shown to be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// The code from the mail.
    Mail,
    /// This factor.
    Factor(FactorId),
    /// A new password that will do: it proves nothing, but it is what all was proven for.
    NewPassword,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// This second factor.
    Factor(FactorId),
    /// A second factor that the account does not have: only a letter helps.
    Letter,
    /// The new password.
    Password,
    /// The new password is set.
    Set,
    /// No.
    Refuse,
}

/// What comes next after a proof. A password is set only after the code from the mail and, where the account has or needs one, a
/// factor that it still has, both proven in this very reset, of an account that stands. `None` is the reset of a name that nobody has.
pub(super) fn next_step(progress: &Progress, proof: Proof, person: Option<&Person<'_>>) -> Next {
    let Some(person) = person.filter(|person| person.stands) else {
        return Next::Refuse;
    };
    match (proof, progress) {
        (Proof::Mail, Progress::Requested { .. }) => match person.need {
            Need::Factor(factor) => Next::Factor(factor),
            Need::Nothing => Next::Password,
            Need::Unmet => Next::Letter,
        },
        (Proof::Factor(factor), Progress::MailConfirmed { .. }) if person.has(factor) => Next::Password,
        (Proof::NewPassword, Progress::MailConfirmed { .. }) if person.need == Need::Nothing => Next::Set,
        (Proof::NewPassword, Progress::FactorConfirmed { factor }) if person.has(*factor) => Next::Set,
        _ => Next::Refuse,
    }
}

/// A reset as far as the rules look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    pub(super) browser: BrowserId,
    pub(super) progress: Progress,
    pub(super) expires_at: Timestamp,
    pub(super) finished: bool,
}

/// Where a request to the pages of a reset stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// There is no such reset here: begin again.
    Elsewhere,
    /// Its time is over, or the account changed meanwhile.
    Over,
    /// The code from the mail comes next.
    Code,
    /// The second factor comes next.
    Factor,
    /// Only a letter helps.
    Letter,
    /// The new password comes next.
    Password,
    /// The password is changed.
    Done,
}

/// Where a request stands.
pub(super) fn stand(facts: Option<Facts>, browser: Option<BrowserId>, person: Option<&Person<'_>>, now: Timestamp) -> Stand {
    let Some(facts) = facts.filter(|facts| browser == Some(facts.browser)) else {
        return Stand::Elsewhere;
    };
    if facts.finished {
        return Stand::Done;
    }
    if now >= facts.expires_at {
        return Stand::Over;
    }
    if let Progress::Requested { .. } = facts.progress {
        return Stand::Code;
    }
    let Some(person) = person.filter(|person| person.stands) else {
        return Stand::Over;
    };
    match (facts.progress, person.need) {
        (Progress::MailConfirmed { .. }, Need::Factor(_)) => Stand::Factor,
        (Progress::MailConfirmed { .. }, Need::Unmet) => Stand::Letter,
        (Progress::MailConfirmed { .. }, Need::Nothing) => Stand::Password,
        (Progress::FactorConfirmed { factor }, _) if person.has(factor) => Stand::Password,
        (Progress::Requested { .. } | Progress::FactorConfirmed { .. }, _) => Stand::Over,
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
