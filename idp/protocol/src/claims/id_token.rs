//! ID tokens (OpenID Connect Core section 2): writing them, and reading our own when they come back as a hint.

use super::level::{Amr, Level};
use super::person::{MoreClaims, PersonClaims};
use crate::jose::Algorithm;
use crate::jose::jws::{self, TokenRefusal, TokenType};
use crate::jose::jwt::{self, Audience, ClaimRefusal};
use crate::jose::keyset::KeySet;
use serde::{Deserialize, Serialize};

/// The payload of an ID token. Times are seconds since the epoch.
#[derive(Debug, Clone, Serialize)]
pub struct IdTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The client.
    pub aud: String,
    /// When the token ends.
    pub exp: i64,
    /// When it was issued.
    pub iat: i64,
    /// When the person last proved who they are.
    pub auth_time: i64,
    /// The request's `nonce`, untouched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// How surely they did.
    pub acr: Level,
    /// By what.
    pub amr: Vec<Amr>,
    /// The session at this client (Front-Channel Logout section 3).
    pub sid: String,
    /// The party it was issued to, where that is not the audience.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// The [`half_hash`] of the access token; optional from the token endpoint (OpenID Connect Core section 3.1.3.6), required beside an
    /// access token from the authorization endpoint (sections 3.2.2.10 and 3.3.2.11).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// The [`half_hash`] of the code, required beside one (section 3.3.2.11).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// `sub`: the person, as this client knows them. More claims about them only where no access token could fetch them
    /// (OpenID Connect Core section 5.4), or where they were asked for by name (section 5.5).
    #[serde(flatten)]
    pub person: PersonClaims,
    /// The claims beside the standard ones.
    #[serde(flatten)]
    pub more: MoreClaims,
}

/// `at_hash` and `c_hash`: the left half of a hash of the access token or code, by the hash function of the algorithm that signs the ID
/// token (OpenID Connect Core sections 3.1.3.6 and 3.3.2.11).
#[must_use]
pub fn half_hash(algorithm: Algorithm, text: &str) -> String {
    algorithm.half_hash(text)
}

/// One of our own ID tokens, come back as `id_token_hint`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct IdTokenHint {
    iss: String,
    /// The person, as the client knows them.
    pub sub: String,
    aud: Audience,
    /// The session at the client.
    pub sid: Option<String>,
}

