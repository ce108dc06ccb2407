//! Who has access to an account: what its person agreed to, and the grants that the wing above has made of it. They are read and ended
//! here as rows; whether a single grant may be used is for the wing above to say at each use.

use super::store::{self, Remembered, Row};
use crate::access::session;
use crate::directory::account::Account;
use crate::directory::client;
use crate::error::{Failure, Result};
use crate::settings::Policy;
use crate::store::schema::{consent, oauth_grant, refresh_token};
use crate::store::{Rx, Tx, cached};
use diesel::dsl::max;
use diesel::prelude::*;
use poterne_protocol::claims::request::Wanted;
use poterne_protocol::client::Client;
use poterne_protocol::consent::Agreed;
use poterne_protocol::id::{AccountId, ClientRowId, GrantId, SessionId};
use poterne_protocol::scope::Scope;
use poterne_protocol::time::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A client that has access to an account: it holds a grant that lives, or would get one without asking.
#[derive(Debug, Clone)]
pub struct Access {
    /// The client.
    pub client: Client,
    /// Its row.
    pub row: ClientRowId,
    /// What it gets.
    pub agreed: Agreed,
    /// Since when.
    pub since: Timestamp,
    /// When it last got tokens, as far as that is known.
    pub last_used: Option<Timestamp>,
}

/// A grant, as far as it matters here.
struct Given {
    id: GrantId,
    client: ClientRowId,
    agreed: Agreed,
    lives: bool,
    created_at: Timestamp,
}

type GivenRow = (GrantId, ClientRowId, Option<SessionId>, String, Option<String>, Timestamp, Timestamp, Option<Timestamp>);

/// Who has access to this account, by name.
pub fn accesses(rx: &mut Rx<'_>, account: &Account, now: Timestamp, policy: &Policy) -> Result<Vec<Access>> {
    let given = given(rx, account, now, policy)?;
    let renewed = renewed(rx, &given)?;
    let mut remembered = all_remembered(rx, account.id)?;
    let living = given.iter().filter(|grant| grant.lives).map(|grant| grant.client);
    let clients: HashSet<ClientRowId> = living.chain(remembered.keys().copied()).collect();
    let mut found = Vec::with_capacity(clients.len());
    for row in clients {
        // A client that was removed has access to nothing.
        let Some(registered) = client::by_row(rx, row)? else { continue };
        let consent = remembered.remove(&row);
        let living = given.iter().filter(|grant| grant.lives && grant.client == row);
        let begun = living.clone().map(|grant| grant.created_at).min();
        let agreed = consent.as_ref().map(|consent| consent.agreed.clone()).unwrap_or_default();
        let agreed = living.fold(agreed, |all, grant| all.and(&grant.agreed));
        let used = given.iter().filter(|grant| grant.client == row);
        let last_used = used.flat_map(|grant| [Some(grant.created_at), renewed.get(&grant.id).copied()]).flatten().max();
        let since = consent.map(|consent| consent.given_at).into_iter().chain(begun).min().unwrap_or(now);
        found.push(Access { client: registered.client, row, agreed, since, last_used });
    }
    found.sort_by(|one, other| one.client.client_name.cmp(&other.client.client_name).then(one.row.cmp(&other.row)));
    Ok(found)
}

/// All grants of the account that are still kept.
fn given(rx: &mut Rx<'_>, account: &Account, now: Timestamp, policy: &Policy) -> Result<Vec<Given>> {
    use oauth_grant as g;
    let sessions: HashSet<SessionId> =
        session::of_account(rx, account.id, now, policy)?.into_iter().map(|listed| listed.session.id).collect();
    let rows = g::table.filter(g::realm.eq(rx.realm())).filter(g::account.eq(account.id));
    let columns = (g::id, g::client, g::session, g::scope, g::claims, g::created_at, g::expires_at, g::revoked_at);
    let rows: Vec<GivenRow> = rows.select(columns).load(rx.conn)?;
    let read = |(id, client, session, scope, claims, created_at, expires_at, revoked_at): GivenRow| {
        let scope = Scope::parse(&scope).map_err(|_| Failure::impossible("a grant's scope"))?;
        let wanted: Wanted = claims.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
        let bond = match session {
            Some(session) => sessions.contains(&session),
            None => created_at >= account.password_set_at && !account.is_cut_since(created_at),
        };
        let lives = bond && revoked_at.is_none() && now < expires_at;
        let named = Agreed { scope: Scope::default(), claims: wanted.id_token.union(&wanted.userinfo).cloned().collect() };
        let agreed = Agreed { scope, ..Agreed::default() }.and(&named);
        Ok(Given { id, client, agreed, lives, created_at })
    };
    rows.into_iter().map(read).collect()
}

/// When each of these grants last gave a refresh token.
fn renewed(rx: &mut Rx<'_>, given: &[Given]) -> Result<HashMap<GrantId, Timestamp>> {
    use refresh_token as r;
    let ids: Vec<GrantId> = given.iter().map(|grant| grant.id).collect();
    let rows = r::table.filter(r::realm.eq(rx.realm())).filter(r::oauth_grant.eq_any(ids)).group_by(r::oauth_grant);
    let rows: Vec<(GrantId, Option<Timestamp>)> = rows.select((r::oauth_grant, max(r::issued_at))).load(rx.conn)?;
    Ok(rows.into_iter().filter_map(|(grant, at)| Some((grant, at?))).collect())
}

fn all_remembered(rx: &mut Rx<'_>, account: AccountId) -> Result<BTreeMap<ClientRowId, Remembered>> {
    use consent as c;
    let rows = c::table.filter(c::realm.eq(rx.realm())).filter(c::account.eq(account));
    let rows: Vec<(ClientRowId, Row)> =
        rows.select((c::client, (c::scope, c::claims, c::given_at, c::updated_at))).load(rx.conn)?;
    rows.into_iter().map(|(client, row)| Ok((client, store::read(row)?))).collect()
}

/// Takes a client's access to an account back: what was agreed to is forgotten, its grants end, and with them every token that came of
/// them. How many grants ended; `None` where the client had no access.
pub fn end_access(tx: &mut Tx<'_>, account: AccountId, client: ClientRowId, now: Timestamp) -> Result<Option<usize>> {
    let forgotten = store::forget(tx, account, client)?;
    let rows = oauth_grant::table.filter(oauth_grant::realm.eq(tx.realm())).filter(oauth_grant::account.eq(account));
    let rows = rows.filter(oauth_grant::client.eq(client)).filter(oauth_grant::revoked_at.is_null());
    let rows = rows.filter(oauth_grant::expires_at.gt(now));
    let ended = cached::update(rows, oauth_grant::revoked_at.eq(Some(now))).execute(tx.conn)?;
    Ok((forgotten || ended > 0).then_some(ended))
}
