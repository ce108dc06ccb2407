//! The rows of acceptances. They are added, never changed.

use crate::error::{Failure, Result};
use crate::lang::Lang;
use crate::store::schema::acceptance;
use crate::store::{Rx, Tx};
use diesel::prelude::*;
use poterne_protocol::id::{AcceptanceId, AccountId};
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;

/// An acceptance to be kept.
#[derive(Debug, Clone)]
pub struct NewAcceptance {
    /// Names the acceptance.
    pub id: AcceptanceId,
    /// Who accepted.
    pub account: AccountId,
    /// The population whose terms they are.
    pub population: String,
    /// Their version.
    pub version: u32,
    /// The language shown.
    pub language: Lang,
    /// SHA-256 of the text shown.
    pub hash: Digest,
    /// Where: `registration`, `recovery`, `sign_in` or `operator`.
    pub channel: &'static str,
    /// When.
    pub at: Timestamp,
}

/// Keeps an acceptance.
pub fn accept(tx: &mut Tx<'_>, new: &NewAcceptance) -> Result<()> {
    let row = (
        acceptance::realm.eq(tx.realm()),
        acceptance::id.eq(new.id),
        acceptance::account.eq(new.account),
        acceptance::population.eq(&new.population),
        acceptance::version.eq(new.version.to_string()),
        acceptance::language.eq(new.language.tag()),
        acceptance::hash.eq(new.hash.as_bytes().to_vec()),
        acceptance::channel.eq(new.channel),
        acceptance::accepted_at.eq(new.at),
    );
    diesel::insert_into(acceptance::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// An acceptance, as the person may read it later.
#[derive(Debug, Clone)]
pub struct Acceptance {
    /// The population whose terms they are.
    pub population: String,
    /// Their version.
    pub version: u32,
    /// The language shown.
    pub language: Lang,
    /// Where: `registration`, `recovery`, `sign_in` or `operator`.
    pub channel: String,
    /// When.
    pub at: Timestamp,
}

/// Everything an account accepted, the newest first.
pub fn acceptances(rx: &mut Rx<'_>, account: AccountId) -> Result<Vec<Acceptance>> {
    use acceptance as a;
    let rows =
        a::table.filter(a::realm.eq(rx.realm())).filter(a::account.eq(account)).order((a::accepted_at.desc(), a::id.desc()));
    let rows: Vec<(String, String, String, String, Timestamp)> =
        rows.select((a::population, a::version, a::language, a::channel, a::accepted_at)).load(rx.conn)?;
    let read = |(population, version, language, channel, at): (String, String, String, String, Timestamp)| {
        let version = version.parse().map_err(|_| Failure::impossible("an acceptance's version"))?;
        let language = Lang::from_tag(&language).ok_or_else(|| Failure::impossible("an acceptance's language"))?;
        Ok(Acceptance { population, version, language, channel, at })
    };
    rows.into_iter().map(read).collect()
}

/// The highest version of a population's terms that an account accepted.
pub fn latest_accepted(rx: &mut Rx<'_>, account: AccountId, population: &str) -> Result<Option<u32>> {
    let accepted = acceptances(rx, account)?;
    Ok(accepted.into_iter().filter(|accepted| accepted.population == population).map(|accepted| accepted.version).max())
}
