//! How long a realm's keys have been signing.

use crate::error::Result;
use crate::store::Rx;
use crate::store::schema::signing_key as k;
use diesel::prelude::*;
use poterne_protocol::jose::Algorithm;
use poterne_protocol::time::Timestamp;

/// Of each algorithm whose key signs now: the seconds since it began.
pub fn ages(rx: &mut Rx<'_>, now: Timestamp) -> Result<Vec<(Algorithm, i64)>> {
    let mut found = Vec::new();
    for algorithm in Algorithm::ALL {
        let rows = k::table.filter(k::realm.eq(rx.realm())).filter(k::alg.eq(algorithm.as_str())).filter(k::active_from.le(now));
        let rows = rows.filter(k::retired_at.is_null().or(k::retired_at.gt(now)));
        let since: Option<Timestamp> = rows.select(diesel::dsl::max(k::active_from)).first(rx.conn)?;
        found.extend(since.map(|since| (algorithm, now.since(since).as_secs().try_into().unwrap_or(i64::MAX))));
    }
    Ok(found)
}
