//! An enrollment as it is kept on its way: what is proven and entered so far.
//!
//! The domain's steps: started (nothing is kept yet), identified, data entered, e-mail confirmed, factor chosen, factor confirmed,
//! completed. A confirmed factor is never kept: it becomes an account in the same transaction, as [`Proven`].

use crate::lang::Lang;
use crate::settings::FactorKind;
use poterne_protocol::id::{AccountId, ChallengeId};
use poterne_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Who the person is, as step 1 found out. Identification is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identified {
    /// The answers as they are shown again: masked where the domain asks for it, the code not among them.
    pub answers: Vec<Answered>,
    /// The terms accepted, where the population has any.
    pub terms: Option<AcceptedTerms>,
}

/// One answer of step 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The population's field.
    pub field: String,
    /// What is shown of it.
    pub shown: String,
}

/// The terms a person accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedTerms {
    /// Their version.
    pub version: u32,
    /// The language they were shown in.
    pub language: Lang,
    /// SHA-256 of the text shown.
    pub hash: [u8; 32],
    /// When.
    pub at: Timestamp,
}

/// What step 2 asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserData {
    /// Canonical e-mail address.
    pub email: String,
    /// Argon2id, in PHC form; the password itself is kept nowhere.
    pub password_hash: String,
    /// Form of address, where names are asked: `ms`, `mr` or `none`.
    pub title: Option<String>,
    /// Last name, where names are asked.
    pub last_name: Option<String>,
    /// First name, where names are asked.
    pub first_name: Option<String>,
}

/// The factor chosen in step 4, not yet confirmed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChosenFactor {
    /// Codes by text message.
    Sms {
        /// The number, in E.164 form.
        number: String,
        /// The code that was sent to it.
        challenge: ChallengeId,
    },
    /// An authenticator app.
    Totp {
        /// The secret it shares with the provider.
        secret: Vec<u8>,
    },
}

impl ChosenFactor {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> FactorKind {
        match self {
            Self::Sms { .. } => FactorKind::Sms,
            Self::Totp { .. } => FactorKind::Totp,
        }
    }
}

/// Steps 1 and 2 done.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    /// Who the person is.
    pub who: Identified,
    /// What step 2 asked.
    pub data: UserData,
    /// The code sent to the address.
    pub confirmation: ChallengeId,
    /// The factor chosen before the address was changed: an entry kept, not a proof.
    pub factor: Option<ChosenFactor>,
}

/// Steps 1 to 3 done.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// Steps 1 and 2.
    #[serde(flatten)]
    pub entered: Entered,
    /// When the address was proven.
    pub email_confirmed_at: Timestamp,
}

/// An enrollment as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Draft {
    /// Step 1 is done.
    Identified {
        /// Who the person is.
        who: Identified,
    },
    /// Step 2 is done, and a code was sent to the address.
    DataEntered(Entered),
    /// Step 3 is done.
    EmailConfirmed(Confirmed),
    /// Step 4 is done.
    FactorChosen {
        /// Steps 1 to 3.
        confirmed: Confirmed,
        /// The factor to be confirmed.
        chosen: ChosenFactor,
    },
    /// The account exists.
    Completed {
        /// The account.
        account: AccountId,
        /// Its user name.
        email: String,
    },
}

/// Everything an account needs, proven. Only [`Draft::proven`] makes one.
#[derive(Clone)]
pub struct Proven {
    /// Steps 1 to 3.
    pub confirmed: Confirmed,
    /// The factor, where the population asks for one.
    pub factor: Option<ChosenFactor>,
}

/// Proof that the code of the chosen factor was right, or that none is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorProof {
    /// The code of this kind of factor was right.
    Right(FactorKind),
    /// Nothing was shown.
    Nothing,
}

