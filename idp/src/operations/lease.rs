//! Leases: one worker at a time does what must not be done by two. A holder that dies loses its lease by time.

use crate::error::Result;
use crate::store::schema::lease;
use crate::store::{Tx, cached};
use diesel::prelude::*;
use poterne_protocol::time::Timestamp;

/// Names a worker of a process: random, new with every start.
pub type Holder = [u8; 16];

/// Takes a lease or prolongs the own one until then: `false` while another holds it.
pub fn take(tx: &mut Tx<'_>, name: &str, holder: &Holder, now: Timestamp, until: Timestamp) -> Result<bool> {
    let realm = tx.realm();
    let free = lease::holder.eq(holder.as_slice()).or(lease::until.le(now));
    let row = lease::table.filter(lease::realm.eq(realm)).filter(lease::name.eq(name)).filter(free);
    let change = (lease::holder.eq(holder.as_slice()), lease::until.eq(until));
    if cached::update(row, change).execute(tx.conn)? == 1 {
        return Ok(true);
    }
    let held: i64 = lease::table.find((realm, name)).count().get_result(tx.conn)?;
    if held > 0 {
        return Ok(false);
    }
    let key = (lease::realm.eq(realm), lease::name.eq(name));
    diesel::insert_into(lease::table).values((key.0, key.1, change.0, change.1)).execute(tx.conn)?;
    Ok(true)
}

/// Whether the lease is still this holder's.
pub fn is_held(tx: &mut Tx<'_>, name: &str, holder: &Holder, now: Timestamp) -> Result<bool> {
    let row = lease::table.find((tx.realm(), name)).filter(lease::holder.eq(holder.as_slice())).filter(lease::until.gt(now));
    Ok(row.count().get_result::<i64>(tx.conn)? == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::House;
    use std::time::Duration;

    #[tokio::test]
    async fn one_holds_it_until_it_lapses() {
        for house in House::all().await {
            one_holds_it(&house).await;
        }
    }

    async fn one_holds_it(house: &House) {
        let now = house.now();
        let (one, two) = ([1; 16], [2; 16]);
        let take = |holder: Holder, now: Timestamp| {
            house.write(move |tx| {
                Ok((take(tx, "chores", &holder, now, now.plus(Duration::from_secs(60)))?, is_held(tx, "chores", &holder, now)?))
            })
        };
        assert_eq!(take(one, now).await, (true, true));
        assert_eq!(take(two, now).await, (false, false));
        let later = now.plus(Duration::from_secs(30));
        assert_eq!(take(one, later).await, (true, true), "the holder prolongs it");
        assert_eq!(take(two, now.plus(Duration::from_secs(60))).await, (false, false));
        assert_eq!(take(two, now.plus(Duration::from_secs(90))).await, (true, true), "a dead holder loses it");
        let held = house.write(move |tx| is_held(tx, "chores", &one, now.plus(Duration::from_secs(90)))).await;
        assert!(!held);
    }
}
