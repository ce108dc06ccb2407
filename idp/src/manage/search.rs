//! Accounts found by the operator, with nothing of a person in clear that is not needed, and the delays of one ended.

#[cfg(test)]
mod tests;

use super::stops::entry_with_account;
use super::{Manage, Whom, reason_of, refused};
use crate::access::{factor, signin};
use crate::directory::account::{self, Account, canonical_email};
use crate::directory::registry::{self, Entry};
use crate::error::Result;
use crate::operations::audit;
use crate::operations::limits::Taken;
use crate::operations::outbox::Target;
use crate::realm::Realm;
use crate::settings::FactorKind;
use crate::store::{Rx, Tx};
use poterne_protocol::id::AccountId;
use poterne_protocol::time::Timestamp;
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Accounts that a search shows at most.
pub const FOUND_AT_MOST: usize = 50;
/// Accounts that are looked at in one read.
const PAGE: i64 = 500;
/// Characters of the shortest part of a name.
const SHORTEST: usize = 2;

/// By what accounts are looked for.
#[derive(Debug, Clone)]
pub enum AccountSearch {
    /// The fund's own key of their entry; those that were deactivated as well.
    RegistryNo(String),
    /// The whole address.
    Email(String),
    /// A part of the name, whatever its accents and capitals; several words must all occur.
    Name(String),
}

/// Whether an account may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// It may.
    Active,
    /// Wrong tries hold it back somewhere: until then, or (`None`) until an operator ends it.
    Locked(Option<Timestamp>),
    /// The access of whoever left the fund has ended.
    Ended,
    /// The fund or its owner stopped it.
    Suspended,
    /// It was given up for good.
    Deactivated,
}

impl AccountState {
    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Locked(_) => "locked",
            Self::Ended => "ended",
            Self::Suspended => "suspended",
            Self::Deactivated => "deactivated",
        }
    }
}

/// An account as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAccount {
    /// Whose it is: its entry; without one, its own name and no number.
    pub whom: Whom,
    /// The masked address.
    pub email: String,
    /// Whether it may sign in.
    pub state: AccountState,
    /// Its second factors, the oldest first.
    pub factors: Vec<FactorKind>,
    /// Its last sign-in.
    pub last_login_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The accounts, at most [`FOUND_AT_MOST`].
    pub accounts: Vec<FoundAccount>,
    /// Whether there are more.
    pub more: bool,
}

impl Manage {
    /// Looks for accounts. Whose data was read, and why, stands in the audit trail (I-92); what was typed does not.
    ///
    /// # Errors
    /// [`crate::Failure::Settings`] for an unknown entry, an address that is none, and a part of a name that is too short.
    pub async fn find_accounts(&self, slug: &str, search: AccountSearch, reason: Option<&str>) -> Result<Found> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let reason = reason.map(reason_of).transpose()?;
        let (by, mut ids) = match search {
            AccountSearch::RegistryNo(number) => {
                let entry = self.entry_of(&realm, &number).await?;
                ("registry_no", self.app.db.read(realm.id, move |rx| account::ids_of_entry(rx, entry)).await?)
            }
            AccountSearch::Email(typed) => {
                let email = canonical_email(&typed).ok_or_else(|| refused("this is no e-mail address"))?;
                let found = self.app.db.read(realm.id, move |rx| account::by_email(rx, &email)).await?;
                ("email", found.into_iter().map(|account| account.id).collect())
            }
            AccountSearch::Name(part) => ("name", self.named(&realm, &part).await?),
        };
        let more = ids.len() > FOUND_AT_MOST;
        ids.truncate(FOUND_AT_MOST);
        let (realm_id, shown): (_, Vec<String>) = (realm.id, ids.iter().map(ToString::to_string).collect());
        let event = self.event(now, "account.searched").with("by", by).with("accounts", shown);
        let event = reason.map_or(event.clone(), |reason| event.with("reason", reason));
        let look = move |tx: &mut Tx<'_>| {
            audit::record(tx, &event)?;
            ids.iter().filter_map(|id| found(tx, &realm, *id, now).transpose()).collect::<Result<Vec<_>>>()
        };
        Ok(Found { accounts: self.app.db.write(realm_id, look).await?, more })
    }

    /// The accounts whose owner's name has this part; one more than are shown, at most.
    async fn named(&self, realm: &Realm, part: &str) -> Result<Vec<AccountId>> {
        let folded = fold(part);
        let words: Vec<String> = folded.split_whitespace().map(str::to_owned).collect();
        if words.iter().map(|word| word.chars().count()).sum::<usize>() < SHORTEST {
            return Err(refused(format!("at least {SHORTEST} characters of the name")));
        }
        let (mut ids, mut after) = (Vec::new(), AccountId::from_bytes([0; 16]));
        while ids.len() <= FOUND_AT_MOST {
            let names = move |rx: &mut Rx<'_>| {
                let page = account::names_after(rx, after, PAGE)?;
                let entries: Vec<_> = page.iter().filter_map(|named| named.entry).collect();
                Ok((page, registry::names(rx, &entries)?))
            };
            let (page, names) = self.app.db.read(realm.id, names).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for named in &page {
                let entry = named.entry.and_then(|entry| names.get(&entry));
                let name = fold(&format!("{} {}", named.name, entry.map_or("", String::as_str)));
                if words.iter().all(|word| name.contains(word.as_str())) {
                    ids.push(named.id);
                }
            }
        }
        Ok(ids)
    }

    /// Ends the delays and locks that wrong passwords and factors brought to the account of an entry, and the day's limit of codes sent to
    /// it. A suspended account stays suspended.
    ///
    /// # Errors
    /// [`crate::Failure::Settings`] for an unknown entry, one without an account, a missing reason, and where nothing holds the account
    /// back.
    pub async fn unlock_account(&self, slug: &str, registry_no: &str, reason: &str) -> Result<Whom> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let event = self.event(now, "account.unlocked").with("reason", reason_of(reason)?);
        let id = self.entry_of(&realm, registry_no).await?;
        let unlocked: Arc<Realm> = realm.clone();
        let work = move |tx: &mut Tx<'_>| {
            let (entry, account) = entry_with_account(tx, id)?;
            let held = held_back(tx, &unlocked, &account, now)?;
            if held.is_empty() {
                return Err(refused(format!("no delay holds the account of entry {} back", entry.registry_no)));
            }
            signin::forget_all_wrong_passwords(tx, &unlocked, account.id)?;
            factor::asked::forget_tries(tx, &unlocked, account.id)?;
            account::unlock(tx, account.id)?;
            audit::record(tx, &event.clone().about(account.id).with("delays_ended", held.len()))?;
            Ok(Whom::of(&entry))
        };
        self.app.db.write(realm.id, work).await
    }
}