impl Draft {
    /// The name of the state in the database and in the audit trail.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Identified { .. } => "identified",
            Self::DataEntered(_) => "data_entered",
            Self::EmailConfirmed(_) => "email_confirmed",
            Self::FactorChosen { .. } => "factor_chosen",
            Self::Completed { .. } => "completed",
        }
    }

    /// Who the person is; nothing of it is kept once the account exists.
    #[must_use]
    pub const fn who(&self) -> Option<&Identified> {
        match self {
            Self::Identified { who } => Some(who),
            Self::DataEntered(entered) => Some(&entered.who),
            Self::EmailConfirmed(confirmed) | Self::FactorChosen { confirmed, .. } => Some(&confirmed.entered.who),
            Self::Completed { .. } => None,
        }
    }

    /// Steps 1 and 2, once both are done and as long as there is no account.
    #[must_use]
    pub const fn entered(&self) -> Option<&Entered> {
        match self {
            Self::DataEntered(entered) => Some(entered),
            Self::EmailConfirmed(confirmed) | Self::FactorChosen { confirmed, .. } => Some(&confirmed.entered),
            Self::Identified { .. } | Self::Completed { .. } => None,
        }
    }

    /// The factor chosen last, confirmed or not, still counting or not: what step 4 shows again.
    #[must_use]
    pub fn factor(&self) -> Option<&ChosenFactor> {
        match self {
            Self::FactorChosen { chosen, .. } => Some(chosen),
            other => other.entered().and_then(|entered| entered.factor.as_ref()),
        }
    }

    /// Whether the address in use is proven.
    #[must_use]
    pub const fn email_is_confirmed(&self) -> bool {
        matches!(self, Self::EmailConfirmed(_) | Self::FactorChosen { .. })
    }

    /// Whether entering this address asks for a confirmation it has not had or begun.
    #[must_use]
    pub fn needs_confirmation_of(&self, email: &str) -> bool {
        self.entered().is_none_or(|entered| entered.data.email != email)
    }

    /// Step 2, for the first time or again. The same address stays as far proven as it was; another one is to be confirmed by
    /// `confirmation`, the code just sent to it.
    /// `None` where there is an account already.
    pub fn enter_data(self, data: UserData, confirmation: ChallengeId) -> Option<Self> {
        let again = !self.needs_confirmation_of(&data.email);
        let factor = self.factor().cloned();
        match self {
            Self::Completed { .. } => None,
            Self::DataEntered(entered) if again => Some(Self::DataEntered(Entered { data, ..entered })),
            Self::EmailConfirmed(mut confirmed) if again => {
                confirmed.entered.data = data;
                Some(Self::EmailConfirmed(confirmed))
            }
            Self::FactorChosen { mut confirmed, chosen } if again => {
                confirmed.entered.data = data;
                Some(Self::FactorChosen { confirmed, chosen })
            }
            Self::Identified { who }
            | Self::DataEntered(Entered { who, .. })
            | Self::EmailConfirmed(Confirmed { entered: Entered { who, .. }, .. })
            | Self::FactorChosen { confirmed: Confirmed { entered: Entered { who, .. }, .. }, .. } => {
                Some(Self::DataEntered(Entered { who, data, confirmation, factor }))
            }
        }
    }

    /// A further code was sent to the address under a challenge of its own.
    /// `None` where no address waits to be confirmed.
    pub fn renew_confirmation(self, confirmation: ChallengeId) -> Option<Self> {
        match self {
            Self::DataEntered(entered) => Some(Self::DataEntered(Entered { confirmation, ..entered })),
            _ => None,
        }
    }

    /// Step 3: the code from the mail was right.
    /// `None` where no address waits to be confirmed.
    pub fn confirm_email(self, at: Timestamp) -> Option<Self> {
        match self {
            Self::DataEntered(entered) => Some(Self::EmailConfirmed(Confirmed { entered, email_confirmed_at: at })),
            _ => None,
        }
    }

    /// Step 4, for the first time or again.
    /// `None` where the address is not confirmed yet, or there is an account already.
    pub fn choose_factor(self, chosen: ChosenFactor) -> Option<Self> {
        match self {
            Self::EmailConfirmed(mut confirmed) | Self::FactorChosen { mut confirmed, .. } => {
                confirmed.entered.factor = None;
                Some(Self::FactorChosen { confirmed, chosen })
            }
            _ => None,
        }
    }

    /// Step 5: everything is proven. `factors` are those the population asks for now.
    /// `None` where a proof is missing.
    pub fn proven(self, proof: FactorProof, factors: &[FactorKind]) -> Option<Proven> {
        match (self, proof) {
            (Self::EmailConfirmed(confirmed) | Self::FactorChosen { confirmed, .. }, FactorProof::Nothing)
                if factors.is_empty() =>
            {
                Some(Proven { confirmed, factor: None })
            }
            (Self::FactorChosen { confirmed, chosen }, FactorProof::Right(kind))
                if chosen.kind() == kind && factors.contains(&kind) =>
            {
                Some(Proven { confirmed, factor: Some(chosen) })
            }
            _ => None,
        }
    }
}

impl Proven {
    /// What is kept of the enrollment once the account exists.
    #[must_use]
    pub fn completed(&self, account: AccountId) -> Draft {
        Draft::Completed { account, email: self.confirmed.entered.data.email.clone() }
    }
}
