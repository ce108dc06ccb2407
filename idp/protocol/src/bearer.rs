//! Reading a bearer token out of a request (RFC 6750 section 2).

use crate::error::BearerError;
use crate::secret::Secret;
use crate::wire::Params;

/// The token of the `Authorization` header (section 2.1) or of a form body (section 2.2), never of the query (section 2.3).
/// `body` is `None` unless the request is a form post.
pub fn read(authorization: Option<&str>, body: Option<&Params>) -> Result<Secret, BearerError> {
    let in_header = authorization.map(|value| header_token(value).ok_or_else(malformed)).transpose()?;
    if body.is_some_and(|body| body.is_repeated("access_token")) {
        return Err(BearerError::invalid_request("access_token is repeated"));
    }
    let in_body = body.and_then(|body| body.get("access_token"));
    match (in_header, in_body) {
        (Some(_), Some(_)) => Err(BearerError::invalid_request("the token is presented in two ways")),
        (Some(token), None) | (None, Some(token)) => Ok(Secret::new(token.to_owned())),
        (None, None) => Err(BearerError::Missing),
    }
}

fn malformed() -> BearerError {
    BearerError::invalid_request("Authorization is not a well-formed Bearer token")
}

/// `"Bearer" 1*SP b64token` (RFC 6750 section 2.1).
fn header_token(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty() && token.bytes().all(allowed)).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6750_2_a_token_comes_in_exactly_one_way() {
        let [empty, form, twice] =
            ["", "access_token=a.b.c", "access_token=a&access_token=b"].map(|body| Params::parse(body.as_bytes()).unwrap());
        for (authorization, body, expected) in [
            (Some("Bearer a.b.c"), None, Ok(())),
            (Some("bearer  a.b.c"), Some(&empty), Ok(())),
            (None, Some(&form), Ok(())),
            (None, None, Err(401)),
            (None, Some(&empty), Err(401)),
            (Some("Bearer a.b.c"), Some(&form), Err(400)),
            (None, Some(&twice), Err(400)),
            (Some("Bearer "), None, Err(400)),
            (Some("Bearer"), None, Err(400)),
            (Some("Bearer a b"), None, Err(400)),
            (Some("Basic YTpi"), None, Err(400)),
        ] {
            let read = read(authorization, body);
            assert_eq!(read.as_ref().map(|_| ()).map_err(BearerError::status), expected, "{authorization:?}");
            assert!(read.is_err() || read.is_ok_and(|token| token.expose() == "a.b.c"));
        }
    }
}
