//! Every parser of foreign input with what must hold of it, whatever comes: for `make fuzz` (`tests/fuzz`), and in short for each run of
//! the tests. Not part of the library: compiled only with the feature `fuzzing` and in tests.

mod people;
mod programs;
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
    Target { name: "claims", run: programs::claims, seeds: programs::CLAIMS },
    Target { name: "company_name", run: people::company_name, seeds: people::COMPANIES },
    Target { name: "cookies", run: web::cookies, seeds: web::COOKIES },
    Target { name: "email", run: people::email, seeds: people::EMAILS },
    Target { name: "form", run: web::form, seeds: web::FORMS },
    Target { name: "identifiers", run: people::identifiers, seeds: people::IDENTIFIERS },
    Target { name: "logout_request", run: programs::logout_request, seeds: programs::LOGOUTS },
    Target { name: "phone", run: people::phone, seeds: people::PHONES },
    Target { name: "pkce", run: programs::pkce, seeds: programs::VERIFIERS },
    Target { name: "realm_document", run: settings::realm_document, seeds: settings::DOCUMENTS },
    Target { name: "redirect_uri", run: programs::redirect_uri, seeds: programs::REDIRECTS },
    Target { name: "scope", run: programs::scope, seeds: programs::SCOPES },
    Target { name: "signed_token", run: programs::signed_token, seeds: programs::EDITS },
    Target { name: "six_digits", run: people::six_digits, seeds: people::DIGITS },
    Target { name: "token_request", run: programs::token_request, seeds: programs::TOKENS },
    Target { name: "user_agent", run: web::user_agent, seeds: web::AGENTS },
];

/// The input as text; what is no UTF-8 never reaches a parser of text.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// Whether a text could break a header, a log line or a mail.
fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}
