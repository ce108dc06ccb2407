//! The rows of authorization codes.

use crate::error::{Failure, Result};
use crate::store::schema::authorization_code;
use crate::store::{Rx, Tx, cached};
use diesel::prelude::*;
use poterne_protocol::grant::CodeFacts;
use poterne_protocol::id::{AuthorizationCodeId, ClientRowId, GrantId};
use poterne_protocol::pkce::CodeChallenge;
use poterne_protocol::redirect::RedirectUri;
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;

/// An authorization code to be inserted.
#[derive(Debug, Clone)]
pub struct NewCode<'a> {
    /// Names the code.
    pub id: AuthorizationCodeId,
    /// The digest of its secret.
    pub secret: Digest,
    /// What it was issued from.
    pub grant: GrantId,
    /// Where it is sent; the token request must repeat it (RFC 6749 section 4.1.3).
    pub redirect_uri: &'a RedirectUri,
    /// What the verifier must hash to.
    pub challenge: Option<&'a CodeChallenge>,
    /// Goes into the ID token.
    pub nonce: Option<&'a str>,
    /// Now.
    pub at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// An authorization code as it was kept.
#[derive(Debug, Clone)]
pub struct StoredCode {
    /// What it was issued from.
    pub grant: GrantId,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    secret: Digest,
    redirect_uri: String,
    challenge: Option<String>,
    expires_at: Timestamp,
    redeemed_at: Option<Timestamp>,
}

impl StoredCode {
    /// What the rule of redemption asks for. `issued_to` is the client of the grant.
    pub fn facts(&self, issued_to: ClientRowId) -> Result<CodeFacts> {
        Ok(CodeFacts {
            secret: self.secret,
            client: issued_to,
            redirect_uri: text_type(&self.redirect_uri)?,
            challenge: self.challenge.as_deref().map(text_type).transpose()?,
            expires_at: self.expires_at,
            redeemed: self.redeemed_at.is_some(),
        })
    }
}

/// A checked text, back from where it was kept.
fn text_type<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_value(text.into()).map_err(|_| Failure::impossible("a code's redirect URI or challenge"))
}

fn kept_text(value: impl serde::Serialize) -> Result<String> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(text) => Ok(text),
        _ => Err(Failure::internal("a challenge that is no text")),
    }
}

/// Inserts a code.
pub fn insert_code(tx: &mut Tx<'_>, new: &NewCode<'_>) -> Result<()> {
    let row = (
        authorization_code::realm.eq(tx.realm()),
        authorization_code::id.eq(new.id),
        authorization_code::secret_digest.eq(new.secret),
        authorization_code::oauth_grant.eq(new.grant),
        authorization_code::redirect_uri.eq(new.redirect_uri.as_str()),
        authorization_code::code_challenge.eq(new.challenge.map(kept_text).transpose()?),
        authorization_code::nonce.eq(new.nonce),
        authorization_code::issued_at.eq(new.at),
        authorization_code::expires_at.eq(new.expires_at),
    );
    diesel::insert_into(authorization_code::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// The code of this id; its secret is compared by the rule.
pub fn load_code(rx: &mut Rx<'_>, id: AuthorizationCodeId) -> Result<Option<StoredCode>> {
    use authorization_code as c;
    type Row = (GrantId, Option<String>, Digest, String, Option<String>, Timestamp, Option<Timestamp>);
    let columns = (c::oauth_grant, c::nonce, c::secret_digest, c::redirect_uri, c::code_challenge, c::expires_at, c::redeemed_at);
    let row: Option<Row> = c::table.find((rx.realm(), id)).select(columns).get_result(rx.conn).optional()?;
    Ok(row.map(|(grant, nonce, secret, redirect_uri, challenge, expires_at, redeemed_at)| StoredCode {
        grant,
        nonce,
        secret,
        redirect_uri,
        challenge,
        expires_at,
        redeemed_at,
    }))
}

/// Marks a code redeemed, once: `false` when it was before.
pub fn mark_redeemed(tx: &mut Tx<'_>, id: AuthorizationCodeId, now: Timestamp) -> Result<bool> {
    let row = authorization_code::table.filter(authorization_code::realm.eq(tx.realm())).filter(authorization_code::id.eq(id));
    let row = row.filter(authorization_code::redeemed_at.is_null());
    Ok(cached::update(row, authorization_code::redeemed_at.eq(Some(now))).execute(tx.conn)? == 1)
}
