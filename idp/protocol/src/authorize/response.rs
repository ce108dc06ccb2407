//! Which answer a request may ask for, and how it travels (RFC 6749 section 3.1.1, Multiple Response Types, Form Post Response Mode).

use super::reply::ResponseMode;
use crate::client::{Client, ResponseType};
use crate::error::{AuthorizationError, AuthorizationErrorCode as Code};
use crate::redirect::RedirectUri;
use crate::wire::Params;

/// The response mode of every answer, errors included: the one that is asked for, where we know it and it may be, else the response
/// type's own, which is the fragment wherever a token would come back (Multiple Response Types sections 3 and 5).
pub(super) fn reply_mode(params: &Params, redirect_uri: &RedirectUri) -> ResponseMode {
    let of_type = if asks_for_tokens(params) { ResponseMode::Fragment } else { ResponseMode::Query };
    match asked_mode(params) {
        // No token ever travels in a query, which servers log and browsers keep: the refusal comes in the fragment too.
        Some(ResponseMode::Query) | None => of_type,
        // A form can be posted to a web server alone.
        Some(ResponseMode::FormPost) if redirect_uri.web_origin().is_none() => of_type,
        Some(mode) => mode,
    }
}

/// Whether tokens would come back, whatever else the words say.
fn asks_for_tokens(params: &Params) -> bool {
    params.given("response_type").flat_map(|text| text.split(' ')).any(|word| matches!(word, "token" | "id_token"))
}

fn asked_mode(params: &Params) -> Option<ResponseMode> {
    let text = params.get("response_mode")?;
    ResponseMode::ALL.into_iter().find(|known| known.as_str() == text)
}

/// RFC 6749 section 3.1.1.
pub(super) fn response_type(params: &Params, client: &Client) -> Result<ResponseType, AuthorizationError> {
    let text = params.get("response_type").ok_or_else(|| AuthorizationError::invalid_request("response_type is missing"))?;
    let Some(known) = ResponseType::parse(text) else {
        return Err(AuthorizationError::new(Code::UnsupportedResponseType, "response_type is not supported"));
    };
    if client.response_types.contains(&known) {
        return Ok(known);
    }
    Err(AuthorizationError::new(Code::UnauthorizedClient, "response_type is not registered for this client"))
}

/// Multiple Response Types sections 2.1, 3 and 5: a mode that we know, and that suits the answer.
pub(super) fn check_mode(
    params: &Params,
    response_type: ResponseType,
    redirect_uri: &RedirectUri,
) -> Result<(), AuthorizationError> {
    match asked_mode(params) {
        None if params.get("response_mode").is_some() => {
            Err(AuthorizationError::invalid_request("response_mode is not supported"))
        }
        Some(ResponseMode::Query) if response_type.has_id_token() || response_type.has_token() => Err(
            AuthorizationError::invalid_request("response_mode=query is for codes alone: tokens come by fragment or form_post"),
        ),
        Some(ResponseMode::FormPost) if redirect_uri.web_origin().is_none() => {
            Err(AuthorizationError::invalid_request("response_mode=form_post needs a redirect_uri of http or https"))
        }
        _ => Ok(()),
    }
}

/// The nonce: required wherever an ID token comes from the authorization endpoint (OpenID Connect Core sections 3.2.2.1 and 3.3.2.11).
pub(super) fn nonce(params: &Params, response_type: ResponseType) -> Result<Option<String>, AuthorizationError> {
    match params.get("nonce") {
        None if response_type.has_id_token() => {
            Err(AuthorizationError::invalid_request("nonce is required with this response_type"))
        }
        nonce => Ok(nonce.map(str::to_owned)),
    }
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
