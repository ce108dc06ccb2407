//! What an account must prove beside its password, and on which roads it is asked.

use super::pages::Reason;
use crate::access::factor::otp::Purpose;
use crate::settings::{FactorKind, Population};
use poterne_protocol::claims::level::Level;
use poterne_protocol::id::{FactorId, FlowId, RecoveryId};

/// A factor that an account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owned {
    /// Names the factor.
    pub id: FactorId,
    /// What it is.
    pub kind: FactorKind,
}

/// What an account must prove beside its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// A second factor; this one is asked for first.
    Factor(FactorId),
    /// A second factor that it does not have: it cannot go on.
    Unmet,
}

/// What an account of this population must prove. A factor that it has is always asked for, in the population's order; and who once
/// had a factor never goes on without (I-31). An unknown population asks for one.
#[must_use]
pub fn need(population: Option<&Population>, level: Level, factors: &[Owned]) -> Need {
    let order = population.map_or(FactorKind::ALL.as_slice(), |population| &population.factors);
    let place = |factor: &&Owned| order.iter().position(|kind| *kind == factor.kind).unwrap_or(order.len());
    if let Some(first) = factors.iter().min_by_key(place) {
        return Need::Factor(first.id);
    }
    let none_asked = population.is_some_and(|population| population.factors.is_empty());
    if none_asked && level == Level::Single { Need::Nothing } else { Need::Unmet }
}

/// On what a factor is asked for: its codes are bound to that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// A sign-in.
    SignIn(FlowId),
    /// The reset of a forgotten password.
    Reset(RecoveryId),
}

impl On {
    /// What its codes are sent for.
    #[must_use]
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::SignIn(_) => Purpose::SignIn,
            Self::Reset(_) => Purpose::ResetFactor,
        }
    }

    /// The bytes of its id.
    #[must_use]
    pub const fn owner(self) -> [u8; 16] {
        match self {
            Self::SignIn(flow) => *flow.as_bytes(),
            Self::Reset(recovery) => *recovery.as_bytes(),
        }
    }

    /// What the page says it is for.
    pub(super) const fn shown(self) -> Reason {
        match self {
            Self::SignIn(_) => Reason::SignIn,
            Self::Reset(_) => Reason::Reset,
        }
    }

    /// The event of a code that left.
    #[must_use]
    pub const fn code_sent(self) -> &'static str {
        match self {
            Self::SignIn(_) => "login.code_sent",
            Self::Reset(_) => "password.reset_factor_sent",
        }
    }

    /// The event of a wrong try.
    #[must_use]
    pub const fn failed(self) -> &'static str {
        match self {
            Self::SignIn(_) => "login.factor_failed",
            Self::Reset(_) => "password.reset_factor_failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: Owned = Owned { id: FactorId::from_bytes([5; 16]), kind: FactorKind::Sms };
    const APP: Owned = Owned { id: FactorId::from_bytes([6; 16]), kind: FactorKind::Totp };

    fn population(factors: &[FactorKind]) -> Population {
        let text = r#"
            key = "insured"
            name = { fr = "Assurés" }
            identifier = []
            code = { label = { fr = "Code" } }
        "#;
        Population { factors: factors.to_vec(), ..toml::from_str(text).unwrap() }
    }

    #[test]
    fn a_second_factor_is_asked_wherever_there_is_one_or_should_be() {
        let (none, both) = (population(&[]), population(&[FactorKind::Sms, FactorKind::Totp]));
        let app_first = population(&[FactorKind::Totp, FactorKind::Sms]);
        for (population, level, factors, expected) in [
            (Some(&both), Level::Multi, &[PHONE][..], Need::Factor(PHONE.id)),
            (Some(&both), Level::Multi, &[APP, PHONE], Need::Factor(PHONE.id)),
            (Some(&app_first), Level::Multi, &[PHONE, APP], Need::Factor(APP.id)),
            (Some(&both), Level::Multi, &[], Need::Unmet),
            (Some(&both), Level::Single, &[], Need::Unmet),
            (Some(&none), Level::Single, &[], Need::Nothing),
            // I-31: the level never falls, whatever the population says today.
            (Some(&none), Level::Multi, &[], Need::Unmet),
            (Some(&none), Level::Single, &[PHONE], Need::Factor(PHONE.id)),
            (None, Level::Single, &[], Need::Unmet),
            (None, Level::Single, &[APP], Need::Factor(APP.id)),
        ] {
            assert_eq!(need(population, level, factors), expected, "{level:?} {factors:?}");
        }
    }
}
