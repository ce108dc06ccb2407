//! From what a client asks for to what it gets.

use super::Policy;
use crate::client::{
    AccessTokenFormat, ApplicationType, Client, ClientAuthMethod, GrantType, Mistake, ResponseType, SubjectType, is_loopback,
};
use crate::error::{RegistrationError, RegistrationErrorCode as Code};
use crate::jose::{Algorithm, ContentEncryption, Hmac, KeyManagement, SigningChoice};
use crate::scope::{OFFLINE_ACCESS, SUPPORTED, Scope};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Url;

/// What decides over a registration beside what it says.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The realm's policy.
    pub policy: &'a Policy,
    /// The algorithms that the realm has keys for.
    pub algorithms: &'a [Algorithm],
    /// The name that the client gets or has.
    pub client_id: &'a str,
    /// The sectors of the operator's own clients, named or by the host of their redirect URIs: nobody registers into them.
    pub taken_sectors: &'a [String],
}

/// Entries of a list.
const MOST_ENTRIES: usize = 50;
/// Bytes of the keys in a registration.
const LONGEST_JWKS: usize = 16 * 1024;
/// Bytes of a whole registration.
const LONGEST: usize = 32 * 1024;

type Answer<T> = Result<T, RegistrationError>;

/// Reads what a client asks for and makes it a registration, or says what stands in the way. Members that nobody knows are ignored (RFC 7591
/// section 2), and so are names in other languages (`client_name#de`, section 2.2): the client sees by the answer what is kept.
///
/// # Errors
/// With the code of RFC 7591 section 3.2.2 and the member in words.
pub fn read(members: Map<String, Value>, rules: &Rules<'_>) -> Answer<Client> {
    let mut asked = Asked(members);
    asked.statement()?;
    asked.unsupported()?;
    let client = asked.client(rules)?;
    let mut mistakes: Vec<Mistake> = client.check();
    // Where the realm lets web clients be on loopback, for tests, they may be there with every response type.
    mistakes.retain(|mistake| !(rules.policy.loopback && matches!(mistake, Mistake::ImplicitInTheOpen(_))));
    if let Some(refusal) =
        refusal(&mistakes, Code::InvalidRedirectUri).or_else(|| refusal(&mistakes, Code::InvalidClientMetadata))
    {
        return Err(refusal);
    }
    within(&client, rules)?;
    short_enough(&client)?;
    Ok(client)
}

/// Whether the registration is short enough to be kept; if not, its longest member is named.
fn short_enough(client: &Client) -> Answer<()> {
    // It has a JSON form: it is kept as one.
    let Ok(Value::Object(members)) = serde_json::to_value(client) else { return Ok(()) };
    let mut lengths: Vec<(usize, &String)> = members.iter().map(|(key, value)| (value.to_string().len(), key)).collect();
    lengths.sort_unstable();
    match lengths.last() {
        Some((_, longest)) if lengths.iter().map(|(length, key)| length + key.len()).sum::<usize>() > LONGEST => {
            Err(wrong(longest, &format!("is too long: a registration has at most {LONGEST} bytes")))
        }
        _ => Ok(()),
    }
}

/// The mistakes that this code stands for, in words.
fn refusal(mistakes: &[Mistake], code: Code) -> Option<RegistrationError> {
    let is_redirect = |mistake: &Mistake| {
        matches!(
            mistake,
            Mistake::NoRedirectUri
                | Mistake::ServiceWithRedirectUri
                | Mistake::ImplicitInTheOpen(_)
                | Mistake::Uri { key: "redirect_uris", .. }
                | Mistake::Twice { key: "redirect_uris", .. }
        )
    };
    let of_code = mistakes.iter().filter(|mistake| is_redirect(mistake) == (code == Code::InvalidRedirectUri));
    let words: Vec<String> = of_code.map(ToString::to_string).collect();
    (!words.is_empty()).then(|| RegistrationError::new(code, words.join("; ")))
}

