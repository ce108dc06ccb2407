//! An account as it is made, by its owner's enrollment or by the operator.

use crate::access::factor::{self, NewFactor};
use crate::app::App;
use crate::directory::account::{self, NewAccount};
use crate::directory::registry::{self, EntryStatus};
use crate::directory::terms::{self, NewAcceptance};
use crate::error::Result;
use crate::operations::audit::{self, Actor, Event};
use crate::settings::FactorKind;
use crate::store::{Rx, Tx};
use poterne_protocol::id::EntryId;

/// An account with what belongs to it from the first moment.
#[derive(Debug, Clone)]
pub struct NewRegistration {
    account: NewAccount,
    factor: Option<NewFactor>,
    acceptance: Option<NewAcceptance>,
    events: Vec<Event>,
}

/// Why an account cannot be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The entry left the fund, or its person has died, or it is not there.
    NotWithTheFund,
    /// The entry has an account.
    AccountExists,
    /// Another account has the address.
    EmailTaken,
}

impl NewRegistration {
    /// An account with its factor and acceptance, and one event for each, by this actor.
    pub fn new(
        app: &App,
        account: NewAccount,
        factor: Option<(FactorKind, NewFactor)>,
        acceptance: Option<NewAcceptance>,
        actor: &Actor,
    ) -> Self {
        let event = |kind| Event::new(app, account.at, kind, actor.clone()).about(account.id);
        let mut events = vec![event("account.created").with("population", account.population.as_str())];
        events.extend(
            factor
                .as_ref()
                .map(|(kind, new)| event("factor.added").with("kind", kind.as_str()).with("factor", new.id().to_string())),
        );
        events.extend(acceptance.as_ref().map(|accepted| {
            let event = event("terms.accepted").with("version", accepted.version);
            event.with("language", accepted.language.tag()).with("channel", accepted.channel)
        }));
        Self { account, factor: factor.map(|(_, factor)| factor), acceptance, events }
    }

    pub(super) fn obstacle(&self, rx: &mut Rx<'_>) -> Result<Option<Obstacle>> {
        let entry: EntryId = self.account.entry;
        if registry::load(rx, entry)?.is_none_or(|entry| entry.status != EntryStatus::Active) {
            return Ok(Some(Obstacle::NotWithTheFund));
        }
        if account::by_entry(rx, entry)?.is_some() {
            return Ok(Some(Obstacle::AccountExists));
        }
        Ok(account::by_email(rx, &self.account.email)?.map(|_| Obstacle::EmailTaken))
    }

    pub(super) fn insert(&self, tx: &mut Tx<'_>) -> Result<()> {
        account::insert(tx, &self.account)?;
        if let Some(factor) = &self.factor {
            factor::insert(tx, factor)?;
        }
        if let Some(acceptance) = &self.acceptance {
            terms::accept(tx, acceptance)?;
        }
        self.events.iter().try_for_each(|event| audit::record(tx, event))
    }
}

/// Makes an account that needs no code: the operator vouches for it.
pub fn register(tx: &mut Tx<'_>, new: &NewRegistration) -> Result<Option<Obstacle>> {
    let obstacle = new.obstacle(tx)?;
    if obstacle.is_none() {
        new.insert(tx)?;
    }
    Ok(obstacle)
}
