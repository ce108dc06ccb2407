//! Activation codes for everybody of a population who has none: a run of batches that the operator's own carrier prints.
//!
//! A batch is generated in memory, exported by whoever runs this, and only then made live (generated, exported, active). Whoever keeps
//! the order has every live code on paper: a code that was exported and not made live is harmless, and the next run issues another.

#[cfg(test)]
mod tests;

use super::codes::Issuing;
use super::{Manage, Whom, population, reason_of};
use crate::directory::account;
use crate::directory::registry::{self, Entry, EntryStatus};
use crate::error::Result;
use crate::lang::Lang;
use crate::onboarding::code::{self, Carrier, CodePurpose};
use crate::realm::Realm;
use crate::store::{Rx, Tx};
use chrono::NaiveDate;
use poterne_protocol::id::EntryId;
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Codes of a batch: so few that nobody waits long behind its transaction.
const BATCH: usize = 250;
/// Entries that are looked at in one read.
const PAGE: i64 = 500;

/// Who is to get a code.
#[derive(Debug, Clone)]
pub struct CodeOrder {
    /// The population's key.
    pub population: String,
    /// Whether those with a live code get a new one, which ends it.
    pub replace: bool,
    /// Why, for the audit trail.
    pub reason: Option<String>,
}

/// A code to be printed. It can be read here, this once.
pub struct PrintedCode {
    /// As it is printed, in groups of four.
    pub code: Secret,
    /// To whom it is issued.
    pub whom: Whom,
    /// The language of its letters.
    pub language: Lang,
    /// The last day on which it can be used, to 23:59:59 in the realm's time zone.
    pub expires_on: NaiveDate,
}

/// Whom a run has passed over so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct PassedOver {
    /// They have an account.
    pub has_account: u64,
    /// They have a code that can still be used, and the order does not replace it.
    pub live_code: u64,
    /// They left the fund or died.
    pub not_with_the_fund: u64,
}

/// Codes that were generated and are not live yet.
pub struct CodeBatch {
    codes: Vec<PrintedCode>,
    issuing: Vec<(EntryId, Issuing)>,
}

impl CodeBatch {
    /// The codes, to be put where they will be printed from, before [`CodeRun::commit`].
    #[must_use]
    pub fn codes(&self) -> &[PrintedCode] {
        &self.codes
    }
}

/// What making a batch live did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Codes that are live now.
    pub live: usize,
    /// Codes that ended because a new one took their place.
    pub replaced: usize,
    /// The fund's keys of those who got an account or a code, left or died since the batch was generated: their codes are not live.
    pub not_live: Vec<String>,
}

/// A run along a population. Its memory does not grow with the population.
pub struct CodeRun {
    manage: Manage,
    realm: Arc<Realm>,
    order: CodeOrder,
    reason: Option<String>,
    after: EntryId,
    waiting: Vec<Entry>,
    looked_at: u64,
    entries: u64,
    passed_over: PassedOver,
    ended: bool,
}

/// What decides whether entries may have a code.
struct Facts {
    active: BTreeSet<EntryId>,
    with_account: BTreeSet<EntryId>,
    with_code: BTreeSet<EntryId>,
}

impl Facts {
    fn of(rx: &mut Rx<'_>, entries: &[EntryId], now: Timestamp) -> Result<Self> {
        Ok(Self {
            active: registry::active_of(rx, entries)?.into_iter().collect(),
            with_account: account::with_account(rx, entries)?.into_iter().collect(),
            with_code: code::with_live_code(rx, entries, CodePurpose::Register, now)?.into_iter().collect(),
        })
    }

    fn allow(&self, entry: EntryId, replace: bool) -> bool {
        self.active.contains(&entry) && !self.with_account.contains(&entry) && (replace || !self.with_code.contains(&entry))
    }
}

impl Manage {
    /// Begins a run of codes for everybody of a population who may have one. Nothing is issued yet.
    ///
    /// # Errors
    /// [`crate::Failure::Settings`] for an unknown realm or population, and for a reason that is none.
    pub async fn begin_codes(&self, slug: &str, order: CodeOrder) -> Result<CodeRun> {
        let realm = self.realm(slug).await?;
        let reason = order.reason.as_deref().map(reason_of).transpose()?;
        let key = population(&realm, &order.population)?.key.clone();
        let entries = self.app.db.read(realm.id, move |rx| registry::count_of(rx, &key)).await?;
        Ok(CodeRun {
            manage: self.clone(),
            realm,
            order,
            reason,
            after: EntryId::from_bytes([0; 16]),
            waiting: Vec::new(),
            looked_at: 0,
            entries: u64::try_from(entries).unwrap_or_default(),
            passed_over: PassedOver::default(),
            ended: false,
        })
    }
}