/// What only self-registered clients are asked for: the realm's policy, https, sectors and pages of their own.
fn within(client: &Client, rules: &Rules<'_>) -> Answer<()> {
    let native = client.application_type == ApplicationType::Native;
    if let Some((uri, fault)) = rules.policy.redirect_objection(client, native) {
        let (code, key) = if client.redirect_uris.iter().any(|known| known == uri) {
            (Code::InvalidRedirectUri, "redirect_uris")
        } else {
            (Code::InvalidClientMetadata, "post_logout_redirect_uris")
        };
        return Err(RegistrationError::new(code, format!("{key}: {uri} {fault}")));
    }
    if let Some(mistake) = rules.policy.objection(client, rules.algorithms) {
        return Err(RegistrationError::new(Code::InvalidClientMetadata, mistake.to_string()));
    }
    if let Some(key) = in_the_open(client).filter(|_| !rules.policy.loopback) {
        return Err(wrong(key, "must be https"));
    }
    let pairwise = client.subject_type == SubjectType::Pairwise;
    if pairwise && client.sector().is_some_and(|sector| rules.taken_sectors.contains(&sector)) {
        return Err(wrong(
            "redirect_uris",
            "lead into the sector of a client of the operator's: ask them to register the client",
        ));
    }
    // OpenID Connect Core section 4, Registration section 2: https, whatever else may be on loopback.
    if client.initiate_login_uri.as_ref().is_some_and(|uri| !uri.starts_with("https://")) {
        return Err(wrong("initiate_login_uri", "must be https"));
    }
    match shown_elsewhere(client) {
        Some(key) => Err(wrong(key, "must have the host of a redirect URI (RFC 7591 section 5)")),
        None => Ok(()),
    }
}

/// A page or picture that people are shown as the client's, on a host to which none of its answers go: anybody could name another's
/// (RFC 7591 section 5, OpenID Connect Registration section 9.1).
fn shown_elsewhere(client: &Client) -> Option<&'static str> {
    let host = |uri: &str| Url::parse(uri).ok().and_then(|url| url.host_str().map(str::to_owned));
    let hosts: Vec<String> = client.redirect_uris.iter().filter_map(|uri| host(uri)).collect();
    let shown = [
        ("client_uri", &client.client_uri),
        ("logo_uri", &client.logo_uri),
        ("policy_uri", &client.policy_uri),
        ("tos_uri", &client.tos_uri),
    ];
    let elsewhere = |uri: &str| host(uri).is_none_or(|host| !hosts.contains(&host));
    let found = shown.into_iter().find(|(_, uri)| uri.as_deref().is_some_and(elsewhere)).map(|(key, _)| key);
    found.filter(|_| !client.is_service())
}

/// A member whose URI is not https; what is a redirect URI is judged apart.
fn in_the_open(client: &Client) -> Option<&'static str> {
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
    let open = |uri: &str| !uri.starts_with("https://");
    let found = one.into_iter().find(|(_, uri)| uri.as_deref().is_some_and(open)).map(|(key, _)| key);
    found.or_else(|| client.request_uris.iter().any(|uri| open(uri)).then_some("request_uris"))
}

fn wrong(key: &str, fault: &str) -> RegistrationError {
    RegistrationError::new(Code::InvalidClientMetadata, format!("{key} {fault}"))
}

/// The members of a request that were not read yet.
struct Asked(Map<String, Value>);

