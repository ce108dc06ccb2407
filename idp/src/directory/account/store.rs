//! The rows of accounts.

use super::Account;
use crate::error::{Failure, Result};
use crate::lang::Lang;
use crate::store::schema::account;
use crate::store::{Rx, Tx, cached};
use diesel::prelude::*;
use poterne_protocol::claims::level::Level;
use poterne_protocol::id::{AccountId, EntryId, RealmId};
use poterne_protocol::secret::Sealed;
use poterne_protocol::time::Timestamp;

#[derive(Queryable, Selectable)]
#[diesel(table_name = account)]
struct Row {
    id: AccountId,
    population: String,
    entry: Option<EntryId>,
    email: String,
    email_verified_at: Option<Timestamp>,
    language: String,
    title: Option<String>,
    last_name: Option<String>,
    first_name: Option<String>,
    claims: Option<Sealed>,
    password_hash: String,
    password_set_at: Timestamp,
    level: String,
    locked_until: Option<Timestamp>,
    suspended_at: Option<Timestamp>,
    deactivated_at: Option<Timestamp>,
    access_ends_at: Option<Timestamp>,
    cut_at: Option<Timestamp>,
    created_at: Timestamp,
    last_login_at: Option<Timestamp>,
    previous_login_at: Option<Timestamp>,
}

impl TryFrom<Row> for Account {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            population: row.population,
            entry: row.entry,
            email: row.email,
            email_verified_at: row.email_verified_at,
            language: Lang::from_tag(&row.language).ok_or_else(|| Failure::impossible("an account's language"))?,
            title: row.title,
            last_name: row.last_name,
            first_name: row.first_name,
            claims: row.claims,
            password_hash: row.password_hash,
            password_set_at: row.password_set_at,
            level: Level::ALL
                .into_iter()
                .find(|level| level.as_str() == row.level)
                .ok_or_else(|| Failure::impossible("an account's level"))?,
            locked_until: row.locked_until,
            suspended_at: row.suspended_at,
            deactivated_at: row.deactivated_at,
            access_ends_at: row.access_ends_at,
            cut_at: row.cut_at,
            created_at: row.created_at,
            last_login_at: row.last_login_at,
            previous_login_at: row.previous_login_at,
        })
    }
}

/// An account to be created, its e-mail proven.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Names the account.
    pub id: AccountId,
    /// The population it enrolls in.
    pub population: String,
    /// Its entry in the fund's registry.
    pub entry: EntryId,
    /// Canonical e-mail address.
    pub email: String,
    /// The language of its mails.
    pub language: Lang,
    /// Form of address.
    pub title: Option<String>,
    /// Last name, where it was asked.
    pub last_name: Option<String>,
    /// First name, where it was asked.
    pub first_name: Option<String>,
    /// Argon2id, in PHC form.
    pub password_hash: String,
    /// How strongly it signs in.
    pub level: Level,
    /// When the e-mail was proven.
    pub email_verified_at: Timestamp,
    /// Now.
    pub at: Timestamp,
}

/// The account of this id.
pub fn load(rx: &mut Rx<'_>, id: AccountId) -> Result<Option<Account>> {
    let row = account::table.find((rx.realm(), id)).select(Row::as_select()).get_result(rx.conn).optional()?;
    row.map(Account::try_from).transpose()
}

/// The account with this canonical e-mail address.
pub fn by_email(rx: &mut Rx<'_>, email: &str) -> Result<Option<Account>> {
    let rows = account::table.filter(account::realm.eq(rx.realm())).filter(account::email.eq(email));
    rows.select(Row::as_select()).get_result(rx.conn).optional()?.map(Account::try_from).transpose()
}

/// The account of this registry entry that counts: a deactivated one does not stand in the way of another (C-11), so that an
/// organisation may have several over time.
pub fn by_entry(rx: &mut Rx<'_>, entry: EntryId) -> Result<Option<Account>> {
    let rows = account::table.filter(account::realm.eq(rx.realm())).filter(account::entry.eq(entry));
    let rows = rows.filter(account::deactivated_at.is_null()).order(account::id);
    rows.select(Row::as_select()).get_result(rx.conn).optional()?.map(Account::try_from).transpose()
}

