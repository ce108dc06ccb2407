//! Claims that a host adds to what relying parties learn.

use super::asked::{Answering, LIMIT, answer};
use crate::error::{Failure, Result};
use poterne_protocol::claims::extra;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Where a host's claims go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimsPlace {
    /// Into an ID token, at a sign-in and at every refresh.
    IdToken,
    /// Into the answer of the userinfo endpoint.
    Userinfo,
}

/// Whom a host's claims are about, and who will read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimsSubject {
    /// The realm's slug.
    pub realm: String,
    /// The client that asks.
    pub client_id: String,
    /// The scopes it was granted.
    pub scopes: Vec<String>,
    /// The person, as this client knows them.
    pub sub: String,
    /// The key of the population that the account enrolled in.
    pub population: String,
    /// The fund's own key for the person or organisation, as the host gave it to the registry.
    pub registry_no: Option<String>,
    /// Where the claims go.
    pub place: ClaimsPlace,
}

/// Adds claims of the host's own. It declares their names, so that the metadata tells the truth and no claim of the provider can be
/// overridden: an undeclared name is left out, and a provider with a reserved one is not built.
///
/// A sign-in never depends on the host's system: it is given two seconds, and when it fails, hangs or says more than 4,096 bytes, its
/// claims are left out and the log says so. A relying party therefore reads a claim that is absent as «not known», and never as «no».
pub trait ClaimsSource: Send + Sync + 'static {
    /// The names of the claims it may add.
    fn names(&self) -> Vec<String>;

    /// The claims for somebody, by name. Asked after the transaction that grants the tokens, once for each of them.
    fn claims<'a>(&'a self, about: &'a ClaimsSubject) -> Answering<'a, Map<String, Value>>;
}

/// A host's source of claims with the names it declared, checked.
#[derive(Clone)]
pub(crate) struct HostClaims {
    source: Arc<dyn ClaimsSource>,
    names: Arc<[String]>,
}

impl HostClaims {
    /// Checks the names.
    ///
    /// # Errors
    /// [`Failure::Settings`] for a name that is none, or the provider's own.
    pub(crate) fn new(source: Arc<dyn ClaimsSource>) -> Result<Self> {
        let names = source.names();
        names.iter().try_for_each(|name| extra::check_name(name)).map_err(|bad| Failure::Settings(bad.to_string()))?;
        Ok(Self { source, names: names.into() })
    }

    /// The names.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// What the host adds; nothing when it fails.
    pub(crate) async fn about(&self, about: ClaimsSubject) -> Map<String, Value> {
        let (source, client_id, place) = (self.source.clone(), about.client_id.clone(), about.place);
        match answer(LIMIT, async move { source.claims(&about).await }).await {
            Ok(claims) => extra::accepted(claims, &self.names).unwrap_or_else(|| {
                tracing::error!(client_id, ?place, "the host's claims are left out: more than {} bytes", extra::LARGEST);
                Map::new()
            }),
            Err(error) => {
                tracing::error!(client_id, ?place, %error, "the host's claims are left out");
                Map::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HookError;
    use serde_json::json;

    struct Fixed(Vec<&'static str>, Option<Value>);

    impl ClaimsSource for Fixed {
        fn names(&self) -> Vec<String> {
            self.0.iter().map(|name| (*name).to_owned()).collect()
        }

        fn claims<'a>(&'a self, _about: &'a ClaimsSubject) -> Answering<'a, Map<String, Value>> {
            Box::pin(async {
                self.1.as_ref().and_then(|claims| claims.as_object().cloned()).ok_or_else(|| HookError::new("down"))
            })
        }
    }

    async fn added(names: Vec<&'static str>, claims: Option<Value>) -> Value {
        let about = ClaimsSubject {
            realm: "lac".into(),
            client_id: "flex".into(),
            scopes: vec!["openid".into()],
            sub: "s".into(),
            population: "insured".into(),
            registry_no: None,
            place: ClaimsPlace::Userinfo,
        };
        Value::Object(HostClaims::new(Arc::new(Fixed(names, claims))).unwrap().about(about).await)
    }

    #[tokio::test]
    async fn only_what_was_declared_is_added_and_nothing_when_the_host_fails() {
        assert_eq!(added(vec!["plan"], Some(json!({"plan": "1e", "sub": "other", "acr": "x"}))).await, json!({"plan": "1e"}));
        assert_eq!(added(vec!["plan"], None).await, json!({}));
        assert_eq!(added(vec!["plan"], Some(json!({"plan": "x".repeat(5_000)}))).await, json!({}));
    }

    #[test]
    fn a_reserved_name_is_an_error_at_the_start() {
        for name in ["sub", "email", "urn:poterne:org", "at_hash", "two words"] {
            let refused = HostClaims::new(Arc::new(Fixed(vec![name], None)));
            assert!(matches!(refused.err(), Some(Failure::Settings(words)) if words.contains(name)), "{name}");
        }
    }
}
