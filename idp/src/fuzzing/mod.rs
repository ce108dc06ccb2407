//! Every parser of foreign input with what must hold of it, whatever comes: for `make fuzz` (`tests/fuzz`), and in short for each run of
//! the tests. Not part of the library: compiled only with the feature `fuzzing` and in tests.

mod fetched;
mod files;
mod foreign;
mod pen;
mod people;
mod programs;
mod proofs;
mod registering;
mod settings;
#[cfg(test)]
mod tests;
mod web;

/// A parser, with what must hold of it.
pub struct Target {
    /// Its name: that of its corpus.
    pub name: &'static str,
    /// Panics where a property does not hold.
    pub run: fn(&[u8]),
    /// Input that gets far, and input that was once taken wrongly.
    pub seeds: &'static [&'static str],
}

/// All of them. A new parser of foreign input has its line here.
pub const TARGETS: &[Target] = &[
    Target { name: "accept_language", run: web::languages, seeds: web::LANGUAGES },
    Target { name: "activation_code", run: people::activation_code, seeds: people::CODES },
    Target { name: "authorization_request", run: programs::authorization_request, seeds: programs::REQUESTS },
    Target { name: "basic", run: proofs::basic, seeds: proofs::BASIC },
    Target { name: "claims", run: programs::claims, seeds: programs::CLAIMS },
    Target { name: "claims_parameter", run: foreign::claims_parameter, seeds: foreign::WANTED },
    Target { name: "client_assertion", run: proofs::client_assertion, seeds: proofs::ASSERTIONS },
    Target { name: "client_registration", run: registering::client_registration, seeds: registering::REGISTRATIONS },
    Target { name: "company_name", run: people::company_name, seeds: people::COMPANIES },
    Target { name: "cookies", run: web::cookies, seeds: web::COOKIES },
    Target { name: "email", run: people::email, seeds: people::EMAILS },
    Target { name: "fetched_headers", run: fetched::headers, seeds: fetched::HEADERS },
    Target { name: "form", run: web::form, seeds: web::FORMS },
    Target { name: "http_date", run: fetched::http_date, seeds: fetched::DATES },
    Target { name: "identifiers", run: people::identifiers, seeds: people::IDENTIFIERS },
    Target { name: "if_none_match", run: web::if_none_match, seeds: web::TAGS },
    Target { name: "key_set", run: foreign::key_set, seeds: foreign::KEY_SETS },
    Target { name: "logout_request", run: programs::logout_request, seeds: programs::LOGOUTS },
    Target { name: "organisations_file", run: files::organisations, seeds: files::ORGANISATIONS },
    Target { name: "outbound_address", run: fetched::address, seeds: fetched::ADDRESSES },
    Target { name: "person_claims", run: registering::person_claims, seeds: registering::PERSON_CLAIMS },
    Target { name: "persons_file", run: files::persons, seeds: files::PERSONS },
    Target { name: "phone", run: people::phone, seeds: people::PHONES },
    Target { name: "picture", run: fetched::picture, seeds: fetched::PICTURES },
    Target { name: "pkce", run: programs::pkce, seeds: programs::VERIFIERS },
    Target { name: "presented_token", run: proofs::presented_token, seeds: proofs::BEARERS },
    Target { name: "realm_document", run: settings::realm_document, seeds: settings::DOCUMENTS },
    Target { name: "redirect_uri", run: programs::redirect_uri, seeds: programs::REDIRECTS },
    Target { name: "request_id", run: web::request_id, seeds: web::REQUEST_IDS },
    Target { name: "request_object", run: foreign::request_object, seeds: foreign::OBJECTS },
    Target { name: "resources", run: foreign::resources, seeds: foreign::RESOURCES },
    Target { name: "scope", run: programs::scope, seeds: programs::SCOPES },
    Target { name: "sector_document", run: registering::sector_document, seeds: registering::SECTORS },
    Target { name: "signed_token", run: programs::signed_token, seeds: programs::EDITS },
    Target { name: "six_digits", run: people::six_digits, seeds: people::DIGITS },
    Target { name: "token_request", run: programs::token_request, seeds: programs::TOKENS },
    Target { name: "user_agent", run: web::user_agent, seeds: web::AGENTS },
    Target { name: "web_origin", run: fetched::web_origin, seeds: fetched::ORIGINS },
];

/// The input as text; what is no UTF-8 never reaches a parser of text.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// Whether a text could break a header, a log line or a mail.
fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// The first line, and all that follows it: for parsers that read two things.
fn lines(data: &[u8]) -> (&[u8], &[u8]) {
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (first, rest) = data.split_at_checked(at).unwrap_or((data, &[]));
    (first, rest.get(1..).unwrap_or_default())
}
