//! What is wrong with a realm's document, in words for its operator.

use super::{IdentifierField, IdentifierKind, Population, RealmDocument, SecondFactor};
use crate::lang::{Lang, Localised};
use poterne_protocol::client::Client;
use poterne_protocol::client::GrantType;
use poterne_protocol::jose::Algorithm;

/// Path segments that routes use: a realm of that name would hide them.
const RESERVED_SLUGS: [&str; 16] = [
    ".well-known",
    "admin",
    "assets",
    "authorize",
    "check-session",
    "demo",
    "healthz",
    "introspect",
    "jwks",
    "logout",
    "readyz",
    "register",
    "revoke",
    "token",
    "ui",
    "userinfo",
];

impl RealmDocument {
    /// Every mistake, with its place.
    #[must_use]
    pub fn mistakes(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.check_names(&mut found);
        self.check_keys(&mut found);
        self.check_registration(&mut found);
        for (at, population) in self.populations.iter().enumerate() {
            check_population(population, &self.languages, &mut found);
            if self.populations.iter().take(at).any(|earlier| earlier.key == population.key) {
                found.push(format!("population {}: the key is used twice", population.key));
            }
        }
        for (at, client) in self.clients.iter().enumerate() {
            found.extend(client.check().iter().map(|mistake| format!("client {}: {mistake}", client.client_id)));
            if self.clients.iter().take(at).any(|earlier| earlier.client_id == client.client_id) {
                found.push(format!("client {}: the client_id is used twice", client.client_id));
            }
            for key in client.populations.iter().filter(|key| self.population(key).is_none()) {
                found.push(format!("client {}: there is no population {key}", client.client_id));
            }
            found.extend(self.unsigned(client));
        }
        found
    }

    /// What signs for a client although the realm has no keys of it, in words.
    #[must_use]
    pub fn unsigned(&self, client: &Client) -> Vec<String> {
        let missing = client.signed_with().into_iter().filter(|(_, algorithm)| !self.signing_algorithms.contains(algorithm));
        let words = |(member, algorithm): (&str, Algorithm)| {
            let (name, algorithm) = (&client.client_id, algorithm.as_str());
            format!("client {name}: {member} {algorithm} is not among the realm's signing_algorithms")
        };
        missing.map(words).collect()
    }

    fn check_keys(&self, found: &mut Vec<String>) {
        let (policy, algorithms) = (&self.policy, &self.signing_algorithms);
        // OpenID Connect Core section 15.1: what a relying party expects that says nothing.
        if !algorithms.contains(&Algorithm::Rs256) {
            found.push("signing_algorithms: RS256 must be among them, because relying parties expect it".into());
        }
        for (at, algorithm) in algorithms.iter().enumerate() {
            if algorithms.iter().take(at).any(|earlier| earlier == algorithm) {
                found.push(format!("signing_algorithms: {} stands twice", algorithm.as_str()));
            }
        }
        if !(1..=3650).contains(&policy.signing_key_days) {
            found.push("policy.signing_key_days is from 1 to 3650".into());
        }
        // Another process's change is seen within a second or two: what is shorter leaves no room for it.
        if policy.key_lead_seconds < 10 || policy.key_lead() > policy.signing_key() {
            found.push("policy.key_lead_seconds is at least 10, and no more than signing_key_days".into());
        }
    }

    fn check_registration(&self, found: &mut Vec<String>) {
        let Some(policy) = &self.registration else { return };
        if !policy.scope.contains("openid") && policy.grant_types != [GrantType::ClientCredentials] {
            found.push("registration.scope must hold openid: no client could register".into());
        }
        let host = |host: &String| {
            let name = host.strip_prefix("*.").unwrap_or(host);
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && !b"*/@?#".contains(&byte))
        };
        if let Some(wrong) = policy.redirect_hosts.iter().find(|known| !host(known)) {
            found.push(format!("registration.redirect_hosts: {wrong:?} is no host in lower case, nor one after `*.`"));
        }
        let strange = policy.algorithms.iter().find(|algorithm| !self.signing_algorithms.contains(algorithm));
        if let Some(algorithm) = strange {
            found.push(format!("registration.algorithms: the realm has no keys for {}", algorithm.as_str()));
        }
    }

    fn check_names(&self, found: &mut Vec<String>) {
        if !is_key(&self.slug) {
            found.push(format!("slug {:?}: lower-case letters, digits and hyphens only, at most 40", self.slug));
        }
        if RESERVED_SLUGS.contains(&self.slug.as_str()) {
            found.push(format!("slug {:?}: a route has this name", self.slug));
        }
        if self.slug.starts_with("lang-") {
            found.push(format!("slug {:?}: the language cookie of another realm could have this name", self.slug));
        }
        if let Some(issuer) = &self.issuer {
            found.extend(issuer_mistakes(issuer));
        }
        if self.languages.is_empty() {
            found.push("languages: at least one".into());
        }
        if self.name.trim().is_empty() {
            found.push("name: must not be empty".into());
        }
        let digits = self.branding.colour.strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            found.push(format!("branding.colour {:?}: must be #rrggbb", self.branding.colour));
        }
        if !(1..=3).contains(&self.branding.mark.chars().count()) {
            found.push("branding.mark: one to three letters".into());
        }
        if !(1..=11).contains(&self.sender.sms.len()) || !self.sender.sms.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            found.push("sender.sms: one to eleven letters and digits".into());
        }
        if self.contact.website.as_deref().is_some_and(|website| !is_web_address(website)) {
            found.push("contact.website: must be an http or https URL".into());
        }
        if !self.sender.email.contains('@') {
            found.push("sender.email: not an e-mail address".into());
        }
    }
}