/// Why a hint is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HintRefusal {
    /// It is no ID token of this realm.
    #[error(transparent)]
    Token(#[from] TokenRefusal),
    /// Its claims are not ours.
    #[error(transparent)]
    Claims(#[from] ClaimRefusal),
}

impl IdTokenHint {
    /// Reads a hint. It may be expired: a hint says who, and gives no right (OpenID Connect Core section 3.1.2.1,
    /// RP-Initiated Logout section 4).
    pub fn read(token: &str, keys: &KeySet, issuer: &str) -> Result<Self, HintRefusal> {
        let hint: Self = jws::verify(token, TokenType::IdToken, keys)?;
        jwt::check_iss(&hint.iss, issuer)?;
        hint.aud.only().ok_or(ClaimRefusal::Audience)?;
        Ok(hint)
    }

    /// The client that it was issued to.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.aud.only().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::person::{Person, claims};
    use crate::claims::request::Opened;
    use crate::jose::jws::tests::{EC, RSA, TestSigner, keys};
    use crate::scope::Scope;
    use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
    use openidconnect::{ClientId, IssuerUrl, Nonce};
    use serde_json::json;
    use std::collections::BTreeSet;

    const ISSUER: &str = "https://i.example/lindenhof";

    pub(crate) fn payload() -> IdTokenClaims {
        IdTokenClaims {
            iss: ISSUER.into(),
            aud: "flex".into(),
            exp: 4_000_000_000,
            iat: 1_700_000_000,
            auth_time: 1_699_999_990,
            nonce: Some("n".into()),
            acr: Level::Multi,
            amr: vec![Amr::Pwd, Amr::Sms, Amr::Mfa],
            sid: "session".into(),
            azp: None,
            at_hash: None,
            c_hash: None,
            person: claims("marie", &Person::default(), Opened { scope: &Scope::default(), names: &BTreeSet::new() }),
            more: MoreClaims::default(),
        }
    }

    fn mint(signer: &TestSigner, claims: &IdTokenClaims) -> String {
        jws::mint(signer, TokenType::IdToken, claims).unwrap()
    }

    #[test]
    fn core_2_the_payload_has_what_is_there_and_no_more() {
        assert_eq!(
            serde_json::to_value(payload()).unwrap(),
            json!({"iss": ISSUER, "sub": "marie", "aud": "flex", "exp": 4_000_000_000_i64, "iat": 1_700_000_000,
                "auth_time": 1_699_999_990, "nonce": "n", "acr": "urn:poterne:level:multi", "amr": ["pwd", "sms", "mfa"],
                "sid": "session"})
        );
        let (scope, names) = (Scope::parse("email").unwrap(), BTreeSet::new());
        let marie = Person { email: "m@example.ch".into(), ..Person::default() };
        let person = claims("marie", &marie, Opened { scope: &scope, names: &names });
        let whole = IdTokenClaims { person, ..payload() };
        let json = serde_json::to_string(&whole).unwrap();
        assert_eq!(json.matches("\"sub\"").count(), 1);
        assert!(json.contains(r#""email":"m@example.ch""#));
    }

    #[test]
    fn core_3_1_3_7_a_foreign_relying_party_accepts_it() {
        let set: CoreJsonWebKeySet = serde_json::from_value(serde_json::to_value(keys()).unwrap()).unwrap();
        for (signer, alg) in
            [(&*RSA, CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256), (&*EC, CoreJwsSigningAlgorithm::EcdsaP256Sha256)]
        {
            let verifier = CoreIdTokenVerifier::new_public_client(
                ClientId::new("flex".into()),
                IssuerUrl::new(ISSUER.into()).unwrap(),
                set.clone(),
            )
            .set_allowed_algs([alg]);
            let token: CoreIdToken = mint(signer, &payload()).parse().unwrap();
            let read = token.claims(&verifier, &Nonce::new("n".into())).unwrap();
            assert_eq!((read.subject().as_str(), read.auth_time().unwrap().timestamp()), ("marie", 1_699_999_990));
            assert_eq!(read.auth_context_ref().unwrap().as_str(), Level::Multi.as_str());
            assert!(token.claims(&verifier, &Nonce::new("other".into())).is_err());
        }
    }

    #[test]
    fn core_3_1_3_6_at_hash_and_c_hash_are_the_left_half() {
        // The examples of OpenID Connect Core appendices A.3 and A.4.
        for algorithm in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256] {
            assert_eq!(half_hash(algorithm, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
            assert_eq!(
                half_hash(algorithm, "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"),
                "LDktKdoQak3Pk0cnXxCltA"
            );
        }
        // Half of what FIPS 180-4 says of "abc" with SHA-384 and SHA-512.
        assert_eq!(half_hash(Algorithm::Es384, "abc"), "ywB1P0WjXou1oD1pmsZQBycsMqsO3tFj");
        assert_eq!(half_hash(Algorithm::EdDsa, "abc"), "3a81oZNherrMQXNJriBBMRLm-k6JqX6iCp7u5ktV05o");
    }

    #[test]
    fn b2_21_a_hint_is_an_id_token_of_this_realm_for_one_client() {
        let hint = |token: &str| IdTokenHint::read(token, &keys(), ISSUER);
        let expired = IdTokenClaims { exp: 1, ..payload() };
        let read = hint(&mint(&EC, &expired)).unwrap();
        assert_eq!((read.sub.as_str(), read.client_id(), read.sid.as_deref()), ("marie", "flex", Some("session")));
        let foreign = IdTokenClaims { iss: "https://i.example/other".into(), ..payload() };
        assert_eq!(hint(&mint(&EC, &foreign)), Err(HintRefusal::Claims(ClaimRefusal::Issuer)));
        let access = jws::mint(&*EC, TokenType::AccessToken, &payload()).unwrap();
        assert_eq!(hint(&access), Err(HintRefusal::Token(TokenRefusal::Type)));
        let many = jws::mint(&*EC, TokenType::IdToken, &json!({"iss": ISSUER, "sub": "m", "aud": ["a", "b"]})).unwrap();
        assert_eq!(hint(&many), Err(HintRefusal::Claims(ClaimRefusal::Audience)));
        let nobody = jws::mint(&*EC, TokenType::IdToken, &json!({"iss": ISSUER, "aud": "flex"})).unwrap();
        assert_eq!(hint(&nobody), Err(HintRefusal::Token(TokenRefusal::Claims)));
        assert_eq!(hint("nonsense"), Err(HintRefusal::Token(TokenRefusal::Shape)));
    }
}
