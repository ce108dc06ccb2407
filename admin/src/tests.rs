use crate::{OperatorToken, WeakToken, router};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use poterne_idp::manage::Secret;
use poterne_idp::{DatabaseUrl, Db, Entropy, Idp, MasterKey, RealmDocument, StoreSettings};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use tower::ServiceExt;

const TOKEN: &str = "0123456789abcdefghijABCDEFGHIJ_-";

const DOCUMENT: &str = r##"
slug = "lac"
name = "Caisse de pensions du Lac"
languages = ["fr"]
contact = { phone = "+41 21 555 01 10", email = "aide@lac.example" }
branding = { colour = "#114477", mark = "L" }
sender = { email = "noreply@lac.example", sms = "CPLac" }

[[client]]
client_id = "flex"
client_name = "Lac flex"
redirect_uris = ["https://flex.example/cb"]
first_party = true
"##;

struct House {
    admin: Router,
    folder: PathBuf,
}

impl Drop for House {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl House {
    async fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("poterne-admin-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let db = Db::open(&DatabaseUrl::Sqlite(folder.join("poterne.db")), StoreSettings::default()).unwrap();
        db.migrate().await.unwrap();
        let idp = Idp::builder("https://id.example", MasterKey::generate(&Entropy::seeded(1))).build(db).await.unwrap();
        idp.manage().apply_realm(RealmDocument::parse(DOCUMENT).unwrap()).await.unwrap();
        let token = OperatorToken::new(&Secret::new(TOKEN.into())).unwrap();
        Self { admin: router(idp.manage(), token), folder }
    }

    async fn get(&self, path: &str, authorization: Option<&str>) -> (StatusCode, HeaderMap, Value) {
        let mut request = Request::get(path);
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let response = self.admin.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        assert_eq!(parts.headers[header::CACHE_CONTROL], "no-store");
        (parts.status, parts.headers, serde_json::from_slice(&body).unwrap())
    }
}

#[tokio::test]
async fn the_operator_sees_every_realm_in_numbers() {
    let house = House::new().await;
    let (status, _, realms) = house.get("/realms", Some(&format!("Bearer {TOKEN}"))).await;
    assert_eq!(status, StatusCode::OK);
    let expected = json!([{
        "slug": "lac",
        "issuer": "https://id.example/lac",
        "name": "Caisse de pensions du Lac",
        "clients": [{ "client_id": "flex", "client_name": "Lac flex", "origin": "document" }],
        "registry_entries": 0,
        "accounts": 0,
        "sessions": 0
    }]);
    assert_eq!(realms, expected);
}

#[tokio::test]
async fn nobody_else_sees_anything() {
    let house = House::new().await;
    let shown = [
        None,
        Some(String::new()),
        Some("Bearer".into()),
        Some("Bearer ".into()),
        Some(format!("Basic {TOKEN}")),
        Some(format!("Bearer {TOKEN}x")),
        Some(format!("Bearer {}", &TOKEN[1..])),
        Some(format!("Bearer {}", TOKEN.to_lowercase())),
        Some(TOKEN.into()),
    ];
    for authorization in shown {
        for path in ["/realms", "/nowhere"] {
            let (status, headers, body) = house.get(path, authorization.as_deref()).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{path} {authorization:?}");
            assert!(headers[header::WWW_AUTHENTICATE].to_str().unwrap().starts_with("Bearer realm="));
            assert!(body["error"].is_string() && body.as_object().unwrap().len() == 1);
        }
    }
    let (status, ..) = house.get("/nowhere", Some(&format!("bearer {TOKEN}"))).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "the scheme's case does not matter");
}

#[test]
fn a_token_that_could_be_guessed_is_refused() {
    for weak in ["", "operator", &TOKEN[1..], &"é".repeat(40), &" ".repeat(40)] {
        assert_eq!(OperatorToken::new(&Secret::new(weak.into())).err(), Some(WeakToken), "{weak}");
    }
    let shown = format!("{:?}", OperatorToken::new(&Secret::new(TOKEN.into())).unwrap());
    assert!(!shown.contains(&TOKEN[..8]));
}
