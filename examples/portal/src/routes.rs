//! The portal's routes: the whole of it on one page.

use std::sync::Arc;

use axum::{
    Form, Json, Router,
    extract::{
        DefaultBodyLimit, OriginalUri, Query, State,
        rejection::{FormRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    middleware,
    response::{AppendHeaders, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;

use crate::{
    cookies::{self, Cookies},
    guard,
    language::Language,
    login::{self, random},
    pages::{self, Pages, SignedOut},
    portal::{Portal, SIGN_OUT_LIFE},
    provider::SignedIn,
    refusal::{REASONS, Refusal},
    return_to::local_path,
};

type Shared = State<Arc<Portal>>;

/// How long a chosen language is kept, in seconds.
const LANGUAGE_LIFE: i64 = 365 * 24 * 3600;
/// For how long after a sign-in that the portal started by itself it does not start another, in seconds.
const AFRESH_LIFE: i64 = 60;

pub(crate) fn router(portal: Arc<Portal>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/login", post(login).get(to_start))
        .route("/callback", get(callback))
        .route("/not-signed-in", get(not_signed_in))
        .route("/logout", post(logout).get(to_start))
        .route("/signed-out", get(signed_out))
        .route("/language", post(language).get(to_start))
        .route("/me.json", get(me))
        .route("/portal.css", get(|| async { asset("text/css", include_str!("../assets/portal.css").to_owned()) }))
        .route("/brand.css", get(|State(portal): Shared| async move { asset("text/css", portal.brand.style_sheet()) }))
        .route("/icon.svg", get(|State(portal): Shared| async move { asset("image/svg+xml", portal.brand.icon()) }))
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(8 * 1024))
        .layer(middleware::from_fn_with_state(Arc::clone(&portal), guard::check))
        .layer(middleware::from_fn_with_state(Arc::clone(&portal), guard::headers))
        .with_state(portal)
}

async fn home(State(portal): Shared, headers: HeaderMap, OriginalUri(uri): OriginalUri) -> Response {
    let pages = Pages::of(&portal, &headers, here(&uri));
    match portal.session(&headers) {
        Some(who) => pages.signed_in(&who),
        None => pages.welcome(),
    }
}

#[derive(Default, Deserialize)]
struct LoginForm {
    #[serde(default)]
    return_to: String,
}

/// Sends the browser to the provider, with the login's cookie.
async fn login(State(portal): Shared, headers: HeaderMap, form: Result<Form<LoginForm>, FormRejection>) -> Response {
    start_login(&portal, &headers, local_path(&form.map(|Form(form)| form.return_to).unwrap_or_default(), &portal.public_url))
        .await
}

async fn start_login(portal: &Portal, headers: &HeaderMap, return_to: String) -> Response {
    let (now, lang) = (portal.now(), pages::language(portal, headers));
    let (url, login, sent) = match portal.provider.authorization(return_to, lang, now).await {
        Ok(started) => started,
        Err(refusal) => return refused(&refusal),
    };
    let mut cookies = leave_old_logins(portal, headers, now);
    cookies.extend(portal.cookies.set(&Cookies::login_kind(&sent.id), &sent.cookie, Some(login::LIFE)));
    portal.logins.put(sent.id, login, now);
    see_other(url.as_str(), cookies)
}

/// Removes the cookies of this browser's logins that are over, and gives up live ones beyond the limit.
fn leave_old_logins(portal: &Portal, headers: &HeaderMap, now: i64) -> Vec<HeaderValue> {
    let (live, mut over): (Vec<_>, Vec<_>) =
        portal.cookies.login_ids(headers).into_iter().partition(|id| portal.logins.read(id.as_str(), now, |_| ()).is_some());
    // Browsers send cookies of the same path oldest first (RFC 6265, section 5.4).
    let too_many = (live.len() + 1).saturating_sub(login::MOST_PER_BROWSER);
    over.extend(live.into_iter().take(too_many));
    over.into_iter().filter_map(|id| portal.cookies.remove(&Cookies::login_kind(&id))).collect()
}

#[derive(Default, Deserialize)]
struct Answer {
    state: Option<String>,
    iss: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

/// The provider's answer (RFC 6749, section 4.1.2). Each parameter counts once: a repeated one is no answer.
async fn callback(State(portal): Shared, headers: HeaderMap, query: Result<Query<Answer>, QueryRejection>) -> Response {
    let answer = query.map(|Query(answer)| answer).unwrap_or_default();
    let id = answer.state.as_deref().and_then(login::id_of).unwrap_or_default().to_owned();
    let signed_in_there = answer.error.is_none();
    let mut response = match finish(&portal, &headers, &id, answer).await {
        Ok((who, return_to)) => {
            let session = portal.begin_session(&headers, who);
            see_other(&return_to, session.into_iter().chain(portal.cookies.remove(cookies::AFRESH)))
        }
        Err(Refusal::UnknownLogin) => return unknown_login(&portal, &headers, signed_in_there).await,
        Err(refusal) => refused(&refusal),
    };
    if let Some(cookie) = portal.cookies.remove(&Cookies::login_kind(&id)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The answer to a login that nobody knows: it ran out, another browser started it, or the portal was restarted and forgot it.
async fn unknown_login(portal: &Portal, headers: &HeaderMap, signed_in_there: bool) -> Response {
    // A second tab, a reload, the way back: who is signed in already is not told of a lost flow.
    if portal.session(headers).is_some() {
        return see_other("/", []);
    }
    // Who has just signed in at the provider is signed in there still: asking once more costs a redirect. The foreign answer is
    // not used for it, and the cookie keeps a portal that loses every login from asking for ever.
    if !signed_in_there || portal.cookies.get(headers, cookies::AFRESH).is_some() {
        return refused(&Refusal::UnknownLogin);
    }
    tracing::info!("a login nobody knows: starting another");
    let mut response = start_login(portal, headers, "/".to_owned()).await;
    if let Some(cookie) = portal.cookies.set(cookies::AFRESH, "1", Some(AFRESH_LIFE)) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Takes the login the answer belongs to and completes it: who signed in, and the page that asked.
async fn finish(portal: &Portal, headers: &HeaderMap, id: &str, answer: Answer) -> Result<(SignedIn, String), Refusal> {
    let now = portal.now();
    let cookie = portal.cookies.get(headers, &Cookies::login_kind(id)).ok_or(Refusal::UnknownLogin)?;
    let state = answer.state.ok_or(Refusal::UnknownLogin)?;
    let login = portal.logins.take_if(id, now, |login| login.is_of(&state, &cookie)).ok_or(Refusal::UnknownLogin)?;
    portal.provider.check_issuer(answer.iss.as_deref(), now).await?;
    if let Some(error) = answer.error {
        return Err(Refusal::from_error_code(&error));
    }
    let code = answer.code.ok_or_else(|| Refusal::Untrusted("there is neither code nor error".to_owned()))?;
    let return_to = login.return_to.clone();
    Ok((portal.provider.redeem(code, login, now).await?, return_to))
}

/// Logs a refusal once and leads to its page; an own address, so that reload and language switch work there.
fn refused(refusal: &Refusal) -> Response {
    let reference: String = random().chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    let reason = refusal.reason();
    match refusal {
        Refusal::Cancelled | Refusal::UnknownLogin | Refusal::SignInNeeded(_) => {
            tracing::info!(reference, %refusal, "no sign-in");
        }
        _ => tracing::warn!(reference, %refusal, "no sign-in"),
    }
    see_other(&format!("/not-signed-in?reason={reason}&reference={reference}"), [])
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NotSignedIn {
    reason: String,
    reference: String,
}

async fn not_signed_in(
    State(portal): Shared,
    headers: HeaderMap,
    OriginalUri(uri): OriginalUri,
    query: Result<Query<NotSignedIn>, QueryRejection>,
) -> Response {
    let Query(shown) = query.unwrap_or_default();
    let Some((reason, status)) = REASONS.into_iter().find(|(reason, _)| *reason == shown.reason) else {
        return see_other("/", []);
    };
    // Only what can be a reference is shown, so that nobody's link can put words into this page.
    let is_reference = shown.reference.len() == 8 && shown.reference.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let reference = Some(shown.reference.as_str()).filter(|_| is_reference && status.as_u16() >= 500);
    Pages::of(&portal, &headers, here(&uri)).notice(status, reason, reference)
}

/// Ends the portal's session, then asks the provider to end its own (RP-Initiated Logout 1.0); or asks once more, where the
/// provider has not confirmed the last time.
async fn logout(State(portal): Shared, headers: HeaderMap) -> Response {
    let asked_before = portal.cookies.get(&headers, cookies::SIGN_OUT).and_then(|state| portal.close_sign_out(&state));
    let Some(who) = portal.end_session(&headers).or(asked_before) else { return see_other("/", []) };
    let state = random();
    let ended = portal.cookies.remove(cookies::SESSION).into_iter();
    let asked = ended.clone().chain(portal.cookies.set(cookies::SIGN_OUT, &state, Some(SIGN_OUT_LIFE)));
    match portal.provider.end_session(&who, &state, pages::language(&portal, &headers), portal.now()).await {
        Ok(Some(url)) => {
            portal.await_sign_out(&state, who);
            see_other(url.as_str(), asked)
        }
        Ok(None) => see_other("/signed-out", ended.chain(portal.cookies.remove(cookies::SIGN_OUT))),
        Err(refusal) => {
            tracing::warn!(%refusal, "signed out here, not at the provider");
            portal.await_sign_out(&state, who);
            see_other("/signed-out", asked)
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Confirmation {
    state: String,
}

async fn signed_out(
    State(portal): Shared,
    headers: HeaderMap,
    OriginalUri(uri): OriginalUri,
    query: Result<Query<Confirmation>, QueryRejection>,
) -> Response {
    if portal.session(&headers).is_some() {
        return see_other("/", []);
    }
    let Query(answer) = query.unwrap_or_default();
    let extent = match portal.cookies.get(&headers, cookies::SIGN_OUT) {
        Some(state) if state == answer.state => {
            portal.close_sign_out(&state);
            SignedOut::Everywhere
        }
        Some(state) if portal.awaits_sign_out(&state) => SignedOut::Unconfirmed,
        _ => SignedOut::Here,
    };
    Pages::of(&portal, &headers, here(&uri)).signed_out(extent)
}

#[derive(Deserialize)]
struct LanguageForm {
    language: String,
    #[serde(default)]
    return_to: String,
}

async fn language(State(portal): Shared, Form(form): Form<LanguageForm>) -> Response {
    let chosen = Language::of_tag(&form.language).filter(|language| portal.languages.contains(language));
    let cookie = chosen.and_then(|language| portal.cookies.set(cookies::LANGUAGE, language.code(), Some(LANGUAGE_LIFE)));
    see_other(&local_path(&form.return_to, &portal.public_url), cookie)
}

/// Who is signed in, for scripts: the claims of userinfo and ID token as one object.
async fn me(State(portal): Shared, headers: HeaderMap) -> Response {
    match portal.session(&headers) {
        Some(who) => Json(&who.claims).into_response(),
        None => (StatusCode::UNAUTHORIZED, Json(serde_json::json!({ "error": "not_signed_in" }))).into_response(),
    }
}

async fn to_start() -> Redirect {
    Redirect::to("/")
}

async fn not_found(State(portal): Shared, headers: HeaderMap, OriginalUri(uri): OriginalUri) -> Response {
    Pages::of(&portal, &headers, here(&uri)).notice(StatusCode::NOT_FOUND, "missing", None)
}

fn here(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
}

/// 303, so that the browser goes on with GET, and never repeats a post.
fn see_other(to: &str, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    let cookies = AppendHeaders(cookies.into_iter().map(|cookie| (header::SET_COOKIE, cookie)));
    (cookies, Redirect::to(to)).into_response()
}

fn asset(kind: &'static str, text: String) -> Response {
    ([(header::CONTENT_TYPE, format!("{kind}; charset=utf-8")), (header::CACHE_CONTROL, "max-age=300".to_owned())], text)
        .into_response()
}
