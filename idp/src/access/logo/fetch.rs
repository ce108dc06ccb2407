//! Finding a client's logo: in memory, else among the rows, else at its host.

use super::rules::{LARGEST, is_fresh, media_type};
use super::store::{self, Kept};
use crate::app::App;
use crate::directory::client::Registered;
use crate::error::Result;
use crate::outbound::{Trust, Wanted};
use crate::vault::hex;
use crate::web::context::Ctx;
use crate::web::logos::Known;
use poterne_protocol::id::{ClientRowId, RealmId};
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

/// How long the page of whoever comes first waits for a logo that nobody has fetched yet.
const PATIENCE: Duration = Duration::from_millis(1500);
/// What is fetched. Its media type is judged by its bytes.
const PICTURE: Wanted = Wanted { media_types: &[], max_bytes: LARGEST };

/// One client's logo, to be found.
struct Search {
    app: App,
    realm: RealmId,
    client: ClientRowId,
    client_id: String,
    uri: String,
    trust: Trust,
    now: Timestamp,
}

/// Sees to it that the pages which follow show the client's logo, if it has one. Only a page that shows it for the first time waits, and
/// only a moment; a logo that grew old is fetched again behind its back, and one that cannot be had is not shown.
pub async fn ready(ctx: &Ctx, client: Option<&Registered>) {
    let Some(client) = client else { return };
    let Some(uri) = client.client.logo_uri.clone() else { return };
    let (realm, client_id) = (ctx.realm.id, client.client.client_id.clone());
    let known = ctx.app.logos.known(realm, &client_id, &uri);
    if known.as_ref().is_some_and(|known| is_fresh(known, ctx.now)) || !ctx.app.logos.begin(realm, &client_id) {
        return;
    }
    let trust = client.trust(&ctx.realm);
    let search = Search { app: ctx.app.clone(), realm, client: client.row, client_id, uri, trust, now: ctx.now };
    let task = tokio::spawn(search.run());
    if known.is_none() {
        // Whether it came, or goes on being looked for: the page does without it.
        drop(tokio::time::timeout(PATIENCE, task).await);
    }
}

/// What stands for a picture in its address.
pub(super) fn mark(image: &[u8]) -> String {
    hex(Digest::of(image).as_bytes()).chars().take(16).collect()
}

impl Kept {
    fn known(&self) -> Known {
        let mark = self.picture.as_ref().map(|(_, image)| mark(image));
        Known { uri: self.uri.clone(), mark, fetched_at: self.fetched_at }
    }
}

impl Search {
    async fn run(self) {
        // Also should it panic, or be dropped.
        let _over = Over(&self);
        match self.found().await {
            Ok(kept) => self.app.logos.keep(self.realm, &self.client_id, kept.known()),
            Err(failure) => tracing::error!(client_id = self.client_id, %failure, "a logo cannot be kept"),
        }
    }

    async fn found(&self) -> Result<Kept> {
        let client = self.client;
        let earlier = self.app.db.read(self.realm, move |rx| store::load(rx, client)).await?;
        let earlier = earlier.filter(|kept| kept.uri == self.uri);
        // Another process may have fetched it.
        if let Some(kept) = earlier.clone().filter(|kept| is_fresh(&kept.known(), self.now)) {
            return Ok(kept);
        }
        let fetched = self.fetched().await;
        // One that was good stays until there is a better one.
        let picture = fetched.or_else(|| earlier.and_then(|kept| kept.picture));
        let kept = Kept { uri: self.uri.clone(), picture, fetched_at: self.now };
        let row = kept.clone();
        self.app.db.write(self.realm, move |tx| store::keep(tx, client, &row)).await?;
        Ok(kept)
    }

    async fn fetched(&self) -> Option<(String, Vec<u8>)> {
        let fetched = match self.app.outbound.get(&self.uri, &PICTURE, self.trust).await {
            Ok(fetched) => fetched,
            Err(why) => {
                tracing::warn!(client_id = self.client_id, %why, "a client's logo cannot be fetched");
                return None;
            }
        };
        let Some(media_type) = media_type(&fetched.body) else {
            tracing::warn!(client_id = self.client_id, "a client's logo is no PNG, JPEG or WebP picture");
            return None;
        };
        Some((media_type.to_owned(), fetched.body.to_vec()))
    }
}

/// The end of a search, however it ends.
struct Over<'a>(&'a Search);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.app.logos.give_up(self.0.realm, &self.0.client_id);
    }
}
