//! The audit trail by the operator's hand: walked, given out, compared with what was given out before.

use super::{Manage, refused};
use crate::error::Result;
use crate::operations::audit::{self, ExportedEvent, ListedEvent, Verified};
use crate::realm::Realm;
use chrono::{NaiveDate, NaiveTime, TimeZone};
use poterne_protocol::time::Timestamp;
use std::sync::Arc;

/// Where an earlier export and the trail part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// The export itself does not hold together there: it was changed, or lines are missing.
    Export(i64),
    /// The trail ends before it: its end was cut off.
    CutOff(i64),
    /// The trail has another event there.
    Other(i64),
}

/// An earlier export being compared with the trail, piece by piece.
pub struct Comparison {
    manage: Manage,
    realm: Arc<Realm>,
    last: Option<(i64, String)>,
}

impl Manage {
    /// The newest events of a realm's audit trail, at most so many, newest first.
    pub async fn newest_events(&self, slug: &str, limit: i64) -> Result<Vec<ListedEvent>> {
        let realm = self.realm(slug).await?;
        self.app.db.read(realm.id, move |rx| audit::newest(rx, limit)).await
    }

    /// Walks a realm's audit trail from its beginning.
    pub async fn verify_audit(&self, slug: &str) -> Result<Verified> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        self.app.db.read(realm.id, move |rx| audit::verify(rx, now)).await
    }

    /// How many events are not sealed yet.
    pub async fn unsealed_events(&self, slug: &str) -> Result<i64> {
        let realm = self.realm(slug).await?;
        self.app.db.read(realm.id, audit::unsealed).await
    }

    /// The sealed events behind this number, in their order, at most so many. The worker seals within a second.
    pub async fn sealed_events(&self, slug: &str, after: i64, limit: i64) -> Result<Vec<ExportedEvent>> {
        let realm = self.realm(slug).await?;
        self.app.db.read(realm.id, move |rx| audit::sealed_after(rx, after, limit)).await
    }

    /// The number of the first sealed event of this day, in the realm's time zone, or later.
    pub async fn first_event_since(&self, slug: &str, day: NaiveDate) -> Result<Option<i64>> {
        let realm = self.realm(slug).await?;
        let begin = realm.document.time_zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest();
        let begin = begin.map_or_else(|| day.and_time(NaiveTime::MIN).and_utc().timestamp_micros(), |at| at.timestamp_micros());
        self.app.db.read(realm.id, move |rx| audit::first_since(rx, Timestamp::from_micros(begin))).await
    }

    /// Notes that events were given out, from one number to another.
    pub async fn note_export(&self, slug: &str, from: i64, to: i64) -> Result<()> {
        let realm = self.realm(slug).await?;
        let event = self.event(self.app.clock.now(), "audit.exported").with("from", from).with("to", to);
        self.app.db.write(realm.id, move |tx| audit::record(tx, &event)).await
    }

    /// Begins to compare an earlier export with a realm's trail.
    pub async fn compare_audit(&self, slug: &str) -> Result<Comparison> {
        Ok(Comparison { manage: self.clone(), realm: self.realm(slug).await?, last: None })
    }
}

impl Comparison {
    /// Compares the next events of the export; the first place where they differ from the trail, if they do.
    ///
    /// # Errors
    /// [`crate::Failure::Settings`] where the export is of another realm.
    pub async fn next(&mut self, exported: Vec<ExportedEvent>) -> Result<Option<Difference>> {
        let (Some(first), many) = (exported.first().map(|event| event.sequence), exported.len()) else { return Ok(None) };
        let (after, limit) = (first.saturating_sub(1), i64::try_from(many).unwrap_or(i64::MAX));
        let kept = self.manage.app.db.read(self.realm.id, move |rx| audit::sealed_after(rx, after, limit)).await?;
        let mut kept = kept.into_iter();
        for event in exported {
            if event.realm != self.realm.id.to_string() {
                return Err(refused("the export is of another realm"));
            }
            let follows =
                self.last.as_ref().is_none_or(|(sequence, digest)| sequence + 1 == event.sequence && *digest == event.previous);
            if !event.holds() || !follows {
                return Ok(Some(Difference::Export(event.sequence)));
            }
            match kept.next() {
                None => return Ok(Some(Difference::CutOff(event.sequence))),
                Some(kept) if kept != event => return Ok(Some(Difference::Other(event.sequence))),
                Some(_) => {}
            }
            self.last = Some((event.sequence, event.digest));
        }
        Ok(None)
    }
}
