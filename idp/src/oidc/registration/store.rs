//! Registering, changing and removing, each in one transaction.

use super::{ending, invitation};
use crate::app::App;
use crate::directory::client::{self, KeptSecret, NewOwn, Own};
use crate::directory::realm;
use crate::error::Result;
use crate::operations::audit::{Actor, Event, record};
use crate::operations::limits::{self, Counter};
use crate::realm::Realm;
use crate::settings::Registration;
use crate::store::{Rx, Tx};
use crate::vault::Purpose;
use poterne_protocol::client::Client;
use poterne_protocol::id::{ClientRowId, InvitationId};
use poterne_protocol::secret::{Digest, Handle, Secret};
use poterne_protocol::time::Timestamp;
use std::net::IpAddr;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Why nothing was registered or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The token is none, or none any more.
    Token,
    /// Too many in an hour: again at this time.
    TooMany(Timestamp),
    /// The realm has as many clients as it lets register.
    Full,
}

/// Whose registrations are counted, and how many there may be.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    counters: Vec<(Counter, Digest, u32)>,
    now: Timestamp,
}

impl Counted {
    /// What a request counts for: its address where that is known, and its initial access token.
    pub(super) fn new(
        realm: &Realm,
        policy: &Registration,
        address: Option<IpAddr>,
        token: Option<InvitationId>,
        now: Timestamp,
    ) -> Result<Self> {
        let mut counters = Vec::new();
        if let Some(address) = address.filter(|_| policy.per_address > 0) {
            let (_, subject) = realm.vault.digest(Purpose::Lookup, "registration-address", &limits::network(address))?;
            counters.push((Counter::Registration, subject, policy.per_address));
        }
        if let Some(token) = token.filter(|_| policy.per_token > 0) {
            counters.push((Counter::RegistrationToken, Digest::of(token.as_bytes()), policy.per_token));
        }
        Ok(Self { counters, now })
    }

    /// The same for a request that was counted already.
    pub(super) fn counted(self) -> Self {
        Self { counters: Vec::new(), ..self }
    }

    /// Counts the request: until when it must wait, if it must.
    pub(super) fn take(&self, tx: &mut Tx<'_>) -> Result<Option<Timestamp>> {
        for (kind, subject, limit) in &self.counters {
            if let Some(until) = limits::full_until(tx, *kind, *subject, self.now, *limit)? {
                return Ok(Some(until));
            }
        }
        for (kind, subject, limit) in &self.counters {
            limits::count_event(tx, *kind, *subject, self.now, *limit, HOUR)?;
        }
        Ok(None)
    }
}

/// A client about to be registered, before its transaction.
pub(super) struct Registering {
    pub(super) new: NewOwn,
    pub(super) counted: Counted,
    pub(super) invitation: Option<InvitationId>,
    pub(super) most_clients: u32,
    /// Whether its pages watch the session from a frame.
    pub(super) is_framing: bool,
    pub(super) event: Event,
}

impl Registering {
    pub(super) fn run(&self, tx: &mut Tx<'_>) -> Result<Result<(), Refused>> {
        if let Some(until) = self.counted.take(tx)? {
            return Ok(Err(Refused::TooMany(until)));
        }
        if client::count_own(tx)? >= i64::from(self.most_clients) {
            return Ok(Err(Refused::Full));
        }
        if let Some(id) = self.invitation
            && !invitation::spend(tx, id, self.new.at)?
        {
            return Ok(Err(Refused::Token));
        }
        client::insert_own(tx, &self.new)?;
        // What a snapshot keeps of its clients one by one is not touched by another; the list of who may frame the session's page is.
        if self.is_framing {
            let id = tx.realm();
            realm::raise_generation(tx, id)?;
        }
        record(tx, &self.event)?;
        Ok(Ok(()))
    }
}

/// The client whose registration access token this is.
pub(super) fn own(rx: &mut Rx<'_>, client_id: &str, token: &Secret) -> Result<Option<Own>> {
    Ok(client::own(rx, client_id)?.filter(|own| own.token == token.digest()))
}

/// A client about to be changed, before its transaction.
pub(super) struct Changing {
    pub(super) row: ClientRowId,
    pub(super) token: Secret,
    pub(super) new: Client,
    /// A new secret, none any more, or the one there is.
    pub(super) secret: SecretChange,
    pub(super) counted: Counted,
    pub(super) now: Timestamp,
    pub(super) event: Event,
}

/// What becomes of a client's secret.
#[derive(Debug, Clone)]
pub(super) enum SecretChange {
    /// It stays.
    Stays,
    /// It ends, because the client proves itself otherwise now.
    Ends,
    /// It is replaced.
    New(KeptSecret),
}

impl Changing {
    pub(super) fn run(&self, tx: &mut Tx<'_>) -> Result<Result<(), Refused>> {
        if let Some(until) = self.counted.take(tx)? {
            return Ok(Err(Refused::TooMany(until)));
        }
        if own(tx, &self.new.client_id, &self.token)?.is_none() || !client::replace_own(tx, self.row, &self.new, self.now)? {
            return Ok(Err(Refused::Token));
        }
        match &self.secret {
            SecretChange::Stays => {}
            SecretChange::Ends => client::set_secret(tx, self.row, None, None, self.now)?,
            SecretChange::New(kept) => client::set_secret(tx, self.row, Some(kept), None, self.now)?,
        }
        let id = tx.realm();
        realm::raise_generation(tx, id)?;
        record(tx, &self.event)?;
        Ok(Ok(()))
    }
}

/// A client about to be removed, before its transaction.
pub(super) struct Removing {
    pub(super) client_id: String,
    pub(super) token: Secret,
    pub(super) now: Timestamp,
    pub(super) event: Event,
}

impl Removing {
    /// Draws what it needs.
    pub(super) fn new(app: &App, client_id: String, token: Secret, now: Timestamp) -> Self {
        let event = Event::new(app, now, "client.removed", Actor::Client(client_id.clone())).about(&client_id);
        Self { client_id, token, now, event }
    }

    /// Its row, or `None` where the token is not this client's.
    pub(super) fn run(&self, tx: &mut Tx<'_>) -> Result<Option<ClientRowId>> {
        let Some(own) = own(tx, &self.client_id, &self.token)? else { return Ok(None) };
        let row = own.registered.row;
        let Some(ended) = ending::remove(tx, row, self.now)? else { return Ok(None) };
        let id = tx.realm();
        realm::raise_generation(tx, id)?;
        record(tx, &self.event.clone().with("grants_ended", ended))?;
        Ok(Some(row))
    }
}

/// Whether a client may register with this token now.
pub(super) fn is_good(rx: &mut Rx<'_>, token: &Handle<InvitationId>, now: Timestamp) -> Result<bool> {
    invitation::is_good(rx, token, now)
}
