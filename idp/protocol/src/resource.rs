//! Resource indicators (RFC 8707): for which resource servers an access token is.
//!
//! A client names them by absolute URI, at the authorization endpoint and again, never more, at the token endpoint. Where none was named
//! a token is for the provider itself, whose identifier is the issuer; a token for others is not for the provider unless it names the
//! issuer as well.

use crate::client::Client;
use crate::jose::jwt::Audience;
use crate::wire::Params;
use url::Url;

/// Most resources of one request.
pub const MOST: usize = 8;
/// Longest URI of a resource, in bytes.
pub const LONGEST: usize = 512;

/// Why a resource is refused with `invalid_target` (RFC 8707 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTarget {
    /// It is no absolute URI, or has a fragment, or is long.
    #[error("resource is no absolute URI without fragment")]
    Malformed,
    /// More than [`MOST`].
    #[error("more than {MOST} resources")]
    TooMany,
    /// The client may not ask for it.
    #[error("resource is not registered for this client")]
    Unknown,
    /// The grant is for others (section 2.2).
    #[error("resource exceeds what was granted")]
    NotGranted,
}

/// Whether a text can name a resource: an absolute URI without fragment (section 2).
#[must_use]
pub fn is_resource(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    text.len() <= LONGEST && text.bytes().all(plain) && !text.contains('#') && Url::parse(text).is_ok()
}

/// The resources that a request names, each once, in its order. Whether the client may have them is still to be asked.
pub fn named(params: &Params) -> Result<Vec<String>, BadTarget> {
    let mut named: Vec<String> = Vec::new();
    for text in params.all("resource") {
        if !is_resource(text) {
            return Err(BadTarget::Malformed);
        }
        if named.iter().all(|known| known != text) {
            named.push(text.to_owned());
        }
    }
    if named.len() > MOST { Err(BadTarget::TooMany) } else { Ok(named) }
}

/// The resources that an authorization request names, all of them registered for the client. The issuer is one of them only where the
/// client registered it.
pub fn asked(params: &Params, client: &Client) -> Result<Vec<String>, BadTarget> {
    let named = named(params)?;
    if named.iter().all(|resource| client.resources.contains(resource)) { Ok(named) } else { Err(BadTarget::Unknown) }
}

/// The audience of an access token from a grant for these resources (none: the issuer): those that the token request names, else all,
/// less what is no longer registered for the client (section 2.2).
pub fn narrowed(granted: &[String], named: &[String], client: &Client, issuer: &str) -> Result<Vec<String>, BadTarget> {
    let own = [issuer.to_owned()];
    let granted = if granted.is_empty() { &own } else { granted };
    if !named.iter().all(|resource| granted.contains(resource)) {
        return Err(BadTarget::NotGranted);
    }
    let chosen = if named.is_empty() { granted } else { named };
    let may = |resource: &&String| *resource == issuer || client.resources.contains(resource);
    let kept: Vec<String> = chosen.iter().filter(may).cloned().collect();
    if kept.is_empty() { Err(BadTarget::Unknown) } else { Ok(kept) }
}

/// The audience of an access token of a client that acts for itself: what it names of its resources, else the issuer.
pub fn own(named: &[String], client: &Client, issuer: &str) -> Result<Vec<String>, BadTarget> {
    if named.is_empty() {
        return Ok(vec![issuer.to_owned()]);
    }
    let may = |resource: &String| resource == issuer || client.resources.contains(resource);
    if named.iter().all(may) { Ok(named.to_vec()) } else { Err(BadTarget::Unknown) }
}

/// The claim of an access token for these resources.
#[must_use]
pub fn audience(resources: &[String]) -> Audience {
    match resources {
        [one] => Audience::One(one.clone()),
        many => Audience::Many(many.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::portal;
    use serde_json::json;

    const ISSUER: &str = "https://i.example/lindenhof";
    const WAGES: &str = "https://wages.example/api";
    const FILES: &str = "urn:files";

    fn client() -> Client {
        portal(&json!({"resources": [WAGES, FILES, ISSUER]}))
    }

    fn query(resources: &[&str]) -> Params {
        let pairs = resources.iter().map(|resource| ("resource", *resource));
        Params::parse(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().as_bytes()).unwrap()
    }

    fn list(resources: &[&str]) -> Vec<String> {
        resources.iter().map(|resource| (*resource).to_owned()).collect()
    }

    #[test]
    fn rfc8707_2_a_resource_is_an_absolute_uri_without_fragment_that_is_registered() {
        for (asked_for, expected) in [
            (vec![], Ok(list(&[]))),
            (vec![WAGES], Ok(list(&[WAGES]))),
            (vec![FILES, WAGES, FILES], Ok(list(&[FILES, WAGES]))),
            (vec!["/api"], Err(BadTarget::Malformed)),
            (vec!["wages"], Err(BadTarget::Malformed)),
            (vec!["https://wages.example/api#x"], Err(BadTarget::Malformed)),
            (vec!["https://wages.example/api#"], Err(BadTarget::Malformed)),
            (vec!["https://wages.example/ä"], Err(BadTarget::Malformed)),
            (vec![WAGES, "https://wages.example/api/"], Err(BadTarget::Unknown)),
            (vec!["https://other.example"], Err(BadTarget::Unknown)),
        ] {
            assert_eq!(asked(&query(&asked_for), &client()), expected, "{asked_for:?}");
        }
        let many: Vec<String> = (0..=MOST).map(|at| format!("urn:files:{at}")).collect();
        assert_eq!(named(&query(&many.iter().map(String::as_str).collect::<Vec<_>>())), Err(BadTarget::TooMany));
        assert_eq!(named(&query(&[&format!("urn:{}", "x".repeat(LONGEST))])), Err(BadTarget::Malformed));
    }

    #[test]
    fn rfc8707_2_2_a_token_is_for_what_was_granted_or_less() {
        for (granted, asked_for, expected) in [
            (vec![], vec![], Ok(list(&[ISSUER]))),
            (vec![], vec![ISSUER], Ok(list(&[ISSUER]))),
            (vec![], vec![WAGES], Err(BadTarget::NotGranted)),
            (vec![WAGES, ISSUER], vec![], Ok(list(&[WAGES, ISSUER]))),
            (vec![WAGES, ISSUER], vec![ISSUER], Ok(list(&[ISSUER]))),
            (vec![WAGES], vec![ISSUER], Err(BadTarget::NotGranted)),
            (vec![WAGES, "urn:gone"], vec![], Ok(list(&[WAGES]))),
            (vec!["urn:gone"], vec![], Err(BadTarget::Unknown)),
        ] {
            let told = narrowed(&list(&granted), &list(&asked_for), &client(), ISSUER);
            assert_eq!(told, expected, "{granted:?} {asked_for:?}");
        }
    }

    #[test]
    fn rfc8707_2_a_service_names_its_own_resources_or_none() {
        assert_eq!(own(&[], &client(), ISSUER), Ok(list(&[ISSUER])));
        assert_eq!(own(&list(&[WAGES, FILES]), &client(), ISSUER), Ok(list(&[WAGES, FILES])));
        assert_eq!(own(&list(&["urn:x"]), &client(), ISSUER), Err(BadTarget::Unknown));
        assert_eq!(serde_json::to_value(audience(&list(&[WAGES]))).unwrap(), json!(WAGES));
        assert_eq!(serde_json::to_value(audience(&list(&[WAGES, FILES]))).unwrap(), json!([WAGES, FILES]));
    }
}
