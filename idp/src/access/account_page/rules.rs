//! What a visitor of the account page may see and do. Pure.

use crate::access::factor::password;
use crate::access::session::Session;
use crate::directory::account::Account;
use crate::settings::{FactorKind, Policy, Population};
use crate::urls::AccountPage;
use crate::web::form::Fault;
use poterne_protocol::id::{AccountId, SessionId};
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;

/// Whether a page is open to whoever asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// It is.
    Open,
    /// They are not signed in, or may not be any more.
    SignIn,
    /// They are, but too long ago for a change.
    ProveAgain,
}

/// Whether a page is open to this person: an active account's session, and for a change one that was proven lately.
pub(super) fn door(person: Option<(&Session, &Account)>, page: AccountPage, now: Timestamp, policy: &Policy) -> Door {
    let Some((session, _)) = person.filter(|(_, account)| account.is_active(now)) else {
        return Door::SignIn;
    };
    match page {
        AccountPage::Password if now.since(session.auth_time) > policy.fresh() => Door::ProveAgain,
        AccountPage::Overview | AccountPage::Password => Door::Open,
    }
}

/// How well an account is protected, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Safety {
    /// A password, and a factor beside it.
    Both,
    /// A password alone.
    Password,
}

/// How well an account with these factors is protected.
pub(super) const fn safety(factors: &[FactorKind]) -> Safety {
    if factors.is_empty() { Safety::Password } else { Safety::Both }
}

/// What a button asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// To end one session.
    End(SessionId),
    /// To end all.
    Everywhere,
}

/// Reads a button of the list of sessions.
pub(super) fn wish(action: &str) -> Option<Wish> {
    match action.strip_prefix("end:") {
        Some(id) => id.parse().ok().map(Wish::End),
        None => (action == "everywhere").then_some(Wish::Everywhere),
    }
}

/// What ending a session means for whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It is the one they are in: they are signed out.
    This,
    /// It is another of theirs.
    Other,
    /// It is nobody's, or not theirs: nothing happens.
    Nothing,
}

/// What ending this session means. `found` is the session named, if it lives.
pub(super) fn ending(found: Option<(SessionId, AccountId)>, current: SessionId, account: AccountId) -> Ending {
    match found {
        Some((id, owner)) if owner == account => {
            if id == current {
                Ending::This
            } else {
                Ending::Other
            }
        }
        _ => Ending::Nothing,
    }
}

/// A change that was just made, which the overview confirms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Done {
    /// Another session was ended.
    Session,
    /// The language of mails is another.
    Language,
    /// The password is another.
    Password,
    /// An application has no access any more.
    App,
}

impl Done {
    const ALL: [Self; 4] = [Self::Session, Self::Language, Self::Password, Self::App];

    /// As the address says it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Language => "language",
            Self::Password => "password",
            Self::App => "app",
        }
    }

    /// Reads the address; anything else confirms nothing.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.as_str() == text)
    }
}

/// The form of a change of password, as it was typed.
pub(super) struct Typed {
    pub(super) current: Secret,
    pub(super) new: Secret,
    pub(super) repeated: Secret,
}

/// What is wrong with the form; it costs no try. `judged` is what is wrong with the new password as such.
pub(super) fn faults(typed: &Typed, population: Option<&Population>, judged: &[Fault]) -> Vec<(&'static str, Fault)> {
    let mut faults = Vec::new();
    match typed.current.expose() {
        "" => faults.push(("current", Fault::Required)),
        text if text.chars().count() > password::LONGEST as usize => faults.push(("current", Fault::TooLong(password::LONGEST))),
        _ => {}
    }
    faults.extend(judged.iter().map(|fault| ("password", *fault)));
    if judged.is_empty() && password::same(&typed.current, &typed.new) {
        faults.push(("password", Fault::PasswordSame));
    }
    if judged.is_empty() && repeats(population) {
        match typed.repeated.expose() {
            "" => faults.push(("password_repeat", Fault::Required)),
            _ if !password::same(&typed.new, &typed.repeated) => faults.push(("password_repeat", Fault::PasswordsDiffer)),
            _ => {}
        }
    }
    faults
}

/// Whether the new password is asked for twice.
pub(super) fn repeats(population: Option<&Population>) -> bool {
    population.is_none_or(|population| population.user_data.repeat_password)
}
