//! The rows of published texts and of acceptances. They are added, never changed.

use super::rules::{Publication, PublishedText, publication};
use crate::error::{Failure, Result};
use crate::lang::Lang;
use crate::settings::TermsVersion;
use crate::store::schema::{acceptance, terms_version};
use crate::store::{Rx, Tx};
use diesel::prelude::*;
use poterne_protocol::id::{AcceptanceId, AccountId};
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;

/// Publishes a version in the languages that are not published yet. A refusal has written nothing.
pub fn publish(tx: &mut Tx<'_>, population: &str, version: &TermsVersion, now: Timestamp) -> Result<Publication> {
    let publication = publication(version, &texts(tx, population, version.number)?);
    if let Publication::New(languages) = &publication {
        for lang in languages {
            let text = version.text.get(*lang);
            let row = (
                terms_version::realm.eq(tx.realm()),
                terms_version::population.eq(population),
                terms_version::version.eq(version.number.to_string()),
                terms_version::language.eq(lang.tag()),
                terms_version::effective_from.eq(version.effective_from.to_string()),
                terms_version::text.eq(text),
                terms_version::hash.eq(Digest::of(text.as_bytes()).as_bytes().to_vec()),
                terms_version::published_at.eq(now),
            );
            diesel::insert_into(terms_version::table).values(row).execute(tx.conn)?;
        }
    }
    Ok(publication)
}

/// A published version in this language, else in the first one it has. A version that the realm's document does not hold any more
/// can still be read.
pub fn published(rx: &mut Rx<'_>, population: &str, number: u32, lang: Lang) -> Result<Option<PublishedText>> {
    let mut texts = texts(rx, population, number)?;
    let at = texts.iter().position(|text| text.language == lang).unwrap_or_default();
    Ok((at < texts.len()).then(|| texts.swap_remove(at)))
}

/// Every language of a published version, in the order of the switcher.
fn texts(rx: &mut Rx<'_>, population: &str, number: u32) -> Result<Vec<PublishedText>> {
    use terms_version as v;
    let rows = v::table.filter(v::realm.eq(rx.realm())).filter(v::population.eq(population));
    let rows = rows.filter(v::version.eq(number.to_string())).select((v::language, v::effective_from, v::text));
    let rows: Vec<(String, String, String)> = rows.load(rx.conn)?;
    let read = |(language, effective_from, text): (String, String, String)| {
        let language = Lang::from_tag(&language).ok_or_else(|| Failure::impossible("the language of published terms"))?;
        let effective_from = effective_from.parse().map_err(|_| Failure::impossible("the day of published terms"))?;
        Ok(PublishedText { number, language, effective_from, text })
    };
    let mut texts: Vec<PublishedText> = rows.into_iter().map(read).collect::<Result<_>>()?;
    texts.sort_by_key(|text| text.language);
    Ok(texts)
}

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