impl Asked {
    /// A member, if it is there; null and empty text are as if it were not (RFC 7592 section 2.2).
    fn take<T: DeserializeOwned>(&mut self, key: &'static str, expected: &str) -> Answer<Option<T>> {
        match self.0.remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(value) => serde_json::from_value(value).map(Some).map_err(|_| {
                let code = if key == "redirect_uris" { Code::InvalidRedirectUri } else { Code::InvalidClientMetadata };
                RegistrationError::new(code, format!("{key} must be {expected}"))
            }),
        }
    }

    fn text(&mut self, key: &'static str) -> Answer<Option<String>> {
        self.take(key, "a string")
    }

    fn texts(&mut self, key: &'static str) -> Answer<Vec<String>> {
        let texts: Vec<String> = self.take(key, "an array of strings")?.unwrap_or_default();
        // Told here, before each is compared with every other.
        if texts.len() > MOST_ENTRIES {
            let code = if key == "redirect_uris" { Code::InvalidRedirectUri } else { Code::InvalidClientMetadata };
            return Err(RegistrationError::new(code, format!("{key} has more than {MOST_ENTRIES} entries")));
        }
        Ok(texts)
    }

    /// Keys, as many as fit: who has more publishes them.
    fn jwks<T: DeserializeOwned>(&mut self) -> Answer<Option<T>> {
        if self.0.get("jwks").is_some_and(|keys| keys.to_string().len() > LONGEST_JWKS) {
            return Err(wrong("jwks", &format!("is longer than {LONGEST_JWKS} bytes: publish the keys and name their jwks_uri")));
        }
        self.take("jwks", "an object with keys")
    }

    fn yes(&mut self, key: &'static str) -> Answer<bool> {
        Ok(self.take(key, "true or false")?.unwrap_or_default())
    }

    fn one<T: DeserializeOwned>(&mut self, key: &'static str, words: &[&str]) -> Answer<Option<T>> {
        self.take(key, &format!("one of {}", words.join(", ")))
    }

    fn some<T: DeserializeOwned + PartialEq>(&mut self, key: &'static str, words: &[&str]) -> Answer<Option<Vec<T>>> {
        let given: Option<Vec<T>> = self.take(key, &format!("an array of {}", words.join(", ")))?;
        // A word that stands twice says no more than once.
        Ok(given.map(|given| {
            let mut once = Vec::with_capacity(given.len());
            for word in given {
                if !once.contains(&word) {
                    once.push(word);
                }
            }
            once
        }))
    }

    /// Section 2.3: nobody whose statements would be believed is named in a realm, so a sound one is not approved.
    fn statement(&mut self) -> Answer<()> {
        let Some(statement) = self.0.remove("software_statement") else { return Ok(()) };
        let parts: Vec<&str> = statement.as_str().unwrap_or_default().split('.').collect();
        let object = |part: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
            serde_json::from_slice::<Map<String, Value>>(&bytes).is_ok()
        };
        match parts.as_slice() {
            [header, claims, signature] if object(header) && object(claims) && !signature.is_empty() => {
                Err(RegistrationError::new(
                    Code::UnapprovedSoftwareStatement,
                    "software_statement comes from nobody whose statements are accepted here",
                ))
            }
            _ => Err(RegistrationError::new(Code::InvalidSoftwareStatement, "software_statement is not a signed JWT")),
        }
    }

    /// What we know and cannot do is refused by name, so that nobody relies on it.
    fn unsupported(&mut self) -> Answer<()> {
        for key in ["request_object_encryption_alg", "request_object_encryption_enc"] {
            if self.text(key)?.is_some() {
                return Err(wrong(key, "asks for encrypted request objects, which are not read here"));
            }
        }
        Ok(())
    }

    fn client(&mut self, rules: &Rules<'_>) -> Answer<Client> {
        let (grant_types, response_types) = self.grants()?;
        let methods = ClientAuthMethod::ALL.map(ClientAuthMethod::as_str);
        let method = self.one("token_endpoint_auth_method", &methods)?.unwrap_or(ClientAuthMethod::ClientSecretBasic);
        let signing = Algorithm::ALL.map(Algorithm::as_str);
        let mut client = Client {
            client_id: rules.client_id.to_owned(),
            client_name: self.text("client_name")?.unwrap_or_default(),
            redirect_uris: self.texts("redirect_uris")?,
            post_logout_redirect_uris: self.texts("post_logout_redirect_uris")?,
            token_endpoint_auth_method: method,
            application_type: self.one("application_type", &["web", "native"])?.unwrap_or_default(),
            scope: self.scope(rules.policy, &grant_types)?,
            grant_types,
            response_types,
            subject_type: self.subject_type(rules.policy)?,
            sector: None,
            sector_identifier_uri: self.text("sector_identifier_uri")?,
            jwks: self.jwks()?,
            jwks_uri: self.text("jwks_uri")?,
            token_endpoint_auth_signing_alg: self.choice("token_endpoint_auth_signing_alg")?,
            request_object_signing_alg: self.choice("request_object_signing_alg")?,
            request_uris: self.texts("request_uris")?,
            id_token_signed_response_alg: self.one("id_token_signed_response_alg", &signing)?.unwrap_or(Algorithm::Rs256),
            id_token_encrypted_response_alg: self.key_management("id_token_encrypted_response_alg")?,
            id_token_encrypted_response_enc: self.encryption("id_token_encrypted_response_enc")?,
            userinfo_signed_response_alg: self.one("userinfo_signed_response_alg", &signing)?,
            userinfo_encrypted_response_alg: self.key_management("userinfo_encrypted_response_alg")?,
            userinfo_encrypted_response_enc: self.encryption("userinfo_encrypted_response_enc")?,
            access_token_format: AccessTokenFormat::default(),
            access_token_seconds: None,
            id_token_seconds: None,
            refresh_token_seconds: None,
            resources: Vec::new(),
            serves_resources: Vec::new(),
            access_token_signed_response_alg: Algorithm::Es256,
            require_pkce: rules.policy.require_pkce || method == ClientAuthMethod::None,
            default_max_age: self.take("default_max_age", "a number of seconds")?,
            require_auth_time: self.yes("require_auth_time")?,
            default_acr_values: self.texts("default_acr_values")?,
            frontchannel_logout_uri: self.text("frontchannel_logout_uri")?,
            frontchannel_logout_session_required: self.yes("frontchannel_logout_session_required")?,
            backchannel_logout_uri: self.text("backchannel_logout_uri")?,
            backchannel_logout_session_required: self.yes("backchannel_logout_session_required")?,
            contacts: self.texts("contacts")?,
            software_id: self.text("software_id")?,
            software_version: self.text("software_version")?,
            initiate_login_uri: self.text("initiate_login_uri")?,
            client_uri: self.text("client_uri")?,
            logo_uri: self.text("logo_uri")?,
            policy_uri: self.text("policy_uri")?,
            tos_uri: self.text("tos_uri")?,
            first_party: false,
            populations: Vec::new(),
        };
        settle(&mut client);
        Ok(client)
    }

    /// Section 2.1: what belongs together, where only one of the two is named.
    fn grants(&mut self) -> Answer<(Vec<GrantType>, Vec<ResponseType>)> {
        let grants: Option<Vec<GrantType>> = self.some("grant_types", &GrantType::ALL.map(GrantType::as_str))?;
        let responses: Option<Vec<ResponseType>> = self.some("response_types", &ResponseType::ALL.map(ResponseType::as_str))?;
        let service = grants.as_deref() == Some(&[GrantType::ClientCredentials]);
        let responses = responses.unwrap_or_else(|| if service { Vec::new() } else { vec![ResponseType::Code] });
        let grants = grants.unwrap_or_else(|| {
            let code = responses.iter().any(|response| response.has_code());
            let front = responses.iter().any(|response| response.has_id_token() || response.has_token());
            let needed = [(code || !front, GrantType::AuthorizationCode), (front, GrantType::Implicit)];
            needed.into_iter().filter(|(needs, _)| *needs).map(|(_, grant)| grant).collect()
        });
        Ok((grants, responses))
    }

    /// What is asked for, as far as it is open here; all of that where nothing is (section 2: the server registers a default).
    fn scope(&mut self, policy: &Policy, grants: &[GrantType]) -> Answer<Scope> {
        let service = grants == [GrantType::ClientCredentials];
        // A service may have none, and is told so: sent back, it is not to mean all.
        let none = service && self.0.get("scope").is_some_and(|scope| scope == "");
        let asked: Option<Scope> = self.take("scope", "words with single spaces between")?;
        let asked = asked.or_else(|| none.then(Scope::default));
        let mut scope = asked.map_or_else(|| policy.scope.clone(), |asked| asked.both(&policy.scope));
        if service {
            return Ok(SUPPORTED.iter().fold(scope, |scope, personal| scope.without(personal)));
        }
        if !grants.contains(&GrantType::RefreshToken) {
            scope = scope.without(OFFLINE_ACCESS);
        }
        Ok(scope)
    }

    fn subject_type(&mut self, policy: &Policy) -> Answer<SubjectType> {
        let usual = if policy.public_subjects { SubjectType::Public } else { SubjectType::Pairwise };
        let asked = self.one("subject_type", &SubjectType::ALL.map(SubjectType::as_str))?.unwrap_or(usual);
        if asked == SubjectType::Public && !policy.public_subjects {
            return Err(wrong("subject_type", "must be pairwise here"));
        }
        Ok(asked)
    }

    fn choice(&mut self, key: &'static str) -> Answer<Option<SigningChoice>> {
        let Some(word) = self.text(key)? else { return Ok(None) };
        let asymmetric = Algorithm::ALL.into_iter().find(|known| known.as_str() == word).map(SigningChoice::Asymmetric);
        let choice = asymmetric.or((word == "HS256").then_some(SigningChoice::Symmetric(Hmac::Hs256)));
        let known = Algorithm::ALL.map(Algorithm::as_str).join(", ");
        choice.map(Some).ok_or_else(|| wrong(key, &format!("must be one of {known}, HS256")))
    }

    fn key_management(&mut self, key: &'static str) -> Answer<Option<KeyManagement>> {
        self.one(key, &KeyManagement::ALL.map(KeyManagement::as_str))
    }

    fn encryption(&mut self, key: &'static str) -> Answer<Option<ContentEncryption>> {
        self.one(key, &ContentEncryption::ALL.map(ContentEncryption::as_str))
    }
}

/// What follows from the rest: the name that people see, the encryption that the specifications name as default, and a sector for clients
/// on people's devices, whose redirect URIs name none: their own, so that no two of them can compare people.
fn settle(client: &mut Client) {
    for (alg, enc) in [
        (client.id_token_encrypted_response_alg, &mut client.id_token_encrypted_response_enc),
        (client.userinfo_encrypted_response_alg, &mut client.userinfo_encrypted_response_enc),
    ] {
        if alg.is_some() && enc.is_none() {
            *enc = Some(ContentEncryption::default());
        }
    }
    let host = |uri: &String| {
        let url = Url::parse(uri).ok()?;
        (matches!(url.scheme(), "http" | "https") && !is_loopback(&url)).then(|| url.host_str().map(str::to_owned))?
    };
    let hosts: Vec<Option<String>> = client.redirect_uris.iter().map(host).collect();
    if client.client_name.trim().is_empty() {
        client.client_name = hosts.iter().flatten().next().cloned().unwrap_or_else(|| client.client_id.clone());
    }
    if client.sector_identifier_uri.is_none() && !hosts.is_empty() && hosts.iter().all(Option::is_none) {
        client.sector = Some(client.client_id.clone());
    }
}
