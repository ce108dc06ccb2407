//! Two funds in one provider: what belongs to one is nothing at the other.

mod isolation;

use crate::support::browser::Browser;
use crate::support::people::Person;
use crate::support::portal::{Portal, payload};
use crate::support::{World, flows};
use poterne_idp::RealmDocument;
use poterne_idp::manage::{Applied, NewPerson};
use std::collections::{BTreeMap, BTreeSet};

/// The second fund's short name.
const BIRKENHOF: &str = "birkenhof";
/// Another name, other people, other fields, no second factor, a portal of its own.
const DOCUMENT: &str = r##"
slug = "birkenhof"
name = "Pensionskasse Birkenhof"
languages = ["fr", "de"]
contact = { phone = "+41 31 555 02 20", email = "portal@birkenhof.example" }
branding = { colour = "#7a1f3d", mark = "B" }
sender = { email = "portal@birkenhof.example", sms = "Birkenhof" }

[[population]]
key = "members"
name = { fr = "Membres", de = "Mitglieder" }
factors = []
second_factor = "none"

[[population.identifier]]
field = "avs_number"
kind = "avs_number"

[[population.identifier]]
field = "member_no"
kind = "number"
label = { fr = "Numéro de membre", de = "Mitgliedernummer" }

[population.code]
check_character = false

[population.code.label]
fr = "Clé d'accès"
de = "Zugangsschlüssel"

[[client]]
client_id = "birkenhof-portal"
client_name = "Birkenhof direct"
client_uri = "http://localhost:8083/"
redirect_uris = ["http://localhost:8083/callback"]
token_endpoint_auth_method = "client_secret_basic"
grant_types = ["authorization_code", "refresh_token"]
scope = "openid profile email"
sector = "birkenhof-portal"
first_party = true
populations = ["members"]
"##;

/// The second fund in a world.
struct Second {
    issuer: String,
    portal: Portal,
}

impl Second {
    async fn in_world(world: &World) -> Self {
        let document = RealmDocument::parse(DOCUMENT).expect("the document is right");
        assert_eq!(world.manage().apply_realm(document).await.expect("it is applied"), Applied::Created);
        let issuer = format!("{}/{BIRKENHOF}", world.public_url());
        let secret = world.manage().rotate_client_secret(BIRKENHOF, "birkenhof-portal").await.expect("a secret");
        let secret = Some(secret.expose().to_owned());
        let portal = Portal::at(world.routes.clone(), &issuer, "birkenhof-portal", secret, "http://localhost:8083");
        Self { issuer, portal }
    }

    fn browser(&self, world: &World) -> Browser {
        Browser::new(world.routes.clone(), &self.issuer)
    }

    /// Puts a person of the first fund into the second's registry, with the very same code.
    async fn invite(&self, world: &World, person: &Person) {
        let identifiers = BTreeMap::from([
            ("avs_number".to_owned(), vec![person.avs_number.clone()]),
            ("member_no".to_owned(), vec!["4711".to_owned()]),
        ]);
        let new = NewPerson { population: "members".into(), identifiers, ..person.entry() };
        let entry = world.manage().add_entry(BIRKENHOF, new).await.expect("the person is put in");
        world.manage().issue_given_code(BIRKENHOF, entry, &person.code).await.expect("the code is taken");
    }

    /// From the portal's sign-in button to an account with this password, and back to the portal.
    async fn enroll(&self, world: &World, browser: &mut Browser, person: &Person, password: &str) {
        browser.visit(&self.portal.sign_in()).await.says("Connexion");
        browser.follow("register").await;
        browser.follow("population-members").await.says("Numéro de membre").says("Clé d'accès").hides("Date de naissance");
        let fields =
            [("avs_number", person.avs_number.as_str()), ("member_no", "4711"), ("code", &person.code), ("action", "next")];
        browser.submit(&fields).await;
        browser.give_user_data(&person.email(), password).await;
        // The first fund's mails go to the same address.
        let mut mails = world.mailbox.to(&person.email());
        while !mails.iter().any(|mail| mail.text.contains("Birkenhof")) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            mails = world.mailbox.to(&person.email());
        }
        let code = mails.iter().find(|mail| mail.text.contains("Birkenhof")).expect("it came").code();
        browser.type_code(&code).await;
        browser.page.says("C'est fait !");
        browser.follow("continue").await;
    }
}

async fn json_of(portal: &Portal, path: &str) -> serde_json::Value {
    portal.get(path).await.json
}

