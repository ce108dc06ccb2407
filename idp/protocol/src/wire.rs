//! Parameters as they come over the wire: a query string or a form body, decoded once
//! (`application/x-www-form-urlencoded`, RFC 6749 appendix B).

use std::borrow::Cow;

/// Most parameters one request may carry.
pub const MAX_PARAMS: usize = 64;
/// Longest value, in bytes after decoding; an ID token as a hint is the longest honest one.
pub const MAX_VALUE_LEN: usize = 8 * 1024;
/// Longest encoded query or body, in bytes.
pub const MAX_ENCODED_LEN: usize = 32 * 1024;

/// Parameters that may stand more than once (RFC 8707 section 2).
const REPEATABLE: [&str; 1] = ["resource"];

/// Why a query or body is refused before any parameter of it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadParams {
    /// More than [`MAX_PARAMS`] parameters.
    #[error("too many parameters")]
    TooMany,
    /// A value or the whole is too long.
    #[error("a parameter is too long")]
    TooLong,
    /// Percent-decoding does not give UTF-8.
    #[error("a parameter is not UTF-8")]
    NotUtf8,
    /// A NUL, which no honest parameter holds and not every database takes.
    #[error("a parameter holds a NUL")]
    Nul,
}

/// The parameters of one request. A name that stands twice has no value here, so that no rule can take the first or the
/// last of two; [`Params::repeated`] names it. An empty value counts as absent (RFC 6749 section 3.1).
///
/// They have no `Debug`: codes, verifiers and client secrets are among them.
#[derive(Clone, Default)]
pub struct Params {
    pairs: Vec<(String, String)>,
    repeated: Vec<String>,
}

impl Params {
    /// Reads one query string (without `?`) or form body.
    pub fn parse(encoded: &[u8]) -> Result<Self, BadParams> {
        Self::parse_all(&[encoded])
    }

    /// Reads a query and a body as one set: a name in both counts as repeated.
    pub fn parse_both(query: &[u8], body: &[u8]) -> Result<Self, BadParams> {
        Self::parse_all(&[query, body])
    }

    fn parse_all(parts: &[&[u8]]) -> Result<Self, BadParams> {
        if parts.iter().map(|part| part.len()).sum::<usize>() > MAX_ENCODED_LEN {
            return Err(BadParams::TooLong);
        }
        let mut params = Self::default();
        for (count, (name, value)) in parts.iter().flat_map(|part| form_urlencoded::parse(part)).enumerate() {
            if count >= MAX_PARAMS {
                return Err(BadParams::TooMany);
            }
            params.push(name, value)?;
        }
        Ok(params)
    }

    fn push(&mut self, name: Cow<'_, str>, value: Cow<'_, str>) -> Result<(), BadParams> {
        // The decoder writes U+FFFD for whatever is not UTF-8; no honest parameter holds that character.
        if name.contains('\u{FFFD}') || value.contains('\u{FFFD}') {
            return Err(BadParams::NotUtf8);
        }
        if name.contains('\0') || value.contains('\0') {
            return Err(BadParams::Nul);
        }
        if name.len() > MAX_VALUE_LEN || value.len() > MAX_VALUE_LEN {
            return Err(BadParams::TooLong);
        }
        let seen = self.pairs.iter().any(|(other, _)| *other == name);
        if seen && !REPEATABLE.contains(&&*name) {
            self.repeated.push(name.clone().into_owned());
        }
        self.pairs.push((name.into_owned(), value.into_owned()));
        Ok(())
    }

    /// These parameters with others laid over them: what is laid over wins, whatever stands below by that name; and without those that are
    /// left out. What was repeated below is still.
    pub fn overlaid(&self, over: Vec<(String, String)>, without: &[&str]) -> Result<Self, BadParams> {
        // Before each is compared with those before it.
        if over.len() + self.pairs.len() > MAX_PARAMS {
            return Err(BadParams::TooMany);
        }
        let mut params = Self::default();
        for (name, value) in over {
            params.push(name.into(), value.into())?;
        }
        let hidden = |name: &String| params.pairs.iter().any(|(over, _)| over == name) || without.contains(&name.as_str());
        let below: Vec<_> = self.pairs.iter().filter(|(name, _)| !hidden(name)).cloned().collect();
        let repeated: Vec<_> = self.repeated.iter().filter(|name| !params.repeated.contains(name)).cloned().collect();
        params.pairs.extend(below);
        params.repeated.extend(repeated);
        let Self { pairs, repeated } = &mut params;
        pairs.retain(|(name, _)| !repeated.contains(name));
        Ok(params)
    }

    /// The parameter's value; `None` when it is absent, empty or repeated.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every non-empty value of a parameter that may be repeated.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.given(name).filter(move |value| !value.is_empty() && !self.is_repeated(name))
    }

    /// Every value that was given, also of a parameter that is repeated and so has none: for rules that may only grow stricter by it.
    pub fn given(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The first name that stands more than once and may not (RFC 6749 section 3.1).
    #[must_use]
    pub fn repeated(&self) -> Option<&str> {
        self.repeated.first().map(String::as_str)
    }

    /// Whether this very name stands more than once.
    #[must_use]
    pub fn is_repeated(&self, name: &str) -> bool {
        self.repeated.iter().any(|other| other == name)
    }
}

