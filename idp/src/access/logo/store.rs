//! The rows of logos: one for each client that was shown with one.

use crate::error::Result;
use crate::store::schema::client_logo;
use crate::store::{Rx, Tx};
use diesel::prelude::*;
use poterne_protocol::id::ClientRowId;
use poterne_protocol::time::Timestamp;

/// A logo as it was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// From where.
    pub(super) uri: String,
    /// Its media type and its bytes; `None` where nothing usable came.
    pub(super) picture: Option<(String, Vec<u8>)>,
    /// When.
    pub(super) fetched_at: Timestamp,
}

/// The client's logo.
pub(super) fn load(rx: &mut Rx<'_>, client: ClientRowId) -> Result<Option<Kept>> {
    use client_logo as l;
    type Row = (String, Option<String>, Option<Vec<u8>>, Timestamp);
    let row = l::table.find((rx.realm(), client)).select((l::uri, l::media_type, l::image, l::fetched_at));
    let row: Option<Row> = row.get_result(rx.conn).optional()?;
    Ok(row.map(|(uri, media_type, image, fetched_at)| Kept { uri, picture: media_type.zip(image), fetched_at }))
}

/// Keeps a logo in the place of the one before.
pub(super) fn keep(tx: &mut Tx<'_>, client: ClientRowId, logo: &Kept) -> Result<()> {
    let realm = tx.realm();
    diesel::delete(client_logo::table.find((realm, client))).execute(tx.conn)?;
    let (media_type, image) = logo.picture.as_ref().map(|(media_type, image)| (media_type, image)).unzip();
    let row = (
        client_logo::realm.eq(realm),
        client_logo::client.eq(client),
        client_logo::uri.eq(&logo.uri),
        client_logo::media_type.eq(media_type),
        client_logo::image.eq(image),
        client_logo::fetched_at.eq(logo.fetched_at),
    );
    diesel::insert_into(client_logo::table).values(row).execute(tx.conn)?;
    Ok(())
}