/// The accounts of these registry entries that enrolled in one of these populations; a deactivated one stands for nobody.
pub fn of_entries(rx: &mut Rx<'_>, entries: &[EntryId], populations: &[String]) -> Result<Vec<Account>> {
    let entries = entries.iter().map(|entry| Some(*entry));
    let rows = account::table.filter(account::realm.eq(rx.realm())).filter(account::entry.eq_any(entries));
    let rows = rows
        .filter(account::deactivated_at.is_null())
        .filter(account::population.eq_any(populations))
        .order(account::id)
        .select(Row::as_select());
    rows.load(rx.conn)?.into_iter().map(Account::try_from).collect()
}

/// Every account that this entry has or had, the oldest first.
pub fn ids_of_entry(rx: &mut Rx<'_>, entry: EntryId) -> Result<Vec<AccountId>> {
    let rows = account::table.filter(account::realm.eq(rx.realm())).filter(account::entry.eq(entry));
    Ok(rows.order(account::id).select(account::id).load(rx.conn)?)
}

/// An account by its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Names the account.
    pub id: AccountId,
    /// Its entry in the fund's registry.
    pub entry: Option<EntryId>,
    /// Its own name, where it was asked.
    pub name: String,
}

/// The accounts behind this one, by id, at most so many, with their names.
pub fn names_after(rx: &mut Rx<'_>, after: AccountId, limit: i64) -> Result<Vec<Named>> {
    type Row = (AccountId, Option<EntryId>, Option<String>, Option<String>);
    let rows = account::table.filter(account::realm.eq(rx.realm())).filter(account::id.gt(after)).order(account::id);
    let columns = (account::id, account::entry, account::first_name, account::last_name);
    let rows: Vec<Row> = rows.limit(limit).select(columns).load(rx.conn)?;
    let named = |(id, entry, first, last): Row| {
        let name = [first, last].into_iter().flatten().collect::<Vec<_>>().join(" ");
        Named { id, entry, name }
    };
    Ok(rows.into_iter().map(named).collect())
}

/// Those of these registry entries that have an account that counts.
pub fn with_account(rx: &mut Rx<'_>, entries: &[EntryId]) -> Result<Vec<EntryId>> {
    let entries = entries.iter().map(|entry| Some(*entry));
    let rows = account::table.filter(account::realm.eq(rx.realm())).filter(account::entry.eq_any(entries));
    let found: Vec<Option<EntryId>> = rows.filter(account::deactivated_at.is_null()).select(account::entry).load(rx.conn)?;
    Ok(found.into_iter().flatten().collect())
}

/// How many accounts the realm has.
pub fn count(rx: &mut Rx<'_>) -> Result<i64> {
    Ok(account::table.filter(account::realm.eq(rx.realm())).count().get_result(rx.conn)?)
}

/// How many accounts of a population are not given up.
pub fn count_of(rx: &mut Rx<'_>, population: &str) -> Result<i64> {
    let rows = account::table.filter(account::realm.eq(rx.realm())).filter(account::population.eq(population));
    Ok(rows.filter(account::deactivated_at.is_null()).count().get_result(rx.conn)?)
}