/// What is wrong with an issuer (OpenID Connect Discovery 1.0 section 3; http only on loopback; no trailing slash).
#[must_use]
pub fn issuer_mistakes(issuer: &str) -> Vec<String> {
    let mut found = Vec::new();
    match url::Url::parse(issuer) {
        Err(error) => found.push(format!("issuer {issuer:?}: {error}")),
        Ok(url) => {
            let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
            if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
                found.push(format!("issuer {issuer:?}: must be https (http only on loopback)"));
            }
            if url.query().is_some() || url.fragment().is_some() || issuer.ends_with('/') {
                found.push(format!("issuer {issuer:?}: no query, no fragment, no slash at the end"));
            }
        }
    }
    found
}

/// Pages link to it, so it may be nothing that a browser would run.
fn is_web_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| ["https", "http"].contains(&url.scheme()))
}

fn is_key(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_field(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn check_population(population: &Population, languages: &[Lang], found: &mut Vec<String>) {
    let key = &population.key;
    if !is_key(key) {
        found.push(format!("population {key:?}: the key has lower-case letters, digits and hyphens only"));
    }
    let mut need = |what: &str, text: &Localised| {
        for lang in text.missing(languages) {
            found.push(format!("population {key}: {what} has no text in {}", lang.tag()));
        }
    };
    need("name", &population.name);
    need("code.label", &population.code.label);
    for version in population.terms.iter().flat_map(|terms| &terms.versions) {
        need("terms.version.text", &version.text);
    }
    check_terms(population, found);
    check_aliases(population, found);
    check_factors(population, found);
    for (at, identifier) in population.identifiers.iter().enumerate() {
        check_field(key, identifier, found);
        if population.identifiers.iter().take(at).any(|earlier| earlier.field == identifier.field) {
            found.push(format!("population {key}: the field {} is asked twice", identifier.field));
        }
    }
    if !(1..=3660).contains(&population.code.valid_days) {
        found.push(format!("population {key}: code.valid_days is from 1 to 3660"));
    }
    if !(8..=64).contains(&population.password.min_length) {
        found.push(format!("population {key}: password.min_length is from 8 to 64"));
    }
}

fn check_terms(population: &Population, found: &mut Vec<String>) {
    let (key, versions) = (&population.key, population.terms.as_ref().map_or(&[][..], |terms| &terms.versions));
    if population.terms.is_some() && versions.is_empty() {
        found.push(format!("population {key}: terms without a version"));
    }
    for (earlier, later) in versions.iter().zip(versions.iter().skip(1)) {
        if later.number <= earlier.number || later.effective_from < earlier.effective_from {
            found.push(format!("population {key}: terms version {} comes after version {}", later.number, earlier.number));
        }
    }
}

fn check_aliases(population: &Population, found: &mut Vec<String>) {
    for alias in &population.login_aliases {
        let field = population.identifiers.iter().find(|field| field.field == *alias);
        if field.is_none_or(|field| field.kind != IdentifierKind::AvsNumber) {
            found.push(format!("population {}: login_aliases: {alias} is no identifying AVS number", population.key));
        }
    }
}

/// That people have no second factor is said twice, so that no slip of the pen takes it away.
fn check_factors(population: &Population, found: &mut Vec<String>) {
    let key = &population.key;
    match (population.second_factor, population.factors.is_empty()) {
        (SecondFactor::Required, true) => {
            found.push(format!(
                "population {key}: factors is empty: where no second factor is wanted, say second_factor = \"none\""
            ));
        }
        (SecondFactor::None, false) => {
            found.push(format!("population {key}: second_factor is \"none\": then write factors = []"));
        }
        (SecondFactor::Required, false) | (SecondFactor::None, true) => {}
    }
    if population.accounts_by_command && population.second_factor == SecondFactor::Required {
        found.push(format!(
            "population {key}: accounts_by_command needs second_factor = \"none\": a command proves no second factor"
        ));
    }
}

fn check_field(population: &str, identifier: &IdentifierField, found: &mut Vec<String>) {
    const TAKEN: [&str; 3] = ["code", "terms", "lang"];
    let field = &identifier.field;
    if !is_field(field) || TAKEN.contains(&field.as_str()) {
        found.push(format!("population {population}: {field:?} cannot name a field"));
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::RealmDocument;

    const LANGUAGES: &str = "languages";
    const RIGHT: &str = include_str!("../../../examples/lindenhof.toml");

    /// The mistakes of the demo's document after one change.
    fn mistakes(from: &str, to: &str) -> String {
        assert!(RIGHT.contains(from), "{from}");
        RealmDocument::parse(&RIGHT.replacen(from, to, 1)).map_or_else(|found| found.join("\n"), |_| String::new())
    }

    #[test]
    fn each_mistake_is_named_with_its_place() {
        assert_eq!(mistakes("slug = \"lindenhof\"", "slug = \"lindenhof\""), "", "the demo's document is right");
        for (from, to, words) in [
            ("slug = \"lindenhof\"", "slug = \"Linden hof\"", "slug"),
            ("slug = \"lindenhof\"", "slug = \"token\"", "a route has this name"),
            ("languages = [\"fr\", \"de\", \"it\", \"en\"]", "languages = []", "languages: at least one"),
            ("#0b5c4a", "green", "branding.colour"),
            ("mark = \"L\"", "mark = \"Linden\"", "branding.mark"),
            ("sms = \"Lindenhof\"", "sms = \"Caisse de pension\"", "sender.sms"),
            ("https://lindenhof.example/", "javascript:alert(1)", "contact.website"),
            ("valid_days = 150", "valid_days = 0", "code.valid_days"),
            ("factors = [\"sms\", \"totp\"]", "factors = []", "say second_factor = \"none\""),
            ("factors = [\"sms\", \"totp\"]", "second_factor = \"none\"", "then write factors = []"),
            ("factors = [\"sms\", \"totp\"]", "accounts_by_command = true", "a command proves no second factor"),
            ("min_length = 8", "min_length = 4", "password.min_length"),
            ("field = \"avs_number\"", "field = \"code\"", "cannot name a field"),
            ("field = \"avs_number\"", "field = \"birth_date\"", "asked twice"),
            ("de = \"Versicherte oder Rentenbeziehende\"", "", "name has no text in de"),
            ("populations = [\"insured\"]", "populations = [\"insurd\"]", "there is no population insurd"),
            ("client_id = \"lindenhof-1e\"", "client_id = \"lindenhof-flex\"", "used twice"),
            ("sector = \"lindenhof-1e\"", "", "sector"),
            ("time_zone = \"Europe/Zurich\"", "time_zone = \"Europe/Lausanne\"", "time_zone"),
            ("mark = \"L\"", "mork = \"L\"", "mork"),
            (LANGUAGES, "signing_algorithms = [\"ES256\"]\nlanguages", "RS256 must be among them"),
            (LANGUAGES, "signing_algorithms = [\"RS256\", \"ES256\", \"RS256\"]\nlanguages", "RS256 stands twice"),
            (LANGUAGES, "signing_algorithms = [\"RS256\"]\nlanguages", "access_token_signed_response_alg ES256 is not among"),
            (LANGUAGES, "signing_algorithms = [\"RS256\", \"HS256\"]\nlanguages", "HS256"),
            (LANGUAGES, "signing_algorithms = [\"RS256\", \"none\"]\nlanguages", "none"),
            ("[sender]", "[policy]\nsigning_key_days = 0\n[sender]", "signing_key_days"),
            ("[sender]", "[policy]\nkey_lead_seconds = 1\n[sender]", "key_lead_seconds"),
            ("[sender]", "[registration]\nscope = \"email\"\n[sender]", "registration.scope"),
            ("[sender]", "[registration]\nredirect_hosts = [\"https://rp.example/\"]\n[sender]", "registration.redirect_hosts"),
            ("[sender]", "[registration]\nalgorithms = [\"PS256\"]\n[sender]", "registration.algorithms"),
            ("[sender]", "[registration]\nopened = true\n[sender]", "opened"),
            ("[sender]", "[policy]\nkey_lead_seconds = 99999999\n[sender]", "key_lead_seconds"),
        ] {
            let found = mistakes(from, to);
            assert!(found.contains(words), "{to}: {found:?}");
        }
    }

    #[test]
    fn a_document_survives_its_own_text() {
        let document = RealmDocument::parse(RIGHT).unwrap();
        assert_eq!(RealmDocument::parse(&document.to_toml().unwrap()).unwrap(), document);
    }

    #[test]
    fn an_issuer_is_https_without_query_fragment_or_slash() {
        use super::issuer_mistakes;
        for (issuer, right) in [
            ("https://id.example/lindenhof", true),
            ("http://localhost:8080/lindenhof", true),
            ("http://id.example/lindenhof", false),
            ("https://id.example/lindenhof/", false),
            ("https://id.example/lindenhof?x=1", false),
            ("lindenhof", false),
        ] {
            assert_eq!(issuer_mistakes(issuer).is_empty(), right, "{issuer}");
        }
    }
}
