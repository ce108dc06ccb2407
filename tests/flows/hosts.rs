//! What a host supplies of its own: claims, a look-up of persons; and what it may ask: who is signed in.

use crate::support::browser::Browser;
use crate::support::people::Person;
use crate::support::portal::payload;
use crate::support::{World, flows};
use axum::http::{HeaderMap, header};
use poterne_idp::manage::{Decision, EntryKind, NewPerson};
use poterne_idp::{
    Answering, ClaimsPlace, ClaimsSource, ClaimsSubject, Failure, HookError, Idp, KnownPerson, Lang, Level, People,
    TypedIdentifiers,
};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex};

/// A host's system of claims: it writes down whom it was asked about.
#[derive(Clone, Default)]
struct Plans {
    asked: Arc<Mutex<Vec<ClaimsSubject>>>,
    down: bool,
}

impl ClaimsSource for Plans {
    fn names(&self) -> Vec<String> {
        vec!["plan".into(), "where".into()]
    }

    fn claims<'a>(&'a self, about: &'a ClaimsSubject) -> Answering<'a, Map<String, Value>> {
        self.asked.lock().expect("no test panics here").push(about.clone());
        let claims = json!({"plan": "flex", "where": format!("{:?}", about.place), "sub": "forged", "acr": "gold", "stray": 1});
        let answer = if self.down { Err(HookError::new("down")) } else { Ok(claims.as_object().cloned().unwrap_or_default()) };
        Box::pin(async { answer })
    }
}

/// A host's register of persons: it knows Marie alone, and counts how often it is asked.
#[derive(Clone, Default)]
struct Register {
    asked: Arc<Mutex<usize>>,
    down: bool,
}

impl Register {
    fn asked(&self) -> usize {
        *self.asked.lock().expect("no test panics here")
    }
}

impl People for Register {
    fn find<'a>(&'a self, typed: &'a TypedIdentifiers) -> Answering<'a, Option<KnownPerson>> {
        *self.asked.lock().expect("no test panics here") += 1;
        let is_marie = typed.value("avs_number") == "7560000000019" && typed.value("birth_date") == "1984-03-12";
        let marie = KnownPerson {
            registry_no: "10001".into(),
            last_name: "Favre".into(),
            first_name: Some("Marie".into()),
            language: Lang::It,
        };
        let answer = if self.down { Err(HookError::new("down")) } else { Ok(is_marie.then_some(marie)) };
        Box::pin(async { answer })
    }
}

/// Somebody in the registry by number alone, with a code.
async fn by_number_alone(world: &World, person: Person) -> Person {
    let new = NewPerson {
        kind: EntryKind::Person,
        registry_no: person.registry_no.clone(),
        population: "insured".into(),
        last_name: "?".into(),
        first_name: None,
        language: "fr".into(),
        status: "active".into(),
        address_status: "ok".into(),
        identifiers: [].into(),
    };
    let entry = world.manage().add_entry("lindenhof", new).await.expect("the number is put in");
    let code = world.manage().issue_code("lindenhof", entry).await.expect("a code").code.expose().to_owned();
    Person { code, ..person }
}

/// The cookies of a browser, as a host's own page gets them.
fn cookies(browser: &Browser) -> HeaderMap {
    let cookies = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    [(header::COOKIE, cookies.parse().expect("a header"))].into_iter().collect()
}

async fn who(idp: &Idp, browser: &Browser) -> Option<poterne_idp::SignedIn> {
    idp.signed_in("lindenhof", &cookies(browser)).await.expect("an answer")
}