/// What holds an account back now: until when each, `None` for until somebody ends it.
fn held_back(rx: &mut Rx<'_>, realm: &Realm, account: &Account, now: Timestamp) -> Result<Vec<Option<Timestamp>>> {
    let mut taken = signin::password_standings(rx, realm, account.id, now)?;
    taken.extend(factor::asked::standings(rx, realm, account.id, now)?);
    let held = taken.into_iter().filter_map(|taken| match taken {
        Taken::Granted => None,
        Taken::Wait { until } => Some(Some(until)),
        Taken::Locked => Some(None),
    });
    Ok(held.chain(account.locked_until.filter(|until| *until > now).map(Some)).collect())
}

fn found(rx: &mut Rx<'_>, realm: &Realm, id: AccountId, now: Timestamp) -> Result<Option<FoundAccount>> {
    let Some(account) = account::load(rx, id)? else { return Ok(None) };
    let entry = match account.entry {
        Some(entry) => registry::load(rx, entry)?,
        None => None,
    };
    let held = held_back(rx, realm, &account, now)?;
    let state = if account.deactivated_at.is_some() {
        AccountState::Deactivated
    } else if account.suspended_at.is_some() {
        AccountState::Suspended
    } else if account.access_ends_at.is_some_and(|end| end <= now) {
        AccountState::Ended
    } else if held.is_empty() {
        AccountState::Active
    } else {
        // One that nobody but an operator ends outlasts all others.
        AccountState::Locked(held.iter().copied().collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max()))
    };
    let factors = factor::active(rx, id)?.into_iter().map(|factor| factor.kind).collect();
    Ok(Some(FoundAccount {
        whom: whom(&account, entry.as_ref()),
        email: Target::Mail(account.email).masked(),
        state,
        factors,
        last_login_at: account.last_login_at,
        created_at: account.created_at,
    }))
}

/// Whose account it is; who acts for an organisation has a name of their own.
fn whom(account: &Account, entry: Option<&Entry>) -> Whom {
    let own: Vec<&str> = [&account.first_name, &account.last_name].into_iter().flatten().map(String::as_str).collect();
    let own = own.join(" ");
    let name = match entry.map(Entry::name) {
        Some(name) if own.is_empty() || own == name => name,
        Some(name) => format!("{name}: {own}"),
        None => own,
    };
    let registry_no = entry.map(|entry| entry.registry_no.clone()).unwrap_or_default();
    Whom { registry_no, name, population: account.population.clone() }
}

/// One spelling for all that look alike to whoever searches: without accents, in small letters.
fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase()
}
