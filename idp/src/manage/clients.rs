//! Clients by the operator's hand. They live in the realm's document, and what is done here changes the document as it applies, by the
//! same checks: `docs/decisions/013-client-commands-change-the-document.md`.

#[cfg(test)]
mod tests;

use super::{Manage, refused};
use crate::directory::client::KeptSecret;
use crate::directory::{client, realm};
use crate::error::{Failure, Result};
use crate::oidc::{grant, registration};
use crate::operations::audit;
use crate::settings::RealmDocument;
use crate::store::{Rx, Tx};
use poterne_protocol::client::{ApplicationType, Client, ClientAuthMethod};
use poterne_protocol::id::ClientRowId;
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

/// Clients that may be added to a document by others while one is being added here.
const SPARE: usize = 16;

/// What a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKind {
    /// A portal with a server that keeps a secret.
    Confidential,
    /// A portal in a page of a browser or an app on a device, which can keep none.
    Public,
    /// A server that acts for itself; no person signs in to it.
    Service,
}

/// A client to be added.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// Its public name in requests.
    pub client_id: String,
    /// What people see.
    pub client_name: String,
    /// What it is.
    pub kind: ClientKind,
    /// How it proves who it is; without it as usual: `client_secret_basic`, or none where it is public.
    pub auth_method: Option<ClientAuthMethod>,
    /// Where it publishes its public keys: for `private_key_jwt` it must.
    pub jwks_uri: Option<String>,
    /// Where answers may go.
    pub redirect_uris: Vec<String>,
    /// Where a logout may lead back to.
    pub post_logout_redirect_uris: Vec<String>,
    /// Its home page.
    pub client_uri: Option<String>,
    /// The scopes it may ask for, with blanks between; without it `openid profile email`, and none for a service.
    pub scope: Option<String>,
    /// The sector of its pairwise `sub`; without it the host of its redirect URIs.
    pub sector: Option<String>,
    /// The populations it serves; none means all.
    pub populations: Vec<String>,
    /// Whether the fund has consented for everybody, because the client is its own.
    pub first_party: bool,
    /// Whether it runs on people's devices (RFC 8252).
    pub native: bool,
}

impl NewClient {
    fn registration(self) -> Result<Client> {
        let service = self.kind == ClientKind::Service;
        let usual = if self.kind == ClientKind::Public { ClientAuthMethod::None } else { ClientAuthMethod::ClientSecretBasic };
        let scope = self.scope.unwrap_or_else(|| if service { String::new() } else { "openid profile email".to_owned() });
        let method = self.auth_method.unwrap_or(usual);
        if (method == ClientAuthMethod::None) != (self.kind == ClientKind::Public) {
            return Err(refused("a public client proves nothing, and every other one proves who it is: the method does not fit"));
        }
        if method == ClientAuthMethod::PrivateKeyJwt && self.jwks_uri.is_none() {
            return Err(refused("private_key_jwt needs jwks_uri, where the client publishes its keys"));
        }
        let grant_types = if service { vec!["client_credentials"] } else { vec!["authorization_code", "refresh_token"] };
        // By the document's own names, so that what is not asked for has the document's own defaults.
        let registration = serde_json::json!({
            "client_id": self.client_id,
            "client_name": self.client_name,
            "jwks_uri": self.jwks_uri,
            "redirect_uris": self.redirect_uris,
            "post_logout_redirect_uris": self.post_logout_redirect_uris,
            "token_endpoint_auth_method": method,
            "grant_types": grant_types,
            "application_type": if self.native { ApplicationType::Native } else { ApplicationType::Web },
            "scope": scope,
            "sector": self.sector,
            "client_uri": self.client_uri,
            "first_party": self.first_party,
            "populations": self.populations,
        });
        serde_json::from_value(registration).map_err(|error| refused(error.to_string()))
    }
}

/// A client as an operator sees it.
#[derive(Debug, Clone)]
pub struct ShownClient {
    /// Its registration.
    pub client: Client,
    /// The issuer it talks to.
    pub issuer: String,
    /// Whether it has a secret.
    pub has_secret: bool,
    /// Until when its former secret is good as well.
    pub former_secret_until: Option<Timestamp>,
    /// What people have granted it and has not ended.
    pub grants: i64,
}

/// A client as a list shows it.
#[derive(Debug, Clone)]
pub struct ListedClient {
    /// Its registration.
    pub client: Client,
    /// Who put it there: `document` (the commands change that), or `registration` where it did so itself.
    pub origin: String,
}

/// A client that was just added. Its secret can be read here, this once.
pub struct AddedClient {
    /// Its registration.
    pub client: Client,
    /// The issuer it talks to.
    pub issuer: String,
    /// Its secret, unless it is public.
    pub secret: Option<Secret>,
}

/// Fewest characters of a secret that is brought along: as many as an HMAC with SHA-256 asks for (RFC 7518 section 3.2). Only its
/// digest is kept, plain, so it must not be one that can be guessed.
const SHORTEST_SECRET: usize = 32;
/// Most characters of such a secret.
const LONGEST_SECRET: usize = 256;

