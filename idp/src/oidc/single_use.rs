//! What counts once, on whichever node and after whatever restart: the `jti` of a client's assertion (RFC 7523 section 3) among others.

use crate::error::Result;
use crate::store::schema::single_use;
use crate::store::{Rx, Tx, on_engine};
use diesel::prelude::*;
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;

/// What is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The `jti` of an assertion by which a client proves who it is.
    ClientAssertion,
    /// A signed access token without a grant, revoked: [`is_spent`] says so.
    RevokedToken,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::ClientAssertion => "client_assertion",
            Self::RevokedToken => "revoked_token",
        }
    }
}

/// Spends something: `true` the first time, `false` ever after, until a while past `expires_at`, when the thing itself counts no more.
pub fn spend(tx: &mut Tx<'_>, kind: Kind, digest: Digest, expires_at: Timestamp) -> Result<bool> {
    let row = (
        single_use::realm.eq(tx.realm()),
        single_use::kind.eq(kind.as_str()),
        single_use::digest.eq(digest),
        single_use::expires_at.eq(expires_at),
    );
    let insert = diesel::insert_into(single_use::table).values(row);
    let inserted = on_engine!(&mut *tx.conn, conn => insert.on_conflict_do_nothing().execute(conn))?;
    Ok(inserted == 1)
}

/// Whether it is spent.
pub fn is_spent(rx: &mut Rx<'_>, kind: Kind, digest: Digest) -> Result<bool> {
    let row = single_use::table.find((rx.realm(), kind.as_str(), digest)).select(single_use::expires_at);
    Ok(row.get_result::<Timestamp>(rx.conn).optional()?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::House;
    use std::time::Duration;

    #[tokio::test]
    async fn of_many_at_once_one_is_the_first_on_every_database() {
        for house in House::all().await {
            let until = house.now().plus(Duration::from_secs(60));
            for round in 0..5_u8 {
                let digest = Digest::of(&[round]);
                let attempts: Vec<_> = (0..16)
                    .map(|_| {
                        let (db, realm) = (house.app.db.clone(), house.realm.id);
                        tokio::spawn(async move {
                            db.write(realm, move |tx| spend(tx, Kind::ClientAssertion, digest, until)).await.unwrap()
                        })
                    })
                    .collect();
                let mut first = 0;
                for attempt in attempts {
                    first += usize::from(attempt.await.unwrap());
                }
                assert_eq!(first, 1);
            }
            assert_eq!(house.count("SELECT COUNT(*) AS n FROM single_use").await, 5);
        }
    }

    #[tokio::test]
    async fn each_realm_spends_its_own() {
        let house = House::new().await;
        let other = house.add_realm("dent").await;
        let (digest, until) = (Digest::of(b"a"), house.now());
        assert!(house.write(move |tx| spend(tx, Kind::ClientAssertion, digest, until)).await);
        let theirs = house.app.db.write(other.id, move |tx| spend(tx, Kind::ClientAssertion, digest, until)).await.unwrap();
        assert!(theirs);
        assert!(!house.write(move |tx| spend(tx, Kind::ClientAssertion, digest, until)).await);
    }
}
