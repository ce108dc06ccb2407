//! The members of OpenID Connect Registration section 2 and of the logout specifications: what each may hold, and what must stand beside
//! what.

use super::{Mistake, keys, uri_fault};
use crate::client::{Client, ClientAuthMethod};
use crate::jose::SigningChoice;
use url::Url;

/// Bytes of a URI.
const LONGEST_URI: usize = 2_000;
/// Characters of a text such as a name.
const LONGEST_TEXT: usize = 200;
/// Entries of a list.
const LONGEST_LIST: usize = 50;

pub(super) fn members(client: &Client, mistakes: &mut Vec<Mistake>) {
    uris(client, mistakes);
    texts(client, mistakes);
    lists(client, mistakes);
    keys::keys(client, mistakes);
    signing(client, mistakes);
    encryption(client, mistakes);
    logout(client, mistakes);
}

fn wrong(key: &'static str, fault: &'static str) -> Mistake {
    Mistake::Member { key, fault }
}

/// What is fetched, shown or called: https, or http on loopback.
fn uris(client: &Client, mistakes: &mut Vec<Mistake>) {
    let one = [
        ("sector_identifier_uri", &client.sector_identifier_uri),
        ("jwks_uri", &client.jwks_uri),
        ("frontchannel_logout_uri", &client.frontchannel_logout_uri),
        ("backchannel_logout_uri", &client.backchannel_logout_uri),
        // One that begins with a slash is a picture of the provider's own.
        ("logo_uri", if client.logo_uri.as_ref().is_some_and(|uri| uri.starts_with('/')) { &None } else { &client.logo_uri }),
    ];
    for (key, uri) in one {
        if let Some((uri, fault)) = uri.as_ref().and_then(|uri| Some((uri, uri_fault(uri, false)?))) {
            mistakes.push(Mistake::Uri { key, uri: uri.clone(), fault });
        }
    }
    for uri in &client.request_uris {
        // The fragment is the hash of what lies there (OpenID Connect Core section 6.2).
        let place = uri.split_once('#').map_or(uri.as_str(), |(place, _)| place);
        if let Some(fault) = uri_fault(place, false) {
            mistakes.push(Mistake::Uri { key: "request_uris", uri: uri.clone(), fault });
        }
    }
}

fn texts(client: &Client, mistakes: &mut Vec<Mistake>) {
    let short = [
        ("client_name", Some(&client.client_name)),
        ("software_id", client.software_id.as_ref()),
        ("software_version", client.software_version.as_ref()),
        ("sector", client.sector.as_ref()),
    ];
    for (key, text) in short {
        if text.is_some_and(|text| text.chars().count() > LONGEST_TEXT) {
            mistakes.push(wrong(key, "is longer than 200 characters"));
        }
        if text.is_some_and(|text| text.chars().any(is_invisible)) {
            mistakes.push(wrong(key, "has characters that no screen shows"));
        }
    }
    if client
        .contacts
        .iter()
        .any(|contact| contact.is_empty() || contact.len() > LONGEST_TEXT || contact.chars().any(is_invisible))
    {
        mistakes.push(wrong("contacts", "must hold addresses of 1 to 200 characters"));
    }
    let word = |value: &String| (1..=LONGEST_TEXT).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic());
    if !client.default_acr_values.iter().all(word) {
        mistakes.push(wrong("default_acr_values", "must hold words without spaces"));
    }
    if client.scope.to_string().len() > LONGEST_URI {
        mistakes.push(wrong("scope", "is longer than 2000 characters"));
    }
}

/// Control characters, those that turn the direction of what follows, and all that screens leave out by default
/// (`Default_Ignorable_Code_Point` of Unicode, `DerivedCoreProperties.txt`): a name could show as another.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