fn texts(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => found.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        serde_json::Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

flows! {
    /// One human being, known to both funds by the same AVS number, the same code, the same address: two accounts that share nothing.
    async fn the_same_person_has_an_account_at_each_fund(world) {
        let (flex, second, marie) = (world.flex().await, Second::in_world(world).await, world.invite(Person::marie()).await);
        second.invite(world, &marie).await;
        let other_password = "Bouleau-Blanc-1902";
        let mut browser = world.browser();
        browser.enroll_by_sms(world, &marie, &flex).await;
        assert!(world.manage().is_code_live(BIRKENHOF, &marie.code).await.expect("an answer"), "only the first fund's code is spent");
        browser.follow("continue").await;
        let here = payload(&flex.tokens_from(&browser.page).await.text("id_token"));
        let mut there = second.browser(world);
        there.steal(&browser);
        second.enroll(world, &mut there, &marie, other_password).await;
        let tokens = second.portal.tokens_from(&there.page).await;
        let elsewhere = payload(&tokens.text("id_token"));
        assert_ne!(here["sub"], elsewhere["sub"]);
        assert_eq!((&here["iss"], &elsewhere["iss"]), (&world.issuer.clone().into(), &second.issuer.clone().into()));
        // One browser holds both sessions beside each other.
        browser.steal(&there);
        browser.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        flex.code_from(&browser.page);
        // Each password opens its own fund only.
        world.wait(3600);
        let mut fresh = second.browser(world);
        fresh.visit(&second.portal.sign_in()).await;
        fresh.give_password(&marie.email(), marie.password()).await;
        assert_eq!(fresh.page.status, 422, "{}", fresh.page.text());
        fresh.give_password(&marie.email(), other_password).await;
        second.portal.code_from(&fresh.page);
        let mut fresh = world.browser();
        fresh.visit(&flex.sign_in()).await;
        fresh.give_password(&marie.email(), other_password).await;
        assert_eq!(fresh.page.status, 422, "{}", fresh.page.text());
    }

    async fn keys_issuer_and_cookies_are_each_funds_own(world) {
        let (flex, second) = (world.flex().await, Second::in_world(world).await);
        let (ours, theirs) = (json_of(&flex, "/jwks").await, json_of(&second.portal, "/jwks").await);
        let material = |keys: &serde_json::Value| -> BTreeSet<String> {
            let keys = keys["keys"].as_array().expect("keys");
            assert!(keys.len() >= 2, "{keys:?}");
            keys.iter().flat_map(|key| ["kid", "n", "x"].into_iter().filter_map(|name| key[name].as_str().map(str::to_owned))).collect()
        };
        assert!(material(&ours).is_disjoint(&material(&theirs)));
        for (portal, issuer) in [(&flex, &world.issuer), (&second.portal, &second.issuer)] {
            let document = json_of(portal, "/.well-known/openid-configuration").await;
            assert_eq!(document["issuer"].as_str(), Some(issuer.as_str()));
            let mut all = Vec::new();
            texts(&document, &mut all);
            let urls: Vec<_> = all.iter().filter(|text| text.starts_with("http")).collect();
            assert!(urls.len() >= 6 && urls.iter().all(|url| url.starts_with(issuer)), "{urls:?}");
        }
        let (mut here, mut there) = (world.browser(), second.browser(world));
        here.visit(&flex.sign_in()).await;
        there.visit(&second.portal.sign_in()).await;
        let names = |browser: &Browser| browser.cookies().keys().cloned().collect::<BTreeSet<_>>();
        assert!(!names(&here).is_empty() && !names(&there).is_empty());
        assert!(names(&here).is_disjoint(&names(&there)), "{:?} {:?}", names(&here), names(&there));
        there.page.says("Pensionskasse Birkenhof").hides("Lindenhof");
        here.page.says("Caisse de pension Lindenhof").hides("Birkenhof");
    }

    async fn a_change_is_seen_by_another_process_within_a_second(world) {
        let (_, _, routes) = world.beside().await;
        let mut there = Browser::new(routes.clone(), &world.issuer);
        let choice = format!("{}/ui/enroll", world.issuer);
        there.visit(&choice).await.says("Caisse de pension Lindenhof");
        let mut document = RealmDocument::parse(include_str!("../examples/lindenhof.toml")).expect("the document is right");
        document.name = "Caisse de pension Lindenberg".into();
        assert_eq!(world.manage().apply_realm(document.clone()).await.expect("applied"), Applied::Changed);
        assert_eq!(world.manage().apply_realm(document).await.expect("applied"), Applied::Unchanged);
        let mut here = world.browser();
        here.visit(&choice).await.says("Caisse de pension Lindenberg");
        world.wait(1);
        there.visit(&choice).await.says("Caisse de pension Lindenberg").hides("Lindenhof");
        // A fund that is new, and a client's new secret.
        let second = Second::in_world(world).await;
        world.wait(1);
        let elsewhere = Portal::at(routes, &second.issuer, "birkenhof-portal", second.portal.secret.clone(), "http://localhost:8083");
        assert_eq!(json_of(&elsewhere, "/.well-known/openid-configuration").await["issuer"], second.issuer);
        let known = elsewhere.redeem("no-code").await;
        assert_eq!((known.status, known.text("error").as_str()), (400, "invalid_grant"), "the secret is known there");
    }
}
