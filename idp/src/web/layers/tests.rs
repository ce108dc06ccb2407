use super::*;
use crate::directory::client::Clients;
use crate::realm::{Kept, SigningKeys};
use crate::tests::House;
use crate::urls::Urls;
use axum::body::Body;
use axum::http::Method;
use axum::routing::{get, post};

fn panics() -> StatusCode {
    panic!("hunter2")
}

/// A realm's routes as a room might write them: they fail in every way.
async fn answer(house: &House, request: Request) -> (StatusCode, axum::http::HeaderMap, String) {
    let forms = Router::new().route("/ui/form", post(|| async { "taken" }));
    let routes = Router::new()
        .merge(same_site(forms))
        .route("/busy", get(|| async { Failure::Busy("the queue of writes is full") }))
        .route("/fails", get(|| async { Failure::internal("the password of the database is hunter2") }))
        .route("/panics", get(|| async { panics() }))
        .route("/takes", post(|body: axum::body::Bytes| async move { body.len().to_string() }))
        .route("/refused", get(|| async { refused_request("invalid_request_uri", Some("redirect_uri".into())) }))
        .route("/own", get(|| async { (StatusCode::BAD_REQUEST, Json(serde_json::json!({ "error": "invalid_grant" }))) }))
        .route("/kept", get(|| async { ([(header::CACHE_CONTROL, "max-age=60")], "kept") }))
        .route(paths::TOKEN, get(|| async { Failure::Busy("the queue of writes is full") }))
        .route(paths::INTROSPECT, get(|| async { Failure::Busy("the queue of writes is full") }))
        .route(paths::REVOKE, get(|| async { Failure::Busy("the queue of writes is full") }))
        .fallback(|| async { not_found() });
    let mut request = request;
    request.extensions_mut().insert(house.realm.clone());
    let routes = routes.with_state(house.app.clone());
    let answered = async |request| routes.oneshot(request).await.unwrap();
    let response = outside::around(&house.app, request, |request| around(&house.app, request, answered)).await;
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    (parts.status, parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
}

fn to(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header(header::HOST, "id.example")
}

fn get_of(path: &str) -> Request {
    to(Method::GET, path).body(Body::empty()).unwrap()
}

fn is_page(body: &str) -> bool {
    body.starts_with("<!doctype html>") && body.contains("id=\"op-error\"")
}

#[tokio::test]
async fn a_busy_provider_says_when_to_come_back_to_people_and_to_programs() {
    let house = House::new().await;
    let (status, headers, body) = answer(&house, get_of("/busy")).await;
    assert_eq!((status, headers[header::RETRY_AFTER].to_str().unwrap()), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    assert!(is_page(&body) && !body.contains("queue"), "{body}");
    for (language, words) in [("de-CH", "Einen Augenblick bitte"), ("it", "Un momento, per favore"), ("en", "One moment, please")]
    {
        let request = to(Method::GET, "/busy").header(header::ACCEPT_LANGUAGE, language).body(Body::empty()).unwrap();
        let (status, _, body) = answer(&house, request).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(body.contains(&format!("lang=\"{}\"", &language[..2])) && body.contains(words), "{language}: {body}");
    }
    for path in [paths::TOKEN, paths::INTROSPECT, paths::REVOKE] {
        let (status, headers, body) = answer(&house, get_of(path)).await;
        assert_eq!((status, headers[header::RETRY_AFTER].to_str().unwrap()), (StatusCode::SERVICE_UNAVAILABLE, "5"));
        assert_eq!(body, r#"{"error":"temporarily_unavailable"}"#, "{path}");
    }
}

#[tokio::test]
async fn what_went_wrong_inside_stays_inside() {
    let house = House::new().await;
    for path in ["/fails", "/panics"] {
        let (status, headers, body) = answer(&house, get_of(path)).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(is_page(&body) && !body.contains("hunter2"), "{path}: {body}");
        assert!(headers.contains_key(header::CONTENT_SECURITY_POLICY), "{path}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_of_the_house() {
    let house = House::new().await;
    for path in ["/busy", "/panics", "/nowhere", "/own", "/kept", paths::TOKEN] {
        let (_, headers, _) = answer(&house, get_of(path)).await;
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert_eq!(headers[header::REFERRER_POLICY], "same-origin", "{path}");
        let cached = if path == "/kept" { "max-age=60" } else { "no-store" };
        assert_eq!(headers[header::CACHE_CONTROL], cached, "{path}");
        assert_eq!(headers[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000; includeSubDomains", "{path}");
    }
}

#[tokio::test]
async fn what_a_room_wrote_for_its_reader_is_left_alone() {
    let house = House::new().await;
    let (status, _, body) = answer(&house, get_of("/own")).await;
    assert_eq!((status, body.as_str()), (StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#));
    let (status, _, body) = answer(&house, get_of("/refused")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(is_page(&body) && body.contains("invalid_request_uri"), "{body}");
    let (status, _, body) = answer(&house, get_of("/nowhere")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(is_page(&body));
}

#[tokio::test]
async fn a_form_is_taken_from_our_own_pages_only() {
    let house = House::new().await;
    let from = |site: &'static str, origin: &'static str| {
        let request = to(Method::POST, "/ui/form").header("sec-fetch-site", site).header(header::ORIGIN, origin);
        request.body(Body::empty()).unwrap()
    };
    assert_eq!(answer(&house, from("same-origin", "https://id.example")).await.0, StatusCode::OK);
    for (site, origin) in [("cross-site", "https://evil.example"), ("same-site", "https://other.example"), ("cross-site", "null")]
    {
        let (status, _, body) = answer(&house, from(site, origin)).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{site} {origin}");
        assert!(is_page(&body));
    }
    let without_fetch_metadata = to(Method::POST, "/ui/form").header(header::ORIGIN, "https://evil.example");
    assert_eq!(answer(&house, without_fetch_metadata.body(Body::empty()).unwrap()).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_body_beyond_every_form_is_refused() {
    let house = House::new().await;
    let body = |bytes: usize| to(Method::POST, "/takes").body(Body::from(vec![b'a'; bytes])).unwrap();
    assert_eq!(answer(&house, body(BODY_LIMIT)).await.2, BODY_LIMIT.to_string());
    let (status, _, shown) = answer(&house, body(BODY_LIMIT + 1)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(is_page(&shown));
}

#[tokio::test]
async fn b1_4_no_link_of_a_page_at_the_root_of_a_host_leads_where_its_path_says() {
    let mut house = House::new().await;
    let Realm { id, generation, document, vault, loaded_at, .. } = house.realm.as_ref();
    let (urls, signing) = (Urls::new("https://id.example").unwrap(), SigningKeys::default());
    let (document, vault) = (document.clone(), vault.clone());
    let (clients, kept) = (Clients::default(), Kept::default());
    let (id, generation, loaded_at) = (*id, *generation, *loaded_at);
    house.realm = Arc::new(Realm { id, generation, document, urls, vault, signing, loaded_at, clients, kept });
    for path in ["//evil.example/?a=b", "///evil.example", "/\\evil.example", "/\\/evil.example"] {
        let (_, _, body) = answer(&house, get_of(path)).await;
        assert!(is_page(&body) && body.contains("lang=de"), "{path}: {body}");
        for link in body.replace("&#x2f;", "/").split("href=\"").skip(1) {
            assert!(!link.starts_with("//") && !link.starts_with("/\\"), "{path}: {link}");
        }
    }
}
