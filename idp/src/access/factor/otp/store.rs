//! The rows of challenges.

use super::rules::{Checked, Resend, SentCode, State};
use super::{Bound, Prepared, digested};
use crate::error::Result;
use crate::realm::Realm;
use crate::store::schema::challenge;
use crate::store::{Rx, Tx, cached};
use crate::vault::Purpose;
use diesel::prelude::*;
use poterne_protocol::id::ChallengeId;
use poterne_protocol::time::Timestamp;

type Row = (String, i32, i32, Timestamp, Timestamp, Option<Timestamp>);

/// Starts a challenge with its first code. Its message must leave in the same transaction.
pub fn start(tx: &mut Tx<'_>, new: &Prepared) -> Result<()> {
    let codes = vec![SentCode::new(new.key, new.digest, new.expires_at)];
    let row = (
        challenge::realm.eq(tx.realm()),
        challenge::id.eq(new.id),
        challenge::purpose.eq(new.bound.purpose.as_str()),
        challenge::owner.eq(new.bound.owner.to_vec()),
        challenge::account.eq(new.bound.account),
        challenge::channel.eq(new.bound.channel.as_str()),
        challenge::target.eq(&new.target),
        challenge::codes.eq(serde_json::to_string(&codes)?),
        challenge::tries.eq(0),
        challenge::sends.eq(1),
        challenge::created_at.eq(new.at),
        challenge::last_sent_at.eq(new.at),
        challenge::expires_at.eq(new.expires_at),
    );
    diesel::insert_into(challenge::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The challenge of this id, if it is of this purpose, owner and channel.
fn load(rx: &mut Rx<'_>, id: ChallengeId, bound: &Bound) -> Result<Option<State>> {
    use challenge as c;
    let row = c::table.find((rx.realm(), id)).filter(c::purpose.eq(bound.purpose.as_str()));
    let row = row.filter(c::owner.eq(bound.owner.to_vec())).filter(c::channel.eq(bound.channel.as_str()));
    let columns = (c::codes, c::tries, c::sends, c::last_sent_at, c::expires_at, c::consumed_at);
    let row: Option<Row> = row.select(columns).get_result(rx.conn).optional()?;
    row.map(|(codes, tries, sends, last_sent_at, expires_at, consumed_at)| {
        let number = |n: i32| u32::try_from(n).unwrap_or(0);
        Ok(State {
            codes: serde_json::from_str(&codes)?,
            tries: number(tries),
            sends: number(sends),
            last_sent_at,
            expires_at,
            consumed: consumed_at.is_some(),
        })
    })
    .transpose()
}

/// Whether another code may be sent now, for the page to say; nothing is changed.
pub fn may_resend(rx: &mut Rx<'_>, realm: &Realm, now: Timestamp, id: ChallengeId, bound: &Bound) -> Result<Resend> {
    let state = load(rx, id, bound)?;
    Ok(state.map_or(Resend::Spent, |state| state.resend(now, realm.policy())))
}

/// Adds another code to its challenge, if it may be sent: on [`Resend::Sent`] its message must leave in the same transaction.
pub fn resend(tx: &mut Tx<'_>, realm: &Realm, new: &Prepared) -> Result<Resend> {
    let policy = realm.policy();
    let Some(state) = load(tx, new.id, &new.bound)? else {
        return Ok(Resend::Spent);
    };
    let may = state.resend(new.at, policy);
    if may != Resend::Sent {
        return Ok(may);
    }
    let codes = state.codes_with(SentCode::new(new.key, new.digest, new.expires_at), new.at, policy);
    let change = (
        challenge::codes.eq(serde_json::to_string(&codes)?),
        challenge::sends.eq(challenge::sends + 1),
        challenge::last_sent_at.eq(new.at),
        challenge::expires_at.eq(new.expires_at),
    );
    cached::update(challenge::table.find((tx.realm(), new.id)), change).execute(tx.conn)?;
    Ok(Resend::Sent)
}

/// Compares typed digits (see [`typed_digits`](crate::access::factor::typed_digits)). The try is counted before they are compared; a
/// right code is used up, once. What is refused must be kept: answer `Ok` in the transaction.
pub fn check(tx: &mut Tx<'_>, realm: &Realm, now: Timestamp, id: ChallengeId, bound: &Bound, digits: &str) -> Result<Checked> {
    let policy = realm.policy();
    if !take_try(tx, realm, now, id, bound)? {
        let state = load(tx, id, bound)?;
        return Ok(state.and_then(|state| state.refusal(now, policy)).unwrap_or(Checked::Spent));
    }
    let Some(state) = load(tx, id, bound)? else {
        return Ok(Checked::Spent);
    };
    let (kind, text) = digested(id, bound, digits);
    let mut right = false;
    for code in state.codes.iter().filter(|code| now < code.expires_at) {
        // Every live code is compared, so that the time taken tells nothing.
        right |= realm.vault.digest_with(Purpose::Code, code.key, &kind, &text)? == code.digest()?;
    }
    if !right {
        return Ok(Checked::Wrong { left: policy.otp_tries.saturating_sub(state.tries) });
    }
    let row = challenge::table.filter(challenge::realm.eq(tx.realm())).filter(challenge::id.eq(id));
    let unused = row.filter(challenge::consumed_at.is_null());
    let won = cached::update(unused, challenge::consumed_at.eq(Some(now))).execute(tx.conn)? == 1;
    Ok(if won { Checked::Right } else { Checked::Spent })
}

/// Counts a try, if the challenge is of this purpose and owner and has one left.
fn take_try(tx: &mut Tx<'_>, realm: &Realm, now: Timestamp, id: ChallengeId, bound: &Bound) -> Result<bool> {
    use challenge as c;
    let most = i32::try_from(realm.policy().otp_tries).unwrap_or(i32::MAX);
    let row = c::table.filter(c::realm.eq(tx.realm())).filter(c::id.eq(id)).filter(c::purpose.eq(bound.purpose.as_str()));
    let row = row.filter(c::owner.eq(bound.owner.to_vec())).filter(c::channel.eq(bound.channel.as_str()));
    let open = row.filter(c::consumed_at.is_null()).filter(c::tries.lt(most)).filter(c::expires_at.gt(now));
    Ok(cached::update(open, c::tries.eq(c::tries + 1)).execute(tx.conn)? == 1)
}