/// What came of setting a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetSecret {
    /// It was this one already.
    Unchanged,
    /// It is this one now.
    Set {
        /// Until when the former one is good as well.
        former_until: Option<Timestamp>,
    },
}

impl Manage {
    /// The clients of a realm, by name.
    pub async fn clients(&self, slug: &str) -> Result<Vec<ListedClient>> {
        let realm = self.realm(slug).await?;
        let all = self.app.db.read(realm.id, client::all_with_origin).await?;
        Ok(all.into_iter().map(|(client, origin)| ListedClient { client, origin }).collect())
    }

    /// One client of a realm.
    ///
    /// # Errors
    /// [`Failure::Settings`] where there is none of this name.
    pub async fn client(&self, slug: &str, client_id: &str) -> Result<ShownClient> {
        let (realm, now, wanted) = (self.realm(slug).await?, self.app.clock.now(), client_id.to_owned());
        let look = move |rx: &mut Rx<'_>| {
            let found = known(rx, &wanted)?;
            let grants = grant::count_of_client(rx, found.row, now)?;
            Ok((found, grants))
        };
        let (found, grants) = self.app.db.read(realm.id, look).await?;
        Ok(ShownClient {
            has_secret: found.secret_digest.is_some(),
            former_secret_until: found.former.map(|(_, until)| until).filter(|until| *until > now),
            client: found.client,
            issuer: realm.urls.issuer().to_owned(),
            grants,
        })
    }

    /// Adds a client to a realm's document as it applies, with a new secret unless it is public.
    ///
    /// # Errors
    /// [`Failure::Settings`] with every mistake in words, and where there is a client of this name.
    pub async fn add_client(&self, slug: &str, new: NewClient) -> Result<AddedClient> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let client = new.registration()?;
        let secret = client.token_endpoint_auth_method.has_secret().then(|| self.app.entropy.secret());
        let keep = |secret| KeptSecret::of(&realm.vault, &self.app.entropy, &client, secret, None);
        let kept = secret.as_ref().map(keep).transpose()?;
        let event = self.event(now, "client.added").about(&client.client_id);
        let added = client.clone();
        self.change_clients(slug, move |tx, document, rows| {
            let own = client::own(tx, &added.client_id)?.is_some();
            if own || document.clients.iter().any(|client| client.client_id == added.client_id) {
                return Err(refused(format!("there is a client {} already", added.client_id)));
            }
            document.clients.push(added.clone());
            let mistakes = document.mistakes();
            if !mistakes.is_empty() {
                return Err(refused(mistakes.join("\n")));
            }
            save(tx, document, rows, now)?;
            let row = known(tx, &added.client_id)?.row;
            // A client of this name that was removed before has nothing in common with this one.
            grant::revoke_of_client(tx, row, now)?;
            client::set_secret(tx, row, kept.as_ref(), None, now)?;
            audit::record(tx, &event)
        })
        .await?;
        Ok(AddedClient { client, issuer: realm.urls.issuer().to_owned(), secret })
    }

    /// Removes a client from a realm's document as it applies, or one that registered itself; how many grants ended with it. Sessions at the
    /// provider go on.
    ///
    /// # Errors
    /// [`Failure::Settings`] where there is none of this name.
    pub async fn remove_client(&self, slug: &str, client_id: &str) -> Result<usize> {
        let (now, wanted) = (self.app.clock.now(), client_id.to_owned());
        let event = self.event(now, "client.removed").about(client_id);
        self.change_clients(slug, move |tx, document, rows| {
            let row = known(tx, &wanted)?.row;
            if client::is_own(tx, row)? {
                let ended = registration::remove(tx, row, now)?.unwrap_or_default();
                let id = tx.realm();
                realm::raise_generation(tx, id)?;
                audit::record(tx, &event.clone().with("grants_ended", ended))?;
                return Ok(ended);
            }
            document.clients.retain(|client| client.client_id != wanted);
            let ended = grant::revoke_of_client(tx, row, now)?;
            client::set_secret(tx, row, None, None, now)?;
            save(tx, document, rows, now)?;
            audit::record(tx, &event.clone().with("grants_ended", ended))?;
            Ok(ended)
        })
        .await
    }

    /// Gives a client a new secret and returns it, this once; only its digest is kept. The former one ends at once.
    ///
    /// # Errors
    /// As [`Self::replace_client_secret`].
    pub async fn rotate_client_secret(&self, slug: &str, client_id: &str) -> Result<Secret> {
        self.replace_client_secret(slug, client_id, Duration::ZERO).await.map(|(secret, _)| secret)
    }

    /// Gives a client a new secret and returns it, this once. The former one is good for so long as well: until when. One that was
    /// replaced before ends at once.
    ///
    /// # Errors
    /// [`Failure::Settings`] where there is none of this name, or it is public.
    pub async fn replace_client_secret(
        &self,
        slug: &str,
        client_id: &str,
        grace: Duration,
    ) -> Result<(Secret, Option<Timestamp>)> {
        let secret = self.app.entropy.secret();
        match self.put_secret(slug, client_id, &secret, grace).await? {
            SetSecret::Set { former_until } => Ok((secret, former_until)),
            SetSecret::Unchanged => Err(Failure::internal("a secret of 256 bits was drawn twice")),
        }
    }

    /// Gives a client this secret, which the other side knows already. The former one is good for so long as well. Nothing changes where it
    /// has this secret.
    ///
    /// # Errors
    /// [`Failure::Settings`] where there is none of this name, or it is public, and for a secret that could be guessed.
    pub async fn set_client_secret(&self, slug: &str, client_id: &str, secret: &Secret, grace: Duration) -> Result<SetSecret> {
        let plain = secret.expose().bytes().all(|byte| byte.is_ascii_graphic());
        if !plain || !(SHORTEST_SECRET..=LONGEST_SECRET).contains(&secret.expose().len()) {
            return Err(refused(format!(
                "a client's secret has {SHORTEST_SECRET} to {LONGEST_SECRET} letters, digits and signs, without blanks: draw it at random"
            )));
        }
        self.put_secret(slug, client_id, secret, grace).await
    }

    async fn put_secret(&self, slug: &str, client_id: &str, secret: &Secret, grace: Duration) -> Result<SetSecret> {
        let (realm, now, wanted) = (self.realm(slug).await?, self.app.clock.now(), client_id.to_owned());
        let (digest, id) = (secret.digest(), realm.id);
        let found = self
            .app
            .db
            .read(id, {
                let wanted = wanted.clone();
                move |rx| known(rx, &wanted)
            })
            .await?;
        let method = found.client.token_endpoint_auth_method;
        if !method.has_secret() {
            let what = if found.client.is_public() { "public" } else { "one of private_key_jwt" };
            return Err(refused(format!("client {wanted} is {what}: it has no secret")));
        }
        let kept = KeptSecret::of(&realm.vault, &self.app.entropy, &found.client, secret, None)?;
        // Of a secret that only signs there is no digest to be good for a while: the sealed one is the one.
        let lasts = !grace.is_zero() && method != ClientAuthMethod::ClientSecretJwt;
        let until = lasts.then(|| now.plus(grace));
        let event = self.event(now, "client.secret_rotated").about(client_id);
        let replace = move |tx: &mut Tx<'_>| {
            let found = known(tx, &wanted)?;
            // One that signs with its secret has it sealed as well, which a change of its registration may have called for since.
            let is_kept = found.secret_sealed.is_some() == found.client.signs_with_secret() && found.secret_expires_at.is_none();
            if found.secret_digest == Some(digest) && is_kept {
                return Ok(SetSecret::Unchanged);
            }
            let until = until.filter(|_| found.secret_digest.is_some());
            client::set_secret(tx, found.row, Some(&kept), until, now)?;
            realm::raise_generation(tx, id)?;
            audit::record(tx, &event.clone().with("former_until", until.map(Timestamp::to_rfc3339)))?;
            Ok(SetSecret::Set { former_until: until })
        };
        let set = self.app.db.write(id, replace).await?;
        self.realms.stale();
        Ok(set)
    }

    /// Changes the clients of a realm's document as it is in this very transaction.
    async fn change_clients<T: Send + 'static>(
        &self,
        slug: &str,
        change: impl Fn(&mut Tx<'_>, &mut RealmDocument, &Rows) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (realm, now) = (self.realm(slug).await?, self.app.clock.now());
        let fresh = (0..realm.document.clients.len() + SPARE).map(|_| ClientRowId::new(now, self.app.entropy.bytes()));
        let fresh: Vec<ClientRowId> = fresh.collect();
        let work = move |tx: &mut Tx<'_>| {
            let (issuer, mut document) = realm::document(tx)?;
            change(tx, &mut document, &Rows { issuer, fresh: fresh.clone() })
        };
        let changed = self.app.db.write(realm.id, work).await?;
        self.realms.stale();
        Ok(changed)
    }
}

/// What a realm's rows keep of it beside its document, and unused row ids.
struct Rows {
    issuer: String,
    fresh: Vec<ClientRowId>,
}

/// Applies a document whose clients changed; its issuer stays.
fn save(tx: &mut Tx<'_>, document: &RealmDocument, rows: &Rows, now: Timestamp) -> Result<()> {
    if document.clients.len() > rows.fresh.len() {
        return Err(Failure::Busy("the realm's clients changed meanwhile"));
    }
    let id = tx.realm();
    realm::update_document(tx, id, &rows.issuer, document, now)?;
    client::apply_document(tx, &document.clients, &rows.fresh, now).map(drop)
}

fn known(rx: &mut Rx<'_>, client_id: &str) -> Result<client::Registered> {
    client::by_client_id(rx, client_id)?.ok_or_else(|| refused(format!("there is no client {client_id}")))
}
