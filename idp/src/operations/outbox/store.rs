//! The rows of messages.

use super::prepare::Prepared;
use crate::error::Result;
use crate::store::Tx;
use crate::store::schema::message;
use diesel::prelude::*;

/// Puts a message into the outbox, in the transaction of the change it tells of. Wake the worker after the commit
/// (`app.outbox_wake.notify_one()`); it looks by itself every two seconds.
pub fn enqueue(tx: &mut Tx<'_>, prepared: &Prepared) -> Result<()> {
    let row = (
        message::realm.eq(tx.realm()),
        message::id.eq(prepared.id),
        message::kind.eq(prepared.kind),
        message::channel.eq(prepared.channel.as_str()),
        message::target.eq(&prepared.target),
        message::payload.eq(Some(&prepared.payload)),
        message::state.eq("queued"),
        message::attempts.eq(0),
        message::next_at.eq(prepared.at),
        message::expires_at.eq(prepared.expires_at),
        message::created_at.eq(prepared.at),
        message::updated_at.eq(prepared.at),
    );
    diesel::insert_into(message::table).values(row).execute(tx.conn)?;
    Ok(())
}
