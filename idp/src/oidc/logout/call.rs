//! One logout token to one client's server (Back-Channel Logout sections 2.4 to 2.8). The token is made when it is sent, so that it is
//! fresh and signed by the key in use, however long the message waited.

use super::rules::{Verdict, verdict};
use crate::app::App;
use crate::directory::client;
use crate::error::{Failure, Result};
use crate::host::SendError;
use crate::operations::outbox::{self, Carrying, Parcel};
use crate::realm::Realm;
use poterne_protocol::claims::logout_token::{Ended, LogoutTokenClaims};
use poterne_protocol::client::Client;
use poterne_protocol::id::ClientRowId;
use poterne_protocol::jose::jws::{TokenType, mint};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What lies sealed in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Call {
    /// The client's row: its name may be given to another one meanwhile.
    pub(super) client: String,
    /// The person, as the client was given them in this session.
    pub(super) subject: String,
    /// The session, as the client knows it.
    pub(super) sid: String,
}

/// Hands a message of this road over.
pub(super) fn carry(app: App, realm: Arc<Realm>, parcel: Parcel) -> Carrying {
    Box::pin(async move { call(&app, &realm, &parcel).await })
}

async fn call(app: &App, realm: &Realm, parcel: &Parcel) -> std::result::Result<(), SendError> {
    let never = |failure: Failure| SendError::Never(failure.to_string());
    let call: Call = outbox::open_for_portal(&realm.vault, parcel.id, &parcel.payload).map_err(never)?;
    let row: ClientRowId = call.client.parse().map_err(|_| SendError::Never("the message names no client".into()))?;
    let found = app.db.read(realm.id, move |rx| client::by_row(rx, row)).await;
    let Some(found) = found.map_err(|failure| SendError::Later(failure.to_string()))? else {
        return Err(SendError::Never("the portal is no longer registered".into()));
    };
    let Some(uri) = &found.client.backchannel_logout_uri else {
        return Err(SendError::Never("the portal no longer wants to be told".into()));
    };
    let token = token(app, realm, &found.client, &call).map_err(never)?;
    match app.outbound.post_form(uri, &[("logout_token", &token)], found.trust(realm)).await {
        Ok(status) => match verdict(status.as_u16()) {
            Verdict::Told => Ok(()),
            Verdict::Refused => Err(SendError::Never(format!("HTTP {status}: the portal refuses the logout token"))),
            Verdict::Later => Err(SendError::Later(format!("HTTP {status}"))),
        },
        Err(error) => Err(SendError::Later(error.to_string())),
    }
}

fn token(app: &App, realm: &Realm, client: &Client, call: &Call) -> Result<String> {
    let ended = Ended { issuer: realm.urls.issuer(), client_id: &client.client_id, subject: Some(&call.subject), sid: &call.sid };
    let claims = LogoutTokenClaims::new(ended, app.entropy.secret().expose().to_owned(), app.clock.now());
    let signer = realm.signer(client.id_token_signed_response_alg);
    let signer = signer.ok_or_else(|| Failure::internal("the realm has no signing key in use"))?;
    mint(signer, TokenType::LogoutToken, &claims).map_err(|error| Failure::Internal(error.to_string().into()))
}
