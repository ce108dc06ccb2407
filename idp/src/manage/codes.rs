//! Activation codes by the operator's hand: issued, ordered anew, asked about.

use super::{Manage, Whom, population, reason_of, refused};
use crate::directory::account;
use crate::directory::registry::{self, Entry, EntryStatus};
use crate::error::Result;
use crate::onboarding::code::{self, Carrier, Code, CodePurpose, NewCode};
use crate::operations::audit::{self, Event};
use crate::realm::Realm;
use crate::store::{Rx, Tx};
use chrono::NaiveDate;
use poterne_protocol::id::{CodeId, EntryId};
use poterne_protocol::secret::{Digest, Secret};

/// A code that was just issued. It can be read here, this once.
pub struct IssuedCode {
    /// As it is printed, in groups of four.
    pub code: Secret,
    /// To whom it was issued.
    pub whom: Whom,
    /// The last day on which it can be used, to 23:59:59 in the realm's time zone.
    pub expires_on: NaiveDate,
    /// The day on which the code was issued that ended with it, where there was one.
    pub replaced: Option<NaiveDate>,
}

/// A code about to be issued, prepared outside its transaction.
pub(super) struct Issuing {
    new: NewCode,
    digests: Vec<Digest>,
    issued: Event,
}

impl Issuing {
    pub(super) fn new(
        manage: &Manage,
        realm: &Realm,
        entry: &Entry,
        (purpose, carrier): (CodePurpose, Carrier),
        code: &Secret,
    ) -> Result<Self> {
        let population = population(realm, &entry.population)?;
        let (app, now) = (&manage.app, manage.app.clock.now());
        let new = NewCode {
            id: CodeId::new(now, app.entropy.bytes()),
            purpose,
            population: population.key.clone(),
            entry: entry.id,
            digest: code::digest(&realm.vault, code)?,
            carrier,
            issued_at: now,
            expires_at: code::end_of_validity(now, population.code.valid_days, realm.document.time_zone),
        };
        let issued = manage.event(now, "code.issued").about(new.id).with("entry", entry.id.to_string());
        let issued = issued.with("purpose", purpose.as_str());
        Ok(Self { new, digests: code::digests(&realm.vault, code), issued })
    }

    pub(super) fn because(self, reason: String) -> Self {
        Self { issued: self.issued.with("reason", reason), ..self }
    }

    /// Issues it; the code that ended with it is returned.
    pub(super) fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Code>> {
        if code::by_digest(tx, &self.digests)?.is_some() {
            return Err(refused("this code was issued before"));
        }
        let former = code::issue(tx, &self.new)?;
        let issued = self.issued.clone();
        audit::record(tx, &former.as_ref().map_or(issued.clone(), |former| issued.with("replaces", former.id.to_string())))?;
        Ok(former)
    }

    pub(super) fn printed(&self, realm: &Realm, entry: &Entry, code: &Secret, former: Option<&Code>) -> IssuedCode {
        IssuedCode {
            code: code::grouped(code),
            whom: Whom::of(entry),
            expires_on: code::last_day(self.new.expires_at, realm.document.time_zone),
            replaced: former.map(|former| realm.day(former.issued_at)),
        }
    }
}

impl Manage {
    /// Issues an activation code for an entry. The entry's former code ends with it.
    ///
    /// # Errors
    /// [`crate::Failure::Settings`] for an unknown entry, for one that left or died, and for one with an account.
    pub async fn issue_code(&self, slug: &str, entry: EntryId) -> Result<IssuedCode> {
        let realm = self.realm(slug).await?;
        let entry = self.active_entry(&realm, entry).await?;
        self.generate(&realm, &entry, None).await
    }

    /// As [`Self::issue_code`], for the entry with this key of the fund's own, and for a reason that the audit trail keeps.
    pub async fn order_code(&self, slug: &str, registry_no: &str, reason: Option<&str>) -> Result<IssuedCode> {
        let realm = self.realm(slug).await?;
        let reason = reason.map(reason_of).transpose()?;
        let id = self.entry_of(&realm, registry_no).await?;
        let entry = self.active_entry(&realm, id).await?;
        self.generate(&realm, &entry, reason).await
    }

    async fn generate(&self, realm: &Realm, entry: &Entry, reason: Option<String>) -> Result<IssuedCode> {
        let code = code::generate(&self.app.entropy, population(realm, &entry.population)?.code.check_character);
        self.issue(realm, entry, Carrier::Letter, &code, reason).await
    }

    /// Issues a code brought along by the operator, from an older system or for the demo.
    ///
    /// # Errors
    /// As [`Self::issue_code`], and for a code of another form or one that was issued before.
    pub async fn issue_given_code(&self, slug: &str, entry: EntryId, code: &str) -> Result<IssuedCode> {
        let realm = self.realm(slug).await?;
        let entry = self.active_entry(&realm, entry).await?;
        let code = code::read(code, population(&realm, &entry.population)?.code.check_character)
            .map_err(|mistake| refused(format!("the code for {}: {mistake:?}", entry.registry_no)))?;
        self.issue(&realm, &entry, Carrier::Statement, &code, None).await
    }

    /// Whether this code can be used now: it was neither redeemed nor withdrawn, has not expired, and its entry is with the fund.
    pub async fn is_code_live(&self, slug: &str, code: &str) -> Result<bool> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let Ok(code) = code::read(code, false) else {
            return Ok(false);
        };
        let digests = code::digests(&realm.vault, &code);
        let look = move |rx: &mut Rx<'_>| match code::by_digest(rx, &digests)?.filter(|code| code.is_live(now)) {
            Some(code) => Ok(registry::load(rx, code.entry)?.is_some_and(|entry| entry.status == EntryStatus::Active)),
            None => Ok(false),
        };
        self.app.db.read(realm.id, look).await
    }

    async fn issue(
        &self,
        realm: &Realm,
        entry: &Entry,
        carrier: Carrier,
        code: &Secret,
        reason: Option<String>,
    ) -> Result<IssuedCode> {
        let issuing = Issuing::new(self, realm, entry, (CodePurpose::Register, carrier), code)?;
        let issuing = std::sync::Arc::new(match reason {
            Some(reason) => issuing.because(reason),
            None => issuing,
        });
        let (running, id) = (issuing.clone(), entry.id);
        let issue = move |tx: &mut Tx<'_>| {
            let entry = still_active(tx, id)?;
            if account::by_entry(tx, id)?.is_some() {
                return Err(refused(format!("entry {} has an account: use account reset-factor", entry.registry_no)));
            }
            running.run(tx)
        };
        let former = self.app.db.write(realm.id, issue).await?;
        Ok(issuing.printed(realm, entry, code, former.as_ref()))
    }
}

/// The entry, as it is in this transaction, if it may have a code.
pub(super) fn still_active(rx: &mut Rx<'_>, id: EntryId) -> Result<Entry> {
    let entry = registry::load(rx, id)?.ok_or_else(|| refused(format!("the registry has no entry {id}")))?;
    match entry.status {
        EntryStatus::Active => Ok(entry),
        status => Err(refused(format!("entry {} is not with the fund: {}", entry.registry_no, status.as_str()))),
    }
}