flows! {
    async fn a_hosts_claims_reach_portals_and_never_override_ours(world) {
        let plans = Plans::default();
        let own = plans.clone();
        world.routes = world.beside_with(|idp| idp.claims(own)).await.2;
        let (flex, marie) = (world.flex().await, world.invite(Person::marie()).await);
        let mut browser = world.browser();
        browser.enroll_by_sms(world, &marie, &flex).await;
        browser.visit(&flex.sign_in_with(&[("scope", "openid email")])).await;
        let tokens = flex.tokens_from(&browser.page).await;
        let (id_token, info) = (payload(&tokens.text("id_token")), flex.userinfo(&tokens.text("access_token")).await.json);
        assert_eq!((&id_token["plan"], &id_token["where"]), (&json!("flex"), &json!("IdToken")), "{id_token}");
        assert_eq!((&info["plan"], &info["where"]), (&json!("flex"), &json!("Userinfo")), "{info}");
        for said in [&id_token, &info] {
            assert!(said["sub"] != "forged" && said.get("stray").is_none(), "{said}");
        }
        assert_eq!((&id_token["acr"], info.get("acr")), (&json!("urn:poterne:level:multi"), None));
        let metadata = flex.get("/.well-known/openid-configuration").await.json;
        assert!(metadata["claims_supported"].as_array().is_some_and(|names| names.contains(&json!("plan"))), "{metadata}");
        let asked = plans.asked.lock().expect("no test panics here").clone();
        let expected = ClaimsSubject {
            realm: "lindenhof".into(),
            client_id: "lindenhof-flex".into(),
            scopes: vec!["openid".into(), "email".into()],
            sub: id_token["sub"].as_str().expect("a sub").to_owned(),
            population: "insured".into(),
            registry_no: Some("10001".into()),
            place: ClaimsPlace::IdToken,
        };
        assert_eq!(asked, [expected.clone(), ClaimsSubject { place: ClaimsPlace::Userinfo, ..expected }]);
    }

    async fn a_sign_in_does_not_depend_on_the_hosts_claims(world) {
        world.routes = world.beside_with(|idp| idp.claims(Plans { down: true, ..Plans::default() })).await.2;
        let (flex, marie) = (world.flex().await, world.invite(Person::marie()).await);
        let mut browser = world.browser();
        browser.enroll_by_sms(world, &marie, &flex).await;
        browser.visit(&flex.sign_in()).await;
        let tokens = flex.tokens_from(&browser.page).await;
        let info = flex.userinfo(&tokens.text("access_token")).await;
        assert_eq!((info.status, info.json.get("plan")), (200, None), "{info:?}");
        assert!(payload(&tokens.text("id_token")).get("plan").is_none());
    }

    /// Nothing that identifies her is in the registry: the host says that she is the person of the code.
    async fn a_host_looks_up_who_enrolls_and_the_registry_learns_the_name(world) {
        let register = Register::default();
        let own = register.clone();
        world.routes = world.beside_with(|idp| idp.people(own)).await.2;
        let (flex, marie) = (world.flex().await, by_number_alone(world, Person::marie()).await);
        let mut browser = world.browser();
        browser.enroll_by_sms(world, &marie, &flex).await;
        browser.page.says("C'est fait");
        assert_eq!((register.asked(), world.events("registry.changed").await), (1, 1));
        browser.visit(&flex.sign_in()).await;
        let tokens = flex.tokens_from(&browser.page).await;
        assert_eq!(flex.userinfo(&tokens.text("access_token")).await.json["name"], "Marie Favre");
        // The AVS number is a name to sign in with: it was kept.
        world.wait(3600);
        let mut again = world.browser();
        again.visit(&flex.sign_in()).await;
        again.give_password(&marie.avs_number, marie.password()).await;
        assert!(again.page.url.ends_with("/factor"), "{}", again.page.url);
    }

    async fn without_the_right_code_nobody_learns_anything_from_the_host(world) {
        let register = Register::default();
        let own = register.clone();
        world.routes = world.beside_with(|idp| idp.people(own)).await.2;
        let (flex, marie) = (world.flex().await, by_number_alone(world, Person::marie()).await);
        let urs = world.invite(Person::urs()).await;
        let no = "Nous ne reconnaissons pas";
        // A wrong code: the host is not asked about people it knows, nor about others.
        for person in [Person { code: "4KF3-VM5Z-9PP9".into(), ..marie.clone() }, Person { code: "4KF3-VM5Z-9PP9".into(), ..Person::named("Lucia") }] {
            world.past_step_1(&flex, &person).await.page.says(no);
        }
        assert_eq!(register.asked(), 0);
        // Another's code, whose owner the host does not name.
        world.past_step_1(&flex, &Person { code: urs.code.clone(), ..marie.clone() }).await.page.says(no);
        // Her code with another's identifiers.
        world.past_step_1(&flex, &Person { code: marie.code.clone(), ..urs.clone() }).await.page.says(no);
        assert_eq!(register.asked(), 2);
        // Who is in the registry with identifiers needs no word of the host.
        assert!(world.past_step_1(&flex, &urs).await.page.url.ends_with("/data"));
        assert_eq!(register.asked(), 2);
        // Tries that are used up are not taken to the host.
        for _ in 0..6 {
            world.past_step_1(&flex, &Person { code: marie.code.clone(), ..Person::named("Lucia") }).await;
        }
        let before = register.asked();
        world.past_step_1(&flex, &marie).await.page.says(no);
        assert_eq!(register.asked(), before);
    }

    async fn a_host_that_does_not_answer_costs_no_try(world) {
        let working = world.routes.clone();
        world.routes = world.beside_with(|idp| idp.people(Register { down: true, ..Register::default() })).await.2;
        let (flex, marie) = (world.flex().await, by_number_alone(world, Person::marie()).await);
        for _ in 0..7 {
            assert_eq!(world.past_step_1(&flex, &marie).await.page.status, 503);
        }
        assert_eq!(world.events("enrollment.refused").await, 0);
        drop(working);
        world.routes = world.beside_with(|idp| idp.people(Register::default())).await.2;
        let flex = world.flex().await;
        assert!(world.past_step_1(&flex, &marie).await.page.url.ends_with("/data"), "no try was counted");
    }

    async fn a_hosts_page_knows_who_is_signed_in_as_long_as_the_session_counts(world) {
        let (flex, marie) = (world.flex().await, world.invite(Person::marie()).await);
        let mut browser = world.browser();
        assert_eq!(who(&world.idp, &browser).await, None, "no cookie");
        browser.register_at(&flex).await;
        assert_eq!(who(&world.idp, &browser).await, None, "a cookie, but nobody yet");
        let mut browser = world.browser();
        browser.enroll_by_sms(world, &marie, &flex).await;
        let person = who(&world.idp, &browser).await.expect("she is signed in");
        assert_eq!((person.name.as_str(), person.registry_no.as_deref()), ("Marie Favre", Some("10001")));
        assert_eq!((person.population.as_str(), person.email.as_str()), ("insured", "marie@post.example"));
        assert!(person.level >= Level::Multi && person.auth_time == world.clock.now(), "{person:?}");
        let sent = cookies(&browser).remove(header::COOKIE).expect("a cookie").to_str().expect("text").to_owned();
        let forged = [(header::COOKIE, format!("{}x", &sent[..sent.len() - 1]).parse().expect("a header"))].into_iter().collect();
        let nobody = world.idp.signed_in("lindenhof", &forged).await.expect("an answer");
        assert_eq!(nobody, None, "the cookie's secret is compared");
        world.manage().decide_account("lindenhof", "10001", Decision::Suspend, "test").await.expect("suspended");
        assert_eq!(who(&world.idp, &browser).await, None, "suspended");
        let stranger = world.idp.signed_in("nowhere", &HeaderMap::new()).await;
        assert!(matches!(stranger, Err(Failure::Settings(_))), "{stranger:?}");
    }

    async fn a_hosts_page_sees_the_end_of_a_session_at_once(world) {
        let (flex, marie) = (world.flex().await, world.invite(Person::marie()).await);
        let mut browser = world.browser();
        browser.enroll_by_sms(world, &marie, &flex).await;
        browser.visit(&flex.sign_in()).await;
        let tokens = flex.tokens_from(&browser.page).await;
        assert!(who(&world.idp, &browser).await.is_some());
        flex.sign_out(&mut browser, &tokens.text("id_token")).await;
        assert_eq!(who(&world.idp, &browser).await, None);
        let mut again = world.browser();
        world.wait(3600);
        again.sign_in_by_sms(world, &marie, &flex).await;
        assert!(who(&world.idp, &again).await.is_some());
        world.wait(3600);
        assert_eq!(who(&world.idp, &again).await, None, "unused for an hour at the provider: asking does not prolong it");
    }
}