fn lists(client: &Client, mistakes: &mut Vec<Mistake>) {
    let lists = [
        ("redirect_uris", &client.redirect_uris),
        ("post_logout_redirect_uris", &client.post_logout_redirect_uris),
        ("request_uris", &client.request_uris),
        ("resources", &client.resources),
        ("serves_resources", &client.serves_resources),
        ("contacts", &client.contacts),
        ("default_acr_values", &client.default_acr_values),
    ];
    for (key, list) in lists {
        if list.len() > LONGEST_LIST {
            mistakes.push(wrong(key, "has more than 50 entries"));
        }
        if list.iter().any(|uri| uri.len() > LONGEST_URI) {
            mistakes.push(wrong(key, "has an entry of more than 2000 bytes"));
        }
    }
    let one = [
        ("sector_identifier_uri", &client.sector_identifier_uri),
        ("jwks_uri", &client.jwks_uri),
        ("frontchannel_logout_uri", &client.frontchannel_logout_uri),
        ("backchannel_logout_uri", &client.backchannel_logout_uri),
        ("initiate_login_uri", &client.initiate_login_uri),
        ("client_uri", &client.client_uri),
        ("logo_uri", &client.logo_uri),
        ("policy_uri", &client.policy_uri),
        ("tos_uri", &client.tos_uri),
    ];
    let long = one.into_iter().filter(|(_, uri)| uri.as_ref().is_some_and(|uri| uri.len() > LONGEST_URI));
    mistakes.extend(long.map(|(key, _)| wrong(key, "is longer than 2000 bytes")));
}

/// OpenID Connect Core sections 6.1 and 9: what is keyed with a secret needs one, and what is signed with a key pair needs its public half.
fn signing(client: &Client, mistakes: &mut Vec<Mistake>) {
    let symmetric = |choice| matches!(choice, Some(SigningChoice::Symmetric(_)));
    match (client.token_endpoint_auth_method, client.token_endpoint_auth_signing_alg) {
        (ClientAuthMethod::PrivateKeyJwt, choice) if symmetric(choice) => {
            mistakes.push(wrong("token_endpoint_auth_signing_alg", "must be asymmetric for private_key_jwt"));
        }
        (ClientAuthMethod::ClientSecretJwt, Some(choice)) if !symmetric(Some(choice)) => {
            mistakes.push(wrong("token_endpoint_auth_signing_alg", "must be HS256 for client_secret_jwt"));
        }
        _ => {}
    }
    if symmetric(client.request_object_signing_alg) && !client.token_endpoint_auth_method.has_secret() {
        mistakes.push(wrong("request_object_signing_alg", "is HS256, which needs a client with a secret"));
    }
    if client.token_endpoint_auth_method == ClientAuthMethod::PrivateKeyJwt && !keys::has_any(client) {
        mistakes.push(wrong("token_endpoint_auth_method", "is private_key_jwt, which needs jwks or jwks_uri"));
    }
}

/// OpenID Connect Registration section 2: `…_enc` asks for `…_alg`; and there is nothing to encrypt to without the client's keys.
fn encryption(client: &Client, mistakes: &mut Vec<Mistake>) {
    let pairs = [
        (
            "id_token_encrypted_response_alg",
            client.id_token_encrypted_response_alg,
            "id_token_encrypted_response_enc",
            client.id_token_encrypted_response_enc,
        ),
        (
            "userinfo_encrypted_response_alg",
            client.userinfo_encrypted_response_alg,
            "userinfo_encrypted_response_enc",
            client.userinfo_encrypted_response_enc,
        ),
    ];
    for (alg_key, alg, enc_key, enc) in pairs {
        match alg {
            None if enc.is_some() => mistakes.push(wrong(enc_key, "stands without the alg that belongs to it")),
            Some(_) if !keys::has_any(client) => {
                mistakes.push(wrong(alg_key, "needs jwks or jwks_uri: there is no key to encrypt to"));
            }
            Some(alg) if !keys::may_encrypt(client, alg) => {
                mistakes.push(wrong(alg_key, "fits no key of jwks: RSA for RSA-OAEP-256, EC or OKP for ECDH-ES"));
            }
            _ => {}
        }
    }
}

/// Front-Channel Logout section 2: scheme, host and port are those of a redirect URI.
fn logout(client: &Client, mistakes: &mut Vec<Mistake>) {
    let origin = |uri: &String| Url::parse(uri).ok().map(|url| url.origin()).filter(url::Origin::is_tuple);
    let Some(uri) = &client.frontchannel_logout_uri else { return };
    let Some(wanted) = origin(uri) else { return };
    if !client.redirect_uris.iter().any(|known| origin(known).as_ref() == Some(&wanted)) {
        mistakes.push(wrong("frontchannel_logout_uri", "must have scheme, host and port of a redirect URI"));
    }
}