impl CodeRun {
    /// How many entries were looked at, and how many the population had when the run began.
    #[must_use]
    pub const fn progress(&self) -> (u64, u64) {
        (self.looked_at, self.entries)
    }

    /// Whom the run has passed over so far.
    #[must_use]
    pub const fn passed_over(&self) -> PassedOver {
        self.passed_over
    }

    /// Generates the next batch; `None` at the end. Nothing of it is in the database.
    pub async fn next(&mut self) -> Result<Option<CodeBatch>> {
        while self.waiting.len() < BATCH && !self.ended {
            self.read_page().await?;
        }
        let taken: Vec<Entry> = self.waiting.drain(..self.waiting.len().min(BATCH)).collect();
        if taken.is_empty() {
            return Ok(None);
        }
        let asked = population(&self.realm, &self.order.population)?;
        let (mut codes, mut issuing) = (Vec::new(), Vec::new());
        for entry in taken {
            let code = code::generate(&self.manage.app.entropy, asked.code.check_character);
            let new = Issuing::new(&self.manage, &self.realm, &entry, (CodePurpose::Register, Carrier::Statement), &code)?;
            let new = match &self.reason {
                Some(reason) => new.because(reason.clone()),
                None => new,
            };
            let printed = new.printed(&self.realm, &entry, &code, None);
            let (code, whom, expires_on) = (printed.code, printed.whom, printed.expires_on);
            codes.push(PrintedCode { code, whom, language: entry.language, expires_on });
            issuing.push((entry.id, new));
        }
        Ok(Some(CodeBatch { codes, issuing }))
    }

    /// Makes the codes of a batch live, all in one transaction. Only what lies durably where it will be printed from may come here.
    pub async fn commit(&mut self, batch: CodeBatch) -> Result<Committed> {
        let (now, replace) = (self.manage.app.clock.now(), self.order.replace);
        let ids: Vec<EntryId> = batch.issuing.iter().map(|(entry, _)| *entry).collect();
        let (numbers, issuing): (Vec<String>, _) =
            (batch.codes.into_iter().map(|printed| printed.whom.registry_no).collect(), batch.issuing);
        let commit = move |tx: &mut Tx<'_>| {
            let facts = Facts::of(tx, &ids, now)?;
            let mut committed = Committed::default();
            for ((entry, issuing), number) in issuing.iter().zip(&numbers) {
                if !facts.allow(*entry, replace) {
                    committed.not_live.push(number.clone());
                    continue;
                }
                committed.replaced += usize::from(issuing.run(tx)?.is_some_and(|former| now < former.expires_at));
                committed.live += 1;
            }
            Ok(committed)
        };
        self.manage.app.db.write(self.realm.id, commit).await
    }

    /// Looks at the next entries and keeps those that may have a code.
    async fn read_page(&mut self) -> Result<()> {
        let (key, after, now) = (self.order.population.clone(), self.after, self.manage.app.clock.now());
        let page = move |rx: &mut Rx<'_>| {
            let entries = registry::page(rx, &key, after, PAGE)?;
            let ids: Vec<EntryId> = entries.iter().map(|entry| entry.id).collect();
            let facts = Facts::of(rx, &ids, now)?;
            Ok((entries, facts))
        };
        let (entries, facts) = self.manage.app.db.read(self.realm.id, page).await?;
        let Some(last) = entries.last() else {
            self.ended = true;
            return Ok(());
        };
        self.after = last.id;
        for entry in entries {
            self.looked_at += 1;
            if entry.status != EntryStatus::Active {
                self.passed_over.not_with_the_fund += 1;
            } else if facts.with_account.contains(&entry.id) {
                self.passed_over.has_account += 1;
            } else if !self.order.replace && facts.with_code.contains(&entry.id) {
                self.passed_over.live_code += 1;
            } else {
                self.waiting.push(entry);
            }
        }
        Ok(())
    }
}
