//! What comes next in a sign-in. Pure: every way to a session leads through [`next_step`].

use crate::access::factor::asked::{Means, Need, Owned};
use crate::access::flow::{Flow, Progress};
use crate::settings::FactorKind;
pub(super) use crate::web::form::minutes;
use poterne_protocol::claims::level::{Amr, amr};
use poterne_protocol::id::{AccountId, BrowserId, FactorId};
use poterne_protocol::time::Timestamp;

/// Where a request to a flow's pages stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// There is no such flow (any more).
    Gone,
    /// Its time is over, or another browser has finished it.
    Over,
    /// This browser has finished it.
    Finished,
    /// Another browser owns it.
    Elsewhere,
    /// Name and password come next.
    Password,
    /// The second factor comes next.
    Factor,
    /// Everything is proven: the authorization endpoint goes on.
    Done,
}

/// Where a request stands. `session_lives` is whether the session that came of the flow still lives in this browser.
pub(super) fn stand(flow: Option<&Flow>, browser: Option<BrowserId>, session_lives: bool, now: Timestamp) -> Stand {
    let Some(flow) = flow else {
        return Stand::Gone;
    };
    let mine = browser == Some(flow.browser);
    match (&flow.progress, flow.is_open(now)) {
        (_, false) if mine && flow.finished_at.is_some() => Stand::Finished,
        (_, false) => Stand::Over,
        (_, true) if !mine => Stand::Elsewhere,
        (Progress::Password { .. }, true) => Stand::Factor,
        (Progress::Authenticated { .. }, true) if session_lives => Stand::Done,
        (Progress::Started | Progress::Chosen { .. } | Progress::Authenticated { .. }, true) => Stand::Password,
    }
}

/// What was just shown to be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// The password.
    Password,
    /// This factor.
    Factor(FactorId),
}

/// The account that the proof is of, as it is in this very transaction.
#[derive(Debug, Clone)]
pub(super) struct Person<'a> {
    pub(super) account: AccountId,
    pub(super) active: bool,
    pub(super) need: Need,
    pub(super) factors: &'a [Owned],
}

impl<'a> Person<'a> {
    /// As the account stands now.
    pub(super) fn of(means: &'a Means, now: Timestamp) -> Self {
        Self { account: means.account.id, active: means.account.is_active(now), need: means.need, factors: &means.owned }
    }
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// A session, proven in these ways.
    Session(Vec<Amr>),
    /// This second factor.
    Factor(FactorId),
    /// No.
    Refuse,
}

/// What comes next after a proof: a session only for an active account that has proven its password and, where it needs one, a factor
/// of its own in the same flow.
pub(super) fn next_step(progress: &Progress, proof: Proof, person: &Person<'_>) -> Next {
    if !person.active {
        return Next::Refuse;
    }
    match (proof, progress) {
        (Proof::Password, _) => match person.need {
            Need::Nothing => Next::Session(amr(&[Amr::Pwd])),
            Need::Factor(factor) => Next::Factor(factor),
            Need::Unmet => Next::Refuse,
        },
        (Proof::Factor(factor), Progress::Password { account, .. }) if *account == person.account => {
            let shown = person.factors.iter().find(|owned| owned.id == factor);
            shown.map_or(Next::Refuse, |owned| Next::Session(amr(&[Amr::Pwd, method(owned.kind)])))
        }
        (Proof::Factor(_), _) => Next::Refuse,
    }
}

const fn method(kind: FactorKind) -> Amr {
    match kind {
        FactorKind::Sms => Amr::Sms,
        FactorKind::Totp => Amr::Otp,
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