#[cfg(test)]
mod tests {
    use crate::client::tests::portal;
    use serde_json::{Value, json};

    fn said(changes: &Value) -> Vec<String> {
        portal(changes).check().iter().map(ToString::to_string).collect()
    }

    /// RFC 7517 appendix A.1.
    fn rsa() -> Value {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEPs2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjB\
                 ZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8\
                 KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_\
                 xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        json!({"kty": "RSA", "kid": "r", "n": n, "e": "AQAB"})
    }

    /// RFC 7517 appendix A.1.
    fn ec() -> Value {
        let (x, y) = ("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM");
        json!({"kty": "EC", "kid": "e", "crv": "P-256", "x": x, "y": y})
    }

    #[test]
    fn registration_2_sound_members_pass() {
        for changes in [
            json!({"jwks": {"keys": [rsa(), ec()]}, "token_endpoint_auth_method": "private_key_jwt"}),
            json!({"jwks_uri": "https://a.example/jwks", "token_endpoint_auth_method": "private_key_jwt",
                "token_endpoint_auth_signing_alg": "ES256", "request_object_signing_alg": "RS256"}),
            json!({"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "HS256",
                "request_object_signing_alg": "HS256"}),
            json!({"jwks": {"keys": [rsa()]}, "id_token_encrypted_response_alg": "RSA-OAEP-256"}),
            json!({"jwks": {"keys": [ec()]}, "userinfo_encrypted_response_alg": "ECDH-ES", "userinfo_encrypted_response_enc": "A256GCM"}),
            json!({"frontchannel_logout_uri": "https://flex.example/out?x=1", "backchannel_logout_uri": "https://other.example:8443/out"}),
            json!({"request_uris": ["https://a.example/r.jwt#GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM", "https://a.example/r"]}),
            json!({"logo_uri": "/logo.png"}),
            json!({"logo_uri": "https://a.example/l.png", "contacts": ["ops@a.example"], "default_max_age": 0,
                "default_acr_values": ["urn:poterne:level:multi"], "initiate_login_uri": "https://a.example/login"}),
            json!({"redirect_uris": ["https://a.example/1", "https://b.example/2"], "sector_identifier_uri": "https://a.example/all.json"}),
            json!({"jwks": {"keys": [{"kty": "WHO", "q": "1"}]}}),
        ] {
            assert_eq!(said(&changes), Vec::<String>::new(), "{changes}");
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn registration_2_each_member_that_cannot_be_is_named() {
        let secret = json!({"keys": [{"kty": "RSA", "n": "wWEB", "e": "AQAB", "d": "AQ"}]});
        let with_jwks = |keys: Value| json!({"jwks": {"keys": keys}});
        for (changes, words) in [
            (json!({"jwks": {"keys": [rsa()]}, "jwks_uri": "https://a.example/k"}), "jwks and jwks_uri"),
            (json!({"jwks": secret}), "jwks: key 1 has the private member \"d\""),
            (json!({"jwks": {"keys": []}}), "jwks must hold"),
            (json!({"jwks": []}), "jwks: the key set is not a JSON object"),
            (json!({"jwks": "https://a.example/jwks"}), "jwks: the key set is not a JSON object"),
            (with_jwks(json!([{"kty": "oct", "k": "c2VjcmV0"}])), "jwks: key 1 has the private member \"k\""),
            (with_jwks(json!([{"kty": "RSA", "n": "wWEB"}])), "jwks: key 1 is not a public key"),
            (with_jwks(json!([{"kty": "EC", "crv": "P-256", "x": "a b", "y": "f83O"}])), "jwks: key 1 is not a public key"),
            (with_jwks(json!([rsa(), {"kty": "RSA", "n": "wWEB", "e": "AQAB"}])), "jwks: key 2 is not a public key"),
            (with_jwks(json!([{"n": "wWEB"}])), "jwks: key 1 is not a public key"),
            (with_jwks(json!([rsa(), rsa()])), "jwks: two keys have the kid \"r\""),
            (with_jwks(json!(vec![json!({"kty": "WHO"}); 33])), "jwks: the key set has more than 32 keys"),
            (json!({"jwks_uri": "http://a.example/k"}), "jwks_uri: http://a.example/k is http outside loopback"),
            (json!({"token_endpoint_auth_method": "private_key_jwt"}), "private_key_jwt, which needs jwks"),
            (
                json!({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://a.example/k", "token_endpoint_auth_signing_alg": "HS256"}),
                "token_endpoint_auth_signing_alg must be asymmetric",
            ),
            (
                json!({"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "RS256"}),
                "must be HS256",
            ),
            (
                json!({"token_endpoint_auth_method": "none", "request_object_signing_alg": "HS256"}),
                "needs a client with a secret",
            ),
            (json!({"id_token_encrypted_response_alg": "RSA-OAEP-256"}), "id_token_encrypted_response_alg needs jwks"),
            (json!({"userinfo_encrypted_response_enc": "A256GCM"}), "userinfo_encrypted_response_enc stands without"),
            (
                json!({"jwks": {"keys": [ec()]}, "id_token_encrypted_response_alg": "RSA-OAEP-256"}),
                "id_token_encrypted_response_alg fits no key",
            ),
            (json!({"frontchannel_logout_uri": "https://evil.example/out"}), "frontchannel_logout_uri must have scheme"),
            (json!({"frontchannel_logout_uri": "https://flex.example:8443/out"}), "frontchannel_logout_uri must have scheme"),
            (
                json!({"backchannel_logout_uri": "https://flex.example/out#x"}),
                "backchannel_logout_uri: https://flex.example/out#x has a fragment",
            ),
            (json!({"backchannel_logout_uri": "http://flex.example/out"}), "is http outside loopback"),
            (json!({"sector_identifier_uri": "ftp://a.example/"}), "sector_identifier_uri: ftp://a.example/ has a scheme"),
            (json!({"initiate_login_uri": "http://a.example/login"}), "initiate_login_uri: http://a.example/login is http"),
            (json!({"logo_uri": "data:image/png;base64,AA"}), "logo_uri:"),
            (json!({"request_uris": ["http://a.example/r#x"]}), "request_uris: http://a.example/r#x is http"),
            (json!({"client_name": "Lindenhof\u{202e}xelf"}), "client_name has characters"),
            (json!({"client_name": "Linden\u{ad}hof"}), "client_name has characters"),
            (json!({"client_name": "\u{3164}"}), "client_name has characters"),
            (json!({"client_name": "Lindenhof\u{e0041}"}), "client_name has characters"),
            (json!({"contacts": ["ops\u{ffa0}@a.example"]}), "contacts must hold"),
            (json!({"client_name": "x".repeat(201)}), "client_name is longer"),
            (json!({"backchannel_logout_uri": "https://*:8443/out"}), "backchannel_logout_uri: https://*:8443/out has a host"),
            (json!({"jwks_uri": "https://a;b/k"}), "jwks_uri: https://a;b/k has a host"),
            (json!({"logo_uri": "https://a;b/l.png"}), "logo_uri: https://a;b/l.png has a host"),
            (
                json!({"grant_types": ["client_credentials"], "redirect_uris": [], "scope": "jobs", "response_types": [],
                    "backchannel_logout_uri": "https://flex.example/out"}),
                "backchannel_logout_uri is for clients that people sign in to",
            ),
            (json!({"contacts": [""]}), "contacts must hold"),
            (json!({"default_acr_values": ["a b"]}), "default_acr_values must hold"),
            (json!({"client_uri": format!("https://a.example/{}", "x".repeat(2000))}), "client_uri is longer"),
            (
                json!({"post_logout_redirect_uris": (0..51).map(|n| format!("https://flex.example/{n}")).collect::<Vec<_>>()}),
                "post_logout_redirect_uris has more than 50",
            ),
        ] {
            let said = said(&changes);
            assert!(said.len() == 1 && said[0].contains(words), "{changes}: {said:?}");
        }
    }
}
