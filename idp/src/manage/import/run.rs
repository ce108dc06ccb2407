//! An import from its first row to its merge.

use super::reading::{self, Batch, WholeFile};
use super::report::{AllowEnded, ChangedRow, ImportMode, ImportOptions, ImportOutcome, ImportReport, Progress};
use super::rules::{Reading, Verdict};
use super::{Rejections, store};
use crate::directory::import::{
    self as files, CheckedRow, Columns, Known, Reason, Rejection, Staged, StagedEntry, StagedIdentifier,
};
use crate::directory::registry::{EntryKind, EntryStatus};
use crate::error::{Failure, Result};
use crate::manage::status::{StatusEffects, Turn};
use crate::manage::{Manage, is_plain, refused};
use crate::operations::{audit, lease};
use crate::realm::Realm;
use crate::store::Tx;
use crate::vault::{Place, Purpose};
use poterne_protocol::id::{EntryId, ImportId};
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// The lease that one import of a realm holds.
const NAME: &str = "import";
/// How long an import may stand still before another may begin; every batch prolongs it.
const LEASE: Duration = Duration::from_secs(60);
/// Batches that wait between reading and comparing.
const WAITING: usize = 2;
/// Entries of the registry that are looked at together for those who are not in the file.
const PAGE: i64 = 1000;
/// Staged entries that are deleted in one transaction.
const TIDY: i64 = 1000;
/// Changed and ended entries that the report lists.
const FIRST: usize = 20;

/// Entries that may always end by what their rows say: in a small fund one is a large share.
const HANDFUL: u64 = 5;

/// An import under way.
struct Run<'m> {
    manage: &'m Manage,
    realm: Arc<Realm>,
    id: ImportId,
    options: ImportOptions,
    how: Reading,
    rejections: Rejections,
    new: u64,
    changed: u64,
    unchanged: u64,
    changed_columns: BTreeMap<String, u64>,
    first_changed: Vec<ChangedRow>,
    ended: Ended,
}

/// Those who are active, and end: because the file says so, or because they are not in a full one.
#[derive(Default)]
struct Ended {
    active: u64,
    count: u64,
    first: Vec<String>,
}

impl Ended {
    fn add(&mut self, registry_no: &str) {
        self.count += 1;
        if self.first.len() < FIRST {
            self.first.push(registry_no.to_owned());
        }
    }
}

pub(super) async fn import(
    manage: &Manage,
    slug: &str,
    kind: EntryKind,
    file: impl Read + Send + 'static,
    options: ImportOptions,
) -> Result<ImportReport> {
    let realm = manage.realm(slug).await?;
    let id = ImportId::new(manage.app.clock.now(), manage.app.entropy.bytes());
    let how = Reading { kind, mode: options.mode, language: realm.document.default_language() };
    let mut run = Run {
        manage,
        realm,
        id,
        how,
        rejections: Rejections::at_most(options.most_rejections),
        options,
        new: 0,
        changed: 0,
        unchanged: 0,
        changed_columns: BTreeMap::new(),
        first_changed: Vec::new(),
        ended: Ended::default(),
    };
    if !run.options.apply {
        return run.whole(file).await;
    }
    run.begin().await?;
    let imported = run.whole(file).await;
    // What stays behind when even this fails goes with the next import, or with the chores.
    let tidied = run.leave().await;
    let report = imported?;
    if let Err(failure) = tidied {
        tracing::warn!(%failure, "what an import staged could not be deleted yet");
    }
    Ok(report)
}

