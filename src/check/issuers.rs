//! Whether each realm is reached where its issuer says, and says the same of itself.

use super::local::RealmSeen;
use super::{Line, in_time};
use crate::gateways::reason;
use poterne_idp::issuer_mistakes;
use serde::Deserialize;
use std::time::Duration;

/// A discovery document is a few kilobytes.
const MOST: usize = 1 << 20;

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
}

pub(super) async fn all(realms: &[RealmSeen]) -> Vec<Line> {
    let mut looks = tokio::task::JoinSet::new();
    for realm in realms.iter().cloned() {
        looks.spawn(one(realm));
    }
    let mut lines = looks.join_all().await;
    lines.sort_by(|one, other| one.says.cmp(&other.says));
    lines
}

async fn one(realm: RealmSeen) -> Line {
    let (what, issuer) = ("issuer", realm.issuer);
    if let Some(mistake) = issuer_mistakes(&issuer).into_iter().next() {
        return Line::failed(what, mistake, format!("correct the document of {} and apply it again", realm.slug));
    }
    match in_time(fetched(&issuer)).await {
        Ok(Ok(said)) if said == issuer => Line::ok(what, format!("{issuer} answers")),
        Ok(Ok(said)) => {
            let advice = "both must be the same, byte for byte: public_url, or the realm's issuer, or the proxy";
            Line::failed(what, format!("{issuer}\nsays that it is {said}"), advice)
        }
        Ok(Err(why)) | Err(why) => {
            Line::failed(what, format!("{issuer}\n{why}"), "does serve run; do DNS, certificate and proxy lead to it?")
        }
    }
}

/// What the provider at this address says that its issuer is.
async fn fetched(issuer: &str) -> Result<String, String> {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(10));
    let client = client.build().map_err(|error| error.to_string())?;
    let url = format!("{issuer}/.well-known/openid-configuration");
    let mut answer = client.get(url).send().await.map_err(|error| reason(&error.without_url()))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(format!("its discovery document: status {}", status.as_u16()));
    }
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| reason(&error.without_url()))? {
        body.extend_from_slice(&part);
        if body.len() > MOST {
            return Err("its discovery document is too long to be one".to_owned());
        }
    }
    let document: Discovery = serde_json::from_slice(&body).map_err(|_| "what is there is no discovery document".to_owned())?;
    Ok(document.issuer)
}
