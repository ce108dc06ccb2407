//! What comes next for an enrollment, and that nothing is skipped.

use super::draft::Draft;
use crate::settings::FactorKind;
use poterne_protocol::time::Timestamp;

/// The pages of an enrollment, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Step 1, to read.
    Identified,
    /// Step 2.
    Data,
    /// Step 3.
    Email,
    /// Step 4.
    Factor,
    /// Step 5.
    Confirm,
    /// The success page.
    Done,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 6] = [Self::Identified, Self::Data, Self::Email, Self::Factor, Self::Confirm, Self::Done];

    /// The last part of its URL.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Identified => "identified",
            Self::Data => "data",
            Self::Email => "email",
            Self::Factor => "factor",
            Self::Confirm => "confirm",
            Self::Done => "done",
        }
    }

    /// Reads the last part of a URL.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.path() == text)
    }

    /// Where «Retour» leads; step 1 has none.
    #[must_use]
    pub const fn before(self) -> Self {
        match self {
            Self::Identified | Self::Data => Self::Identified,
            Self::Email => Self::Data,
            Self::Factor => Self::Email,
            Self::Confirm => Self::Factor,
            Self::Done => Self::Done,
        }
    }
}

/// What a draft needs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// This page is the furthest that may be shown.
    Page(Step),
    /// Everything asked for is proven: it may become an account.
    Finish,
    /// It was left for too long.
    Expired,
}

/// What comes next for a draft, under the population's factors as they are now.
#[must_use]
pub fn next_step(draft: &Draft, factors: &[FactorKind], expires_at: Timestamp, now: Timestamp) -> Next {
    // A finished enrollment may be looked at for as long as it lies there.
    if let Draft::Completed { .. } = draft {
        return Next::Page(Step::Done);
    }
    if now >= expires_at {
        return Next::Expired;
    }
    match draft {
        Draft::Identified { .. } => Next::Page(Step::Data),
        Draft::DataEntered(_) => Next::Page(Step::Email),
        Draft::EmailConfirmed(_) | Draft::FactorChosen { .. } if factors.is_empty() => Next::Finish,
        Draft::EmailConfirmed(_) => Next::Page(Step::Factor),
        // A kind that the population has given up meanwhile is chosen again.
        Draft::FactorChosen { chosen, .. } if !factors.contains(&chosen.kind()) => Next::Page(Step::Factor),
        Draft::FactorChosen { .. } => Next::Page(Step::Confirm),
        Draft::Completed { .. } => Next::Page(Step::Done),
    }
}
