//! A thousand sign-ins of ten people at once in one process: nobody ever becomes somebody else.

use crate::support::World;
use crate::support::browser::Browser;
use crate::support::portal::{Portal, payload};
use poterne_idp::RealmDocument;
use poterne_idp::manage::{AccountFactor, EntryKind, NewPerson, NewPersonAccount};
use std::collections::BTreeMap;
use tokio::task::JoinSet;

const PEOPLE: usize = 10;
const SIGN_INS: usize = 1_000;
/// People who sign in by password alone, so that a thousand sign-ins need no thousand text messages.
const DOCUMENT: &str = r##"
slug = "ahornhof"
name = "Caisse Ahornhof"
languages = ["fr"]
contact = { phone = "+41 31 555 03 30", email = "portail@ahornhof.example" }
branding = { colour = "#7a1f3d", mark = "A" }
sender = { email = "portail@ahornhof.example", sms = "Ahornhof" }

[[population]]
key = "members"
name = { fr = "Membres" }
factors = []
second_factor = "none"
identifier = [{ field = "member_no", kind = "number" }]
code = { label = { fr = "Code" } }

[[client]]
client_id = "ahornhof"
client_name = "Ahornhof"
client_uri = "http://localhost:8090/"
redirect_uris = ["http://localhost:8090/callback"]
token_endpoint_auth_method = "none"
scope = "openid profile email"
sector = "ahornhof"
first_party = true
populations = ["members"]
"##;

fn email_of(person: usize) -> String {
    format!("person{person}@post.example")
}

fn password_of(person: usize) -> String {
    format!("Vingt-{person}-Tilleuls-Verts")
}

async fn enter(world: &World, person: usize) -> poterne_idp::EntryId {
    let new = NewPerson {
        kind: EntryKind::Person,
        registry_no: person.to_string(),
        population: "members".into(),
        last_name: "Person".into(),
        first_name: Some(person.to_string()),
        language: "fr".into(),
        status: "active".into(),
        address_status: "ok".into(),
        identifiers: BTreeMap::from([("member_no".to_owned(), vec![(4000 + person).to_string()])]),
    };
    world.manage().add_entry("ahornhof", new).await.expect("the person is put in")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_interleaved_sign_ins_never_mix_people_up() {
    let world = World::on_sqlite().await;
    world.manage().apply_realm(RealmDocument::parse(DOCUMENT).expect("it is right")).await.expect("it is applied");
    for person in 0..PEOPLE {
        let entry = enter(&world, person).await;
        let account = NewPersonAccount {
            entry,
            email: email_of(person),
            name: None,
            password: password_of(person).into(),
            factor: AccountFactor::None,
        };
        world.manage().add_account("ahornhof", account).await.expect("an account");
    }
    let issuer = format!("{}/ahornhof", world.public_url());
    let portal = Portal::at(world.routes.clone(), &issuer, "ahornhof", None, "http://localhost:8090");
    // Few browsers, so that people follow each other in one; a browser is used by one test person at a time.
    let mut lanes = JoinSet::new();
    for lane in 0..20_usize {
        let (portal, mut browser) = (portal.clone(), Browser::new(world.routes.clone(), &issuer));
        lanes.spawn(async move {
            let mut subjects = Vec::new();
            for turn in 0..SIGN_INS / 20 {
                // Four lanes have a person at once: a fifth try before one succeeds would be a delay.
                let person = (lane + turn % 2) % PEOPLE;
                browser.visit(&portal.sign_in_with(&[("prompt", "login")])).await;
                // Others are in the same place of their own sign-ins.
                tokio::task::yield_now().await;
                browser.give_password(&email_of(person), &password_of(person)).await;
                let tokens = portal.tokens_from(&browser.page).await;
                let who = portal.userinfo(&tokens.text("access_token")).await;
                assert_eq!(who.text("email"), email_of(person), "lane {lane}, turn {turn}");
                let subject = payload(&tokens.text("id_token"))["sub"].as_str().expect("a subject").to_owned();
                assert_eq!(who.text("sub"), subject);
                subjects.push((person, subject));
            }
            subjects
        });
    }
    let mut seen: Vec<(usize, String)> = lanes.join_all().await.into_iter().flatten().collect();
    assert_eq!(seen.len(), SIGN_INS);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), PEOPLE, "one subject each, always the same: {seen:?}");
}
