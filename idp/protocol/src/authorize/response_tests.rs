//! Every response type and mode, and where an answer goes when something is wrong with them.

use crate::authorize::reply::{ReplyTo, ResponseMode};
use crate::authorize::request::{AuthorizationRequest, Refusal, parse};
use crate::client::tests::portal;
use crate::client::{Client, ResponseType};
use crate::error::{AuthorizationError, AuthorizationErrorCode as Code};
use crate::wire::Params;
use serde_json::json;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn everything() -> Client {
    portal(&json!({
        "grant_types": ["authorization_code", "implicit", "refresh_token"],
        "response_types": ResponseType::ALL.map(ResponseType::as_str),
        "scope": "openid email offline_access",
    }))
}

fn ask(client: &Client, changes: &[(&str, &str)]) -> Result<AuthorizationRequest, (ReplyTo, AuthorizationError)> {
    let mut pairs = vec![("client_id", "flex"), ("scope", "openid email"), ("nonce", "n"), ("code_challenge", CHALLENGE)];
    pairs.push(("code_challenge_method", "S256"));
    pairs.extend(client.redirect_uris.first().map(|uri| ("redirect_uri", uri.as_str())));
    pairs.retain(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    pairs.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    parse(&Params::parse(query.as_bytes()).unwrap(), client).map_err(|refusal| match refusal {
        Refusal::Redirect { to, error } => (to, error),
        Refusal::Page(error) => panic!("{error}"),
    })
}

#[test]
fn multiple_response_types_3_and_5_each_type_has_its_own_mode_and_the_order_of_words_means_nothing() {
    for (text, response_type, mode) in [
        ("code", ResponseType::Code, ResponseMode::Query),
        ("id_token", ResponseType::IdToken, ResponseMode::Fragment),
        ("id_token token", ResponseType::IdTokenToken, ResponseMode::Fragment),
        ("token id_token", ResponseType::IdTokenToken, ResponseMode::Fragment),
        ("code id_token", ResponseType::CodeIdToken, ResponseMode::Fragment),
        ("id_token code", ResponseType::CodeIdToken, ResponseMode::Fragment),
        ("code token", ResponseType::CodeToken, ResponseMode::Fragment),
        ("token id_token code", ResponseType::CodeIdTokenToken, ResponseMode::Fragment),
    ] {
        let request = ask(&everything(), &[("response_type", text)]).unwrap();
        assert_eq!((request.response_type, request.reply_to.mode), (response_type, mode), "{text}");
        for asked in [ResponseMode::Fragment, ResponseMode::FormPost] {
            let request = ask(&everything(), &[("response_type", text), ("response_mode", asked.as_str())]).unwrap();
            assert_eq!(request.reply_to.mode, asked, "{text}");
        }
    }
}

#[test]
fn multiple_response_types_5_no_token_ever_goes_by_query_and_its_refusal_neither() {
    for response_type in ResponseType::ALL {
        let asked = ask(&everything(), &[("response_type", response_type.as_str()), ("response_mode", "query")]);
        if response_type == ResponseType::Code {
            assert_eq!(asked.unwrap().reply_to.mode, ResponseMode::Query);
            continue;
        }
        let (to, error) = asked.unwrap_err();
        assert_eq!((to.mode, error.code), (ResponseMode::Fragment, Code::InvalidRequest), "{}", response_type.as_str());
        assert!(error.description.as_str().starts_with("response_mode=query is for codes alone"));
    }
}

#[test]
fn rfc6749_4_2_2_1_an_error_travels_as_the_answer_would() {
    let fragment = ResponseMode::Fragment;
    for (changes, mode, code) in [
        (vec![("response_type", "token")], fragment, Code::UnsupportedResponseType),
        (vec![("response_type", "code  id_token")], fragment, Code::UnsupportedResponseType),
        (vec![("response_type", "code code")], ResponseMode::Query, Code::UnsupportedResponseType),
        (vec![("response_type", "none")], ResponseMode::Query, Code::UnsupportedResponseType),
        (vec![("response_type", "token"), ("response_mode", "query")], fragment, Code::UnsupportedResponseType),
        (vec![("response_type", "none"), ("response_mode", "form_post")], ResponseMode::FormPost, Code::UnsupportedResponseType),
        (vec![("response_type", "id_token"), ("response_mode", "jwt")], fragment, Code::InvalidRequest),
        (vec![("response_type", "code"), ("response_mode", "jwt")], ResponseMode::Query, Code::InvalidRequest),
        (vec![("response_type", "id_token"), ("scope", "")], fragment, Code::InvalidScope),
        (
            vec![("response_type", "code"), ("response_mode", "form_post"), ("scope", "")],
            ResponseMode::FormPost,
            Code::InvalidScope,
        ),
        (vec![("response_type", "code"), ("response_type", "id_token")], fragment, Code::InvalidRequest),
        (vec![("response_type", "code"), ("response_type", "code")], ResponseMode::Query, Code::InvalidRequest),
    ] {
        let (to, error) = ask(&everything(), &changes).unwrap_err();
        assert_eq!((to.mode, error.code), (mode, code), "{changes:?}");
    }
}

#[test]
fn rfc6749_4_2_2_1_a_type_is_off_unless_the_client_has_it() {
    for response_type in ResponseType::ALL {
        for registered in ResponseType::ALL {
            let client = portal(&json!({"response_types": [registered.as_str()]}));
            let asked = ask(&client, &[("response_type", response_type.as_str())]);
            if registered == response_type {
                assert!(asked.is_ok(), "{}", response_type.as_str());
            } else {
                assert_eq!(asked.unwrap_err().1.code, Code::UnauthorizedClient, "{}", response_type.as_str());
            }
        }
    }
}

#[test]
fn core_3_2_2_1_and_3_3_2_11_a_nonce_is_required_where_an_id_token_comes_back() {
    for response_type in ResponseType::ALL {
        let asked = ask(&everything(), &[("response_type", response_type.as_str()), ("nonce", "")]);
        match asked {
            Ok(request) => assert!(!response_type.has_id_token() && request.nonce.is_none(), "{}", response_type.as_str()),
            Err((_, error)) => {
                assert!(response_type.has_id_token(), "{}", response_type.as_str());
                assert_eq!(error.description.as_str(), "nonce is required with this response_type");
            }
        }
    }
}

#[test]
fn rfc7636_4_4_1_pkce_is_required_where_a_code_comes_back() {
    for response_type in ResponseType::ALL {
        let bare = [("response_type", response_type.as_str()), ("code_challenge", ""), ("code_challenge_method", "")];
        assert_eq!(ask(&everything(), &bare).is_err(), response_type.has_code(), "{}", response_type.as_str());
    }
}

#[test]
fn core_11_offline_access_is_ignored_where_no_code_comes_back() {
    for response_type in ResponseType::ALL {
        let asked = [("response_type", response_type.as_str()), ("scope", "openid offline_access")];
        let scope = ask(&everything(), &asked).unwrap().scope;
        assert_eq!(scope.contains("offline_access"), response_type.has_code(), "{}", response_type.as_str());
    }
}

#[test]
fn form_post_2_only_a_web_server_takes_a_form() {
    let native = portal(&json!({"redirect_uris": ["ch.example.app:/cb"], "application_type": "native"}));
    let (to, error) = ask(&native, &[("response_type", "code"), ("response_mode", "form_post")]).unwrap_err();
    assert_eq!((to.mode, error.code), (ResponseMode::Query, Code::InvalidRequest));
    assert!(error.description.as_str().contains("http or https"));
}
