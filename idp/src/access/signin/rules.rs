//! What comes next in a sign-in. Pure: every way to a session leads through [`next_step`].

use crate::access::flow::{Flow, Progress};
use crate::settings::{FactorKind, Population};
use poterne_protocol::claims::level::{Amr, Level, amr};
use poterne_protocol::id::{AccountId, BrowserId, FactorId};
use poterne_protocol::time::Timestamp;
use std::time::Duration;

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
        (Progress::Started | Progress::Authenticated { .. }, true) => Stand::Password,
    }
}

/// A factor that an account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owned {
    pub(super) id: FactorId,
    pub(super) kind: FactorKind,
}

/// What an account must prove beside its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing.
    Nothing,
    /// A second factor; this one is asked for first.
    Factor(FactorId),
    /// A second factor that it does not have: it cannot sign in.
    Unmet,
}

/// What an account of this population must prove. A factor that it has is always asked for, in the population's order; and who once
/// had a factor never signs in without (I-31). An unknown population asks for one.
pub(super) fn need(population: Option<&Population>, level: Level, factors: &[Owned]) -> Need {
    let order = population.map_or(FactorKind::ALL.as_slice(), |population| &population.factors);
    let place = |factor: &&Owned| order.iter().position(|kind| *kind == factor.kind).unwrap_or(order.len());
    if let Some(first) = factors.iter().min_by_key(place) {
        return Need::Factor(first.id);
    }
    let none_asked = population.is_some_and(|population| population.factors.is_empty());
    if none_asked && level == Level::Single { Need::Nothing } else { Need::Unmet }
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

/// Whole minutes of a wait, as the page says them; never none.
#[must_use]
pub fn minutes(wait: Duration) -> u32 {
    u32::try_from(wait.as_secs().div_ceil(60).max(1)).unwrap_or(u32::MAX)
}

/// Whole seconds of a wait, rounded up.
pub(super) fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