impl Run<'_> {
    /// Takes the realm's lease and deletes what a dead import left behind.
    async fn begin(&self) -> Result<()> {
        if !self.write(|_| Ok(())).await? {
            return Err(refused("another import of this realm is under way, or was cut off less than a minute ago: wait for it"));
        }
        self.delete(Staged::ByOthers(self.id)).await
    }

    /// Deletes what was staged and gives the lease back.
    async fn leave(&self) -> Result<()> {
        self.delete(Staged::By(self.id)).await?;
        let (holder, now) = (*self.id.as_bytes(), self.now());
        self.manage.app.db.write(self.realm.id, move |tx| lease::take(tx, NAME, &holder, now, now)).await.map(drop)
    }

    async fn delete(&self, of: Staged) -> Result<()> {
        let delete = move |tx: &mut Tx<'_>| files::unstage(tx, of, TIDY);
        while self.manage.app.db.write(self.realm.id, delete).await? > 0 {}
        Ok(())
    }

    /// Writes under the lease, which it prolongs: `false` when another import holds it.
    async fn write(&self, work: impl Fn(&mut Tx<'_>) -> Result<()> + Send + 'static) -> Result<bool> {
        let (holder, now) = (*self.id.as_bytes(), self.now());
        let write = move |tx: &mut Tx<'_>| {
            let held = lease::take(tx, NAME, &holder, now, now.plus(LEASE))?;
            if held {
                work(tx)?;
            }
            Ok(held)
        };
        self.manage.app.db.write(self.realm.id, write).await
    }

    fn now(&self) -> Timestamp {
        self.manage.app.clock.now()
    }

    fn tell(&self, progress: Progress) {
        if let Some(told) = &self.options.progress {
            told(progress);
        }
    }

    async fn whole(&mut self, file: impl Read + Send + 'static) -> Result<ImportReport> {
        let read = self.rows(file).await?;
        self.rejections.lines += read.rejections.lines;
        self.rejections.kept.extend(read.rejections.kept.iter().cloned());
        self.rejections.kept.sort_by_key(|rejection| rejection.line);
        self.rejections.kept.truncate(self.options.most_rejections);
        match (self.rejections.lines, self.options.mode) {
            (0, ImportMode::Full) => self.not_in_file(&read).await?,
            (0, ImportMode::Delta) => self.ended.active = self.active(&read).await?,
            _ => {}
        }
        let handful = self.options.mode == ImportMode::Delta && self.ended.count <= HANDFUL;
        let outcome = match handful || self.options.allow_ended.allows(self.ended.count, self.ended.active) {
            _ if self.rejections.lines > 0 => ImportOutcome::Rejected,
            false => ImportOutcome::TooManyEnded,
            true if self.options.apply => ImportOutcome::Applied,
            true => ImportOutcome::DryRun,
        };
        let mut report = self.report(&read, outcome);
        if outcome == ImportOutcome::Applied {
            self.tell(Progress::Merging);
            report.merge_millis = Some(self.merge(&report).await?);
        }
        Ok(report)
    }

    /// Reads, compares and stages every row.
    async fn rows(&mut self, file: impl Read + Send + 'static) -> Result<WholeFile> {
        let (send, mut batches) = mpsc::channel(WAITING);
        let (realm, kind, today) = (self.realm.clone(), self.how.kind, self.realm.day(self.now()));
        let most = self.options.most_rejections;
        let reading = tokio::task::spawn_blocking(move || reading::read(file, kind, &realm, today, (most, &send)));
        while let Some(batch) = batches.recv().await {
            let read = batch.read;
            self.batch(batch).await?;
            self.tell(Progress::Checked(read));
        }
        reading.await.map_err(|_| Failure::internal("the reading of a file panicked"))?
    }

    async fn batch(&mut self, batch: Batch) -> Result<()> {
        let numbers: Vec<String> = batch.rows.iter().map(|row| row.registry_no.clone()).collect();
        let known = self.manage.app.db.read(self.realm.id, move |rx| files::known(rx, &numbers)).await?;
        // In ascending order, so that the rows of a batch lie side by side.
        let now = self.now();
        let mut ids: Vec<EntryId> = batch.rows.iter().map(|_| EntryId::new(now, self.manage.app.entropy.bytes())).collect();
        ids.sort_unstable();
        let (mut entries, mut values) = (Vec::new(), Vec::new());
        for (row, fresh) in batch.rows.iter().zip(ids) {
            let known = known.get(&row.registry_no);
            if let Some((columns, identifiers)) = self.judge(row, known) {
                let id = known.map_or(fresh, |known| known.id);
                if self.options.apply && batch.clean {
                    let names = (self.realm.id, self.id, id);
                    entries.push(StagedEntry::new(names, self.how.kind, columns, known, identifiers));
                    if identifiers {
                        self.seal(row, id, &mut values)?;
                    }
                }
            }
        }
        self.stage(entries, values).await
    }

    /// Counts a row: what the entry is to be where it differs, and whether what identifies it differs.
    fn judge(&mut self, row: &CheckedRow, known: Option<&Known>) -> Option<(Columns, bool)> {
        let vault = &self.realm.vault;
        let digests = |value: &files::Identifying| vault.digests(Purpose::Lookup, &value.field, &value.normal);
        let digests: Vec<Vec<Digest>> = if known.is_some() { row.identifiers.iter().map(digests).collect() } else { Vec::new() };
        match self.how.decide(row, known, &digests) {
            Verdict::New(columns) => {
                self.new += 1;
                Some((columns, true))
            }
            Verdict::Same => {
                self.unchanged += 1;
                None
            }
            Verdict::Changed(change) => {
                self.changed += 1;
                let was_active = known.is_some_and(|known| known.columns.status == EntryStatus::Active);
                if was_active && change.columns.status != EntryStatus::Active {
                    self.ended.add(&row.registry_no);
                }
                for name in &change.names {
                    *self.changed_columns.entry(name.clone()).or_default() += 1;
                }
                if self.first_changed.len() < FIRST {
                    let columns = change.names.into_iter().collect();
                    self.first_changed.push(ChangedRow { line: row.line, registry_no: row.registry_no.clone(), columns });
                }
                Some((change.columns, change.identifiers))
            }
            Verdict::OtherKind(kind) => {
                self.rejections.add(vec![Rejection::in_column(row.line, "registry_no", Reason::OtherKind(kind))]);
                None
            }
        }
    }

    fn seal(&self, row: &CheckedRow, entry: EntryId, values: &mut Vec<StagedIdentifier>) -> Result<()> {
        for value in &row.identifiers {
            let (digest_key, digest) = self.realm.vault.digest(Purpose::Lookup, &value.field, &value.normal)?;
            let place = Place { table: "identifier", column: "sealed", row: entry.as_bytes() };
            let sealed = self.realm.vault.seal(&self.manage.app.entropy, place, value.normal.as_bytes())?;
            let (realm, import, field) = (self.realm.id, self.id, value.field.clone());
            values.push(StagedIdentifier { realm, import, entry, field, digest, digest_key, sealed });
        }
        Ok(())
    }

    async fn stage(&self, entries: Vec<StagedEntry>, values: Vec<StagedIdentifier>) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let held = self.write(move |tx| files::stage(tx, &entries, &values)).await?;
        if held { Ok(()) } else { Err(lost()) }
    }

    /// Finds, and stages as left, the active entries that are not in the file.
    async fn not_in_file(&mut self, read: &WholeFile) -> Result<()> {
        let kind = self.how.kind;
        let mut after = EntryId::from_bytes([0; 16]);
        loop {
            let populations: Vec<String> = read.populations.iter().cloned().collect();
            let page = move |rx: &mut crate::store::Rx<'_>| files::active_after(rx, kind, &populations, after, PAGE);
            let page = self.manage.app.db.read(self.realm.id, page).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            self.ended.active += page.len() as u64;
            let mut entries = Vec::new();
            for known in page.iter().filter(|known| !read.keys.has(&known.columns.registry_no)) {
                self.ended.add(&known.columns.registry_no);
                if self.options.apply {
                    let left = Columns { status: EntryStatus::Left, ..known.columns.clone() };
                    entries.push(StagedEntry::new((self.realm.id, self.id, known.id), kind, left, Some(known), false));
                }
            }
            self.stage(entries, Vec::new()).await?;
        }
    }

    /// How many are active in the populations of the file.
    async fn active(&self, read: &WholeFile) -> Result<u64> {
        let (kind, populations): (_, Vec<String>) = (self.how.kind, read.populations.iter().cloned().collect());
        self.manage.app.db.read(self.realm.id, move |rx| files::active(rx, kind, &populations)).await
    }

    /// Changes the registry in one transaction, with all that follows from it; how long that took, in milliseconds.
    async fn merge(&self, report: &ImportReport) -> Result<u64> {
        let (now, import) = (self.now(), self.id);
        let event = self.manage.event(now, "registry.imported").about(report.kind.as_str()).with("file", report.file.as_str());
        let event = event.with("sha256", report.sha256.as_str()).with("mode", mode(report.mode)).with("rows", report.rows);
        let event = event.with("new", report.new).with("changed", report.changed).with("ended", report.ended);
        let effects = StatusEffects::new(self.manage, &self.realm, now);
        let merge = move |tx: &mut Tx<'_>| {
            if !tx.with_room(|tx| files::merge(tx, import, now))? {
                return Err(Failure::Busy("the registry was changed by other hands while the file was read"));
            }
            let (turned, reached) = (files::turned(tx, import)?, store::reached(tx, import)?);
            let mut nth = 0;
            for (entry, status, former, since) in turned {
                let turn = Turn { entry, status, former: Some((former, since)) };
                effects.note(tx, turn, &mut nth)?;
                if reached.contains(&entry) {
                    effects.follow(tx, turn, &mut nth)?;
                }
            }
            audit::record(tx, &event)
        };
        if !self.write(merge).await? {
            return Err(lost());
        }
        Ok(u64::try_from(self.now().since(now).as_millis()).unwrap_or(u64::MAX))
    }

    fn report(&mut self, read: &WholeFile, outcome: ImportOutcome) -> ImportReport {
        let (allowed, ended): (AllowEnded, Ended) = (self.options.allow_ended, std::mem::take(&mut self.ended));
        ImportReport {
            file: file_name(&self.options.file),
            sha256: read.sha256.clone(),
            kind: self.how.kind,
            mode: self.options.mode,
            outcome,
            rows: read.rows,
            new: self.new,
            changed: self.changed,
            unchanged: self.unchanged,
            ended: ended.count,
            active: ended.active,
            allow_ended: allowed.to_string(),
            rejected: self.rejections.lines,
            changed_columns: std::mem::take(&mut self.changed_columns),
            first_changed: std::mem::take(&mut self.first_changed),
            first_ended: ended.first,
            rejections: std::mem::take(&mut self.rejections.kept),
            merge_millis: None,
        }
    }
}

const fn lost() -> Failure {
    Failure::Busy("another import of this realm began meanwhile")
}

const fn mode(mode: ImportMode) -> &'static str {
    match mode {
        ImportMode::Delta => "delta",
        ImportMode::Full => "full",
    }
}

/// The name without its folders, fit for the audit trail.
fn file_name(path: &str) -> String {
    let name = std::path::Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or("file");
    if is_plain(name) { name.chars().take(100).collect() } else { "file".to_owned() }
}