/// Adds parameters to a URI that may have a query already, which stays byte for byte (RFC 6749 section 3.1.2).
/// The URI has no fragment.
#[must_use]
pub fn with_query(uri: &str, params: &[(&str, &str)]) -> String {
    let joint = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, query)) if query.ends_with('&') => "",
        Some(_) => "&",
    };
    joined(uri, joint, params)
}

/// Adds parameters as the URI's fragment (Multiple Response Types section 2.1). The URI has no fragment yet.
#[must_use]
pub fn with_fragment(uri: &str, params: &[(&str, &str)]) -> String {
    joined(uri, "#", params)
}

fn joined(uri: &str, joint: &str, params: &[(&str, &str)]) -> String {
    if params.is_empty() {
        return uri.to_owned();
    }
    let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
    format!("{uri}{joint}{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6749_b_values_are_decoded_once() {
        let params = Params::parse(b"state=a%2Bb+c%252F&nonce=&scope=openid%20email").unwrap();
        assert_eq!(params.get("state"), Some("a+b c%2F"));
        assert_eq!(params.get("scope"), Some("openid email"));
    }

    #[test]
    fn rfc6749_3_1_an_empty_value_is_absent_and_a_repeated_name_has_none() {
        let params = Params::parse(b"nonce=&state=1&state=2&state=3&client_id=a&client_id=").unwrap();
        assert_eq!(params.get("nonce"), None);
        assert_eq!(params.get("state"), None);
        assert_eq!(params.get("client_id"), None);
        assert_eq!(params.repeated(), Some("state"));
        assert!(params.is_repeated("client_id") && !params.is_repeated("nonce"));
    }

    #[test]
    fn rfc6749_3_1_a_name_in_query_and_body_is_repeated() {
        let params = Params::parse_both(b"client_id=a&x=1", b"client_id=b&y=2").unwrap();
        assert_eq!(params.repeated(), Some("client_id"));
        assert_eq!((params.get("x"), params.get("y")), (Some("1"), Some("2")));
    }

    #[test]
    fn rfc8707_2_resource_may_be_repeated() {
        let params = Params::parse(b"resource=https%3A%2F%2Fa&resource=https%3A%2F%2Fb").unwrap();
        assert_eq!(params.repeated(), None);
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["https://a", "https://b"]);
    }

    #[test]
    fn core_6_1_what_is_laid_over_wins_and_what_was_repeated_stays_so() {
        let below = Params::parse(b"state=below&nonce=n&request=x&prompt=a&prompt=b&resource=r").unwrap();
        let over = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let both = below.overlaid(over(&[("state", "over"), ("resource", "s"), ("resource", "t")]), &["request"]).unwrap();
        assert_eq!((both.get("state"), both.get("nonce"), both.get("request")), (Some("over"), Some("n"), None));
        assert_eq!(both.all("resource").collect::<Vec<_>>(), ["s", "t"]);
        assert_eq!((both.repeated(), both.get("prompt")), (Some("prompt"), None));
        let long = below.overlaid(over(&[("state", &"x".repeat(MAX_VALUE_LEN + 1))]), &[]);
        assert_eq!(long.err(), Some(BadParams::TooLong));
        // By their number alone: compared with each other these would take hours.
        let many = vec![("resource".to_owned(), "r".to_owned()); 1_000_000];
        assert_eq!(below.overlaid(many, &[]).err(), Some(BadParams::TooMany));
    }

    #[test]
    fn too_much_is_refused_before_it_is_read() {
        let many = (0..=MAX_PARAMS).map(|i| format!("p{i}=1")).collect::<Vec<_>>().join("&");
        assert_eq!(Params::parse(many.as_bytes()).err(), Some(BadParams::TooMany));
        let long = format!("state={}", "x".repeat(MAX_VALUE_LEN + 1));
        assert_eq!(Params::parse(long.as_bytes()).err(), Some(BadParams::TooLong));
        assert_eq!(Params::parse(&vec![b'&'; MAX_ENCODED_LEN + 1]).err(), Some(BadParams::TooLong));
        assert_eq!(Params::parse(b"state=%ff").err(), Some(BadParams::NotUtf8));
        assert_eq!(Params::parse(b"client_id=a%00").err(), Some(BadParams::Nul));
        assert_eq!(Params::parse(b"a%00=1").err(), Some(BadParams::Nul));
    }

    #[test]
    fn rfc6749_3_1_2_a_registered_query_survives() {
        let added = [("code", "a b"), ("state", "x&y=\r\n#")];
        for (uri, expected) in [
            ("https://p.example/cb", "https://p.example/cb?code=a+b&state=x%26y%3D%0D%0A%23"),
            ("https://p.example/cb?a=%20", "https://p.example/cb?a=%20&code=a+b&state=x%26y%3D%0D%0A%23"),
            ("https://p.example/cb?", "https://p.example/cb?code=a+b&state=x%26y%3D%0D%0A%23"),
            ("ch.example.app:/cb", "ch.example.app:/cb?code=a+b&state=x%26y%3D%0D%0A%23"),
        ] {
            assert_eq!(with_query(uri, &added), expected);
        }
        assert_eq!(with_query("https://p.example/bye?a", &[]), "https://p.example/bye?a");
        assert_eq!(with_fragment("https://p.example/cb?a=1", &[("error", "x")]), "https://p.example/cb?a=1#error=x");
    }
}
