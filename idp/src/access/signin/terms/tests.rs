//! What is kept of an acceptance, on a real database.

use super::*;
use crate::access::flow::{self, Goal, NewFlow, Progress};
use crate::access::session::{self, NewSession};
use crate::access::tests::{House, request};
use crate::directory::client;
use crate::lang::Localised;
use crate::settings::{AcceptTerms, Terms};
use crate::store::schema::acceptance;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use diesel::prelude::*;
use poterne_protocol::claims::level::Amr;
use poterne_protocol::id::{AccountId, BrowserId, ClientRowId, FlowId};
use poterne_protocol::secret::{Digest, Handle};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

/// Marie, signed in, in a flow, with two versions of terms in French.
struct Scene {
    house: House,
    flow: FlowId,
    session: SessionId,
    browser: Handle<BrowserId>,
}

impl Scene {
    async fn new(seed: u64) -> Self {
        let mut house = House::new(seed).await;
        let version = |number: u32| TermsVersion {
            number,
            effective_from: format!("202{number}-01-01").parse().unwrap(),
            ask_again: true,
            ask_again_from: None,
            text: Localised(BTreeMap::from([(Lang::Fr, format!("Texte {number}."))])),
        };
        let terms = Terms { accept: AcceptTerms::FirstSignIn, versions: vec![version(1), version(2)] };
        Arc::get_mut(&mut house.realm).unwrap().document.populations[0].terms = Some(terms);
        let (app, realm, now, account) = (&house.app, house.realm.clone(), house.now(), house.marie);
        let until = now.plus(Duration::from_secs(3_600));
        let (flow, row) = (FlowId::new(now, app.entropy.bytes()), ClientRowId::new(now, app.entropy.bytes()));
        let browser = app.entropy.handle(|random| BrowserId::new(now, random));
        let session = SessionId::new(now, app.entropy.bytes());
        let fresh = browser.clone();
        let set = app.db.write(realm.id, move |tx| {
            client::apply_document(tx, &realm.document.clients, &[row], now)?;
            session::settle(tx, None, &fresh, now, until)?;
            let new = NewSession {
                id: session,
                account,
                auth_time: now,
                amr: vec![Amr::Pwd],
                expires_at: until,
                device: None,
                place: None,
            };
            let session = session::establish(tx, fresh.id, &new, realm.policy())?.id;
            let goal = Goal::Portal { client: row, request: Box::new(request()) };
            flow::insert(tx, fresh.id, &NewFlow { id: flow, goal, at: now, expires_at: until })?;
            let loaded = flow::load(tx, flow)?.unwrap();
            flow::save(tx, &loaded, &Progress::Authenticated { session, at: now })?;
            Ok(session)
        });
        let session = set.await.unwrap();
        Self { house, flow, session, browser }
    }

    fn visit(&self) -> Visit {
        let (realm, now) = (self.house.realm.clone(), self.house.now());
        Visit { realm, now, presented: Some(self.browser.clone()), flow: self.flow }
    }

    async fn post(&self, body: String) -> (StatusCode, String) {
        let cookie = format!("poterne-lindenhof-8080={}", self.browser.expose());
        let mut request = Request::post(format!("/ui/login/{}/terms", self.flow)).header(header::COOKIE, cookie);
        request.extensions_mut().unwrap().insert(self.house.realm.clone());
        let routes = crate::access::signin::routes().with_state(self.house.app.clone());
        let response = routes.oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let location = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        (response.status(), location.unwrap_or_default())
    }

    fn fields(&self, version: u32, language: &str) -> String {
        format!("session={}&version={version}&language={language}&terms=yes&action=next", self.session)
    }

    async fn rows(&self) -> Vec<(AccountId, String, String, String, Vec<u8>, String)> {
        use acceptance as a;
        let columns = (a::account, a::population, a::version, a::language, a::hash, a::channel);
        self.house.app.db.read(self.house.realm.id, move |rx| Ok(a::table.select(columns).load(rx.conn)?)).await.unwrap()
    }
}

#[tokio::test]
async fn an_acceptance_keeps_who_what_in_which_language_where_and_the_digest_of_the_text_shown() {
    let scene = Scene::new(70).await;
    let visit = scene.visit();
    let asked = scene.house.app.db.read(scene.house.realm.id, move |rx| visit.asked_for_terms(rx)).await.unwrap().unwrap();
    assert_eq!((asked.version.number, asked.earlier), (2, None));
    let (status, location) = scene.post(scene.fields(2, "fr")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(location, format!("http://localhost:8080/lindenhof/authorize?flow={}", scene.flow));
    let text = Digest::of("Texte 2.".as_bytes()).as_bytes().to_vec();
    let row = (scene.house.marie, "insured".to_owned(), "2".to_owned(), "fr".to_owned(), text, "sign_in".to_owned());
    assert_eq!(scene.rows().await, std::slice::from_ref(&row));
    let again = scene.post(scene.fields(2, "fr")).await;
    assert_eq!((again.0, again.1), (StatusCode::SEE_OTHER, location));
    assert_eq!(scene.rows().await, [row], "a second post keeps nothing more");
}

#[tokio::test]
async fn what_the_page_did_not_show_is_not_accepted() {
    let scene = Scene::new(71).await;
    let foreign = scene.fields(2, "fr").replace(&scene.session.to_string(), &scene.flow.to_string());
    for fields in [scene.fields(1, "fr"), scene.fields(3, "fr"), scene.fields(2, "de"), scene.fields(2, ""), foreign] {
        assert_eq!(scene.post(fields.clone()).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{fields}");
    }
    for fields in ["", "terms=yes", "terms=yes&version=2"] {
        assert_eq!(scene.post(fields.to_owned()).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{fields}");
    }
    assert_eq!(scene.rows().await, []);
}