/// Creates an account. A taken e-mail is a `UniqueViolation` of the database: decide that before.
pub fn insert(tx: &mut Tx<'_>, new: &NewAccount) -> Result<()> {
    let realm: RealmId = tx.realm();
    let row = (
        account::realm.eq(realm),
        account::id.eq(new.id),
        account::population.eq(&new.population),
        account::entry.eq(Some(new.entry)),
        account::email.eq(&new.email),
        account::email_verified_at.eq(Some(new.email_verified_at)),
        account::language.eq(new.language.tag()),
        account::title.eq(&new.title),
        account::last_name.eq(&new.last_name),
        account::first_name.eq(&new.first_name),
        account::password_hash.eq(&new.password_hash),
        account::password_set_at.eq(new.at),
        account::level.eq(new.level.as_str()),
        account::created_at.eq(new.at),
    );
    diesel::insert_into(account::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Notes a sign-in; the one before it stays known.
pub fn note_login(tx: &mut Tx<'_>, id: AccountId, at: Timestamp) -> Result<()> {
    let change = (account::previous_login_at.eq(account::last_login_at), account::last_login_at.eq(Some(at)));
    cached::update(account::table.find((tx.realm(), id)), change).execute(tx.conn)?;
    Ok(())
}

/// Sets a new password, if the account still has the one that was verified: `false` when another change came first, so that what
/// was verified no longer counts.
pub fn set_password(tx: &mut Tx<'_>, id: AccountId, old_hash: &str, new_hash: &str, now: Timestamp) -> Result<bool> {
    let row = account::table.filter(account::realm.eq(tx.realm())).filter(account::id.eq(id));
    let row = row.filter(account::password_hash.eq(old_hash));
    let change = (account::password_hash.eq(new_hash), account::password_set_at.eq(now));
    Ok(cached::update(row, change).execute(tx.conn)? == 1)
}

/// Changes the language of an account's mails.
pub fn set_language(tx: &mut Tx<'_>, id: AccountId, language: Lang) -> Result<()> {
    cached::update(account::table.find((tx.realm(), id)), account::language.eq(language.tag())).execute(tx.conn)?;
    Ok(())
}

/// Suspends an account from a time on, or lifts that (`None`).
pub fn suspend(tx: &mut Tx<'_>, id: AccountId, since: Option<Timestamp>) -> Result<()> {
    cached::update(account::table.find((tx.realm(), id)), account::suspended_at.eq(since)).execute(tx.conn)?;
    Ok(())
}

/// Notes that everything of an account ends now: whatever asks [`Account::is_cut_since`] ends with it.
pub fn cut(tx: &mut Tx<'_>, id: AccountId, now: Timestamp) -> Result<()> {
    cached::update(account::table.find((tx.realm(), id)), account::cut_at.eq(Some(now))).execute(tx.conn)?;
    Ok(())
}

/// Ends the lock of an account that has one.
pub fn unlock(tx: &mut Tx<'_>, id: AccountId) -> Result<()> {
    let row = account::table.find((tx.realm(), id));
    cached::update(row, account::locked_until.eq(None::<Timestamp>)).execute(tx.conn)?;
    Ok(())
}

/// Deactivates an account for good.
pub fn deactivate(tx: &mut Tx<'_>, id: AccountId, at: Timestamp) -> Result<()> {
    cached::update(account::table.find((tx.realm(), id)), account::deactivated_at.eq(Some(at))).execute(tx.conn)?;
    Ok(())
}

/// Sets when an account's access ends, or that it has no end (`None`).
pub fn end_access(tx: &mut Tx<'_>, id: AccountId, at: Option<Timestamp>) -> Result<()> {
    cached::update(account::table.find((tx.realm(), id)), account::access_ends_at.eq(at)).execute(tx.conn)?;
    Ok(())
}

/// Puts a new password in the place of the old one; the address was proven again. The level never falls (I-31), and a lock that wrong
/// tries brought ends.
pub fn replace_credentials(
    tx: &mut Tx<'_>,
    id: AccountId,
    password_hash: &str,
    level: Level,
    email_verified_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let change = (
        account::password_hash.eq(password_hash),
        account::password_set_at.eq(now),
        account::email_verified_at.eq(Some(email_verified_at)),
        account::locked_until.eq(None::<Timestamp>),
    );
    cached::update(account::table.find((tx.realm(), id)), change).execute(tx.conn)?;
    if level == Level::Multi {
        cached::update(account::table.find((tx.realm(), id)), account::level.eq(level.as_str())).execute(tx.conn)?;
    }
    Ok(())
}

/// Stops an account because its owner asked for it: `false` when it was suspended before. Only the fund opens it again (I-34).
pub fn stop(tx: &mut Tx<'_>, id: AccountId, now: Timestamp) -> Result<bool> {
    let row = account::table.filter(account::realm.eq(tx.realm())).filter(account::id.eq(id));
    let row = row.filter(account::suspended_at.is_null());
    Ok(cached::update(row, account::suspended_at.eq(Some(now))).execute(tx.conn)? == 1)
}
