//! The rows of grants.

use super::{Bond, Grant};
use crate::access::{consent, session};
use crate::directory::account::{self, Account};
use crate::error::{Failure, Result};
use crate::settings::Policy;
use crate::store::schema::oauth_grant;
use crate::store::{Rx, Tx};
use diesel::prelude::*;
use poterne_protocol::claims::level::{Amr, Level};
use poterne_protocol::claims::request::Wanted;
use poterne_protocol::client::Client;
use poterne_protocol::id::{AccountId, ClientRowId, GrantId, SessionId};
use poterne_protocol::scope::Scope;
use poterne_protocol::time::Timestamp;

#[derive(Queryable, Selectable)]
#[diesel(table_name = oauth_grant)]
struct Row {
    id: GrantId,
    account: AccountId,
    client: ClientRowId,
    session: Option<SessionId>,
    sub: String,
    sid: String,
    scope: String,
    claims: Option<String>,
    resources: Option<String>,
    auth_time: Timestamp,
    acr: String,
    amr: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

impl TryFrom<Row> for Grant {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self> {
        let level = Level::ALL.into_iter().find(|level| level.as_str() == row.acr);
        Ok(Self {
            id: row.id,
            account: row.account,
            client: row.client,
            bond: row.session.map_or(Bond::Offline, Bond::Session),
            subject: row.sub,
            sid: row.sid,
            scope: Scope::parse(&row.scope).map_err(|_| Failure::impossible("a grant's scope"))?,
            wanted: row.claims.as_deref().map(wanted).transpose()?.unwrap_or_default(),
            resources: row.resources.iter().flat_map(|text| text.split(' ')).map(str::to_owned).collect(),
            auth_time: row.auth_time,
            level: level.ok_or_else(|| Failure::impossible("a grant's level"))?,
            amr: row.amr.split(' ').map(method).collect::<Result<_>>()?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        })
    }
}

fn wanted(text: &str) -> Result<Wanted> {
    serde_json::from_str(text).map_err(|_| Failure::impossible("a grant's claims"))
}

/// A method as it stands on the wire, which is also how it is kept.
fn method(text: &str) -> Result<Amr> {
    serde_json::from_value(text.into()).map_err(|_| Failure::impossible("a grant's methods"))
}

fn methods(amr: &[Amr]) -> Result<String> {
    let mut words = Vec::new();
    for method in amr {
        let serde_json::Value::String(word) = serde_json::to_value(method)? else {
            return Err(Failure::internal("a method without a name"));
        };
        words.push(word);
    }
    Ok(words.join(" "))
}

/// The grant of this id.
pub fn load(rx: &mut Rx<'_>, id: GrantId) -> Result<Option<Grant>> {
    let row = oauth_grant::table.find((rx.realm(), id)).select(Row::as_select()).get_result(rx.conn).optional()?;
    row.map(Grant::try_from).transpose()
}

/// Inserts a grant.
pub fn insert(tx: &mut Tx<'_>, grant: &Grant) -> Result<()> {
    let session = match grant.bond {
        Bond::Session(session) => Some(session),
        Bond::Offline => None,
    };
    let claims = if grant.wanted.is_empty() { None } else { Some(serde_json::to_string(&grant.wanted)?) };
    let row = (
        oauth_grant::realm.eq(tx.realm()),
        oauth_grant::id.eq(grant.id),
        oauth_grant::account.eq(grant.account),
        oauth_grant::client.eq(grant.client),
        oauth_grant::session.eq(session),
        oauth_grant::sub.eq(&grant.subject),
        oauth_grant::sid.eq(&grant.sid),
        oauth_grant::scope.eq(grant.scope.to_string()),
        oauth_grant::claims.eq(claims),
        oauth_grant::resources.eq((!grant.resources.is_empty()).then(|| grant.resources.join(" "))),
        oauth_grant::auth_time.eq(grant.auth_time),
        oauth_grant::acr.eq(grant.level.as_str()),
        oauth_grant::amr.eq(methods(&grant.amr)?),
        oauth_grant::created_at.eq(grant.created_at),
        oauth_grant::expires_at.eq(grant.expires_at),
    );
    diesel::insert_into(oauth_grant::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Ends a grant and with it everything that was issued from it: `false` when it had ended before.
pub fn revoke(tx: &mut Tx<'_>, id: GrantId, now: Timestamp) -> Result<bool> {
    let row = oauth_grant::table.filter(oauth_grant::realm.eq(tx.realm())).filter(oauth_grant::id.eq(id));
    let row = row.filter(oauth_grant::revoked_at.is_null());
    Ok(diesel::update(row).set(oauth_grant::revoked_at.eq(Some(now))).execute(tx.conn)? == 1)
}

/// Ends every grant of an account, offline ones as well; how many had not ended before.
pub fn revoke_of_account(tx: &mut Tx<'_>, account: AccountId, now: Timestamp) -> Result<usize> {
    let rows = oauth_grant::table.filter(oauth_grant::realm.eq(tx.realm())).filter(oauth_grant::account.eq(account));
    Ok(diesel::update(rows.filter(oauth_grant::revoked_at.is_null()))
        .set(oauth_grant::revoked_at.eq(Some(now)))
        .execute(tx.conn)?)
}

/// How many grants of a client live, as far as the grants go.
pub fn count_of_client(rx: &mut Rx<'_>, client: ClientRowId, now: Timestamp) -> Result<i64> {
    let rows = oauth_grant::table.filter(oauth_grant::realm.eq(rx.realm())).filter(oauth_grant::client.eq(client));
    let rows = rows.filter(oauth_grant::revoked_at.is_null()).filter(oauth_grant::expires_at.gt(now));
    Ok(rows.count().get_result(rx.conn)?)
}

/// Ends every grant of a client, and forgets what people allowed it; how many grants had neither ended nor expired before.
pub fn revoke_of_client(tx: &mut Tx<'_>, client: ClientRowId, now: Timestamp) -> Result<usize> {
    consent::forget_client(tx, client)?;
    let rows = oauth_grant::table.filter(oauth_grant::realm.eq(tx.realm())).filter(oauth_grant::client.eq(client));
    let rows = rows.filter(oauth_grant::revoked_at.is_null()).filter(oauth_grant::expires_at.gt(now));
    Ok(diesel::update(rows).set(oauth_grant::revoked_at.eq(Some(now))).execute(tx.conn)?)
}

/// The account that may get tokens and data from this grant now; `None` when the grant does not live. The one place that decides it,
/// for every way of using a grant: not revoked, not too old, its session alive, or being offline no older than the account's
/// password and begun since everything of the account was last ended, the account active, the client still serving it.
pub fn holder(rx: &mut Rx<'_>, grant: &Grant, client: &Client, now: Timestamp, policy: &Policy) -> Result<Option<Account>> {
    if grant.revoked_at.is_some() || now >= grant.expires_at {
        return Ok(None);
    }
    if let Bond::Session(session) = grant.bond {
        let session = session::live(rx, session, now, policy)?;
        if session.is_none_or(|session| session.account != grant.account) {
            return Ok(None);
        }
    }
    let account = account::load(rx, grant.account)?.filter(|account| {
        let outlived = grant.created_at < account.password_set_at || account.is_cut_since(grant.created_at);
        !(grant.bond == Bond::Offline && outlived) && account.is_active(now) && client.serves(&account.population)
    });
    Ok(account)
}
