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
    pages::{self, Pages},
    portal::Portal,
    provider::SignedIn,
    refusal::{REASONS, Refusal},
    return_to::local_path,
};

type Shared = State<Arc<Portal>>;

/// How long the provider may take to sign a person out, and a chosen language is kept, in seconds.
const SIGN_OUT_LIFE: i64 = 600;
const LANGUAGE_LIFE: i64 = 365 * 24 * 3600;

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
    let (now, lang) = (portal.now(), pages::language(&portal, &headers));
    let return_to = local_path(&form.map(|Form(form)| form.return_to).unwrap_or_default(), &portal.public_url);
    let (url, login, sent) = match portal.provider.authorization(return_to, lang, now).await {
        Ok(started) => started,
        Err(refusal) => return refused(&refusal),
    };
    let mut cookies = leave_old_logins(&portal, &headers, now);
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
    let finished = finish(&portal, &headers, &id, answer).await;
    // A second tab, a reload, the way back: who is signed in already is not told of a lost flow.
    if matches!(finished, Err(Refusal::UnknownLogin)) && portal.session(&headers).is_some() {
        return see_other("/", []);
    }
    let (mut response, known) = match finished {
        Ok((who, return_to)) => (see_other(&return_to, portal.begin_session(&headers, who)), true),
        Err(refusal) => (refused(&refusal), !matches!(refusal, Refusal::UnknownLogin)),
    };
    if let Some(cookie) = portal.cookies.remove(&Cookies::login_kind(&id)).filter(|_| known) {
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

/// Ends the portal's session, then asks the provider to end its own (RP-Initiated Logout 1.0).
async fn logout(State(portal): Shared, headers: HeaderMap) -> Response {
    let Some(who) = portal.end_session(&headers) else { return see_other("/", []) };
    let state = random();
    let mut cookies: Vec<_> = portal.cookies.remove(cookies::SESSION).into_iter().collect();
    match portal.provider.end_session(&who, &state, pages::language(&portal, &headers), portal.now()).await {
        Ok(Some(url)) => {
            cookies.extend(portal.cookies.set(cookies::SIGN_OUT, &state, Some(SIGN_OUT_LIFE)));
            see_other(url.as_str(), cookies)
        }
        Ok(None) => see_other("/signed-out", cookies),
        Err(refusal) => {
            tracing::warn!(%refusal, "signed out here, not at the provider");
            see_other("/signed-out", cookies)
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SignedOut {
    state: String,
}

async fn signed_out(
    State(portal): Shared,
    headers: HeaderMap,
    OriginalUri(uri): OriginalUri,
    query: Result<Query<SignedOut>, QueryRejection>,
) -> Response {
    if portal.session(&headers).is_some() {
        return see_other("/", []);
    }
    let Query(answer) = query.unwrap_or_default();
    let everywhere = portal.cookies.get(&headers, cookies::SIGN_OUT).is_some_and(|state| state == answer.state);
    Pages::of(&portal, &headers, here(&uri)).signed_out(everywhere)
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
