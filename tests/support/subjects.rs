//! Anybody whom a fund knows, person or organisation, of whatever population, and funds beside the first: what they type and choose is
//! data here as well.

use super::browser::Browser;
use super::journey::totp;
use super::portal::Portal;
use super::world::{SLUG, World};
use poterne_idp::RealmDocument;
use poterne_idp::manage::{EntryKind, NewPerson};
use std::collections::BTreeMap;

/// The document of the demo's second fund.
pub const SAENTIMA: &str = include_str!("../../examples/saentima.toml");

/// A person or organisation that a fund knows, and the person who enrolls.
#[derive(Clone)]
pub struct Subject {
    /// The fund's short name.
    pub fund: String,
    /// The population.
    pub population: &'static str,
    /// The fund's own key.
    pub registry_no: &'static str,
    /// Last name, or the organisation's.
    pub last_name: &'static str,
    /// A person's first name.
    pub first_name: Option<&'static str>,
    /// Field and the values that the fund knows; the first is typed.
    pub identifiers: Vec<(&'static str, Vec<&'static str>)>,
    /// The code as printed.
    pub code: String,
    /// Title, last and first name of who enrolls, where they are asked for.
    pub name: [&'static str; 3],
    /// Their address.
    pub email: &'static str,
    /// Their password.
    pub password: &'static str,
    /// Their number.
    pub phone: &'static str,
}

impl Subject {
    /// The bakery, for which Sophie Rochat enrolls.
    pub fn boulangerie() -> Self {
        Self {
            fund: SLUG.into(),
            population: "employer",
            registry_no: "E10428",
            last_name: "Boulangerie du Lac Sàrl",
            first_name: None,
            identifiers: vec![("company_no", vec!["10428"]), ("company_name", vec!["Boulangerie du Lac Sàrl", "Au Four du Lac"])],
            code: String::new(),
            name: ["ms", "Rochat", "Sophie"],
            email: "rh@boulangerie-du-lac.example",
            password: "Croissant-Chaud-10428",
            phone: "+41790000041",
        }
    }

    /// The carpenters of another affiliation.
    pub fn holzbau() -> Self {
        Self {
            registry_no: "E10977",
            last_name: "Holzbau Amstutz AG",
            identifiers: vec![("company_no", vec!["10977"]), ("company_name", vec!["Holzbau Amstutz AG"])],
            name: ["mr", "Amstutz", "Kurt"],
            email: "kurt@holzbau.example",
            phone: "+41790000042",
            ..Self::boulangerie()
        }
    }

    /// Claire Monnier, insured with the second fund.
    pub fn claire() -> Self {
        Self {
            fund: "saentima".into(),
            population: "insured",
            registry_no: "S-2001",
            last_name: "Monnier",
            first_name: Some("Claire"),
            identifiers: vec![("avs_number", vec!["756.0000.0001.18"])],
            code: String::new(),
            name: [""; 3],
            email: "claire@courriel.example",
            password: "trois bateaux sur le lac",
            phone: "+41790000051",
        }
    }

    /// What is typed in step 1.
    pub fn typed(&self) -> Vec<(&str, &str)> {
        let identifiers = self.identifiers.iter().filter_map(|(field, values)| Some((*field, *values.first()?)));
        identifiers.chain([("code", self.code.as_str()), ("terms", "yes"), ("action", "next")]).collect()
    }

    /// The same with another value in one field.
    pub fn with(&self, field: &'static str, value: &'static str) -> Self {
        let mut other = self.clone();
        for (known, values) in &mut other.identifiers {
            if *known == field {
                *values = vec![value];
            }
        }
        other
    }
}

/// A fund beside the first, with its portal.
pub struct OtherFund {
    /// Its issuer.
    pub issuer: String,
    /// Its portal, with a fresh secret.
    pub portal: Portal,
}

impl OtherFund {
    /// A fresh browser at this fund, in French.
    pub fn browser(&self, world: &World) -> Browser {
        Browser::new(world.routes.clone(), &self.issuer)
    }
}

impl World {
    /// A fund of this document, whose portal is a confidential client of this id and home.
    pub async fn other_fund(&self, document: &str, client_id: &'static str, home: &'static str) -> OtherFund {
        let document = RealmDocument::parse(document).expect("the document is right");
        let slug = document.slug.clone();
        self.manage().apply_realm(document).await.expect("the realm is applied");
        let secret = self.manage().rotate_client_secret(&slug, client_id).await.expect("the client exists");
        let issuer = format!("{}/{slug}", self.public_url());
        let secret = Some(secret.expose().to_owned());
        OtherFund { portal: Portal::at(self.routes.clone(), &issuer, client_id, secret, home), issuer }
    }

    /// The demo's second fund.
    pub async fn saentima(&self) -> OtherFund {
        self.other_fund(SAENTIMA, "saentima-my", "http://localhost:8084").await
    }

    /// The employers' portal of the first fund, with a fresh secret.
    pub async fn employers(&self) -> Portal {
        let secret = self.manage().rotate_client_secret(SLUG, "lindenhof-employer").await.expect("the client exists");
        Portal::new(self, "lindenhof-employer", Some(secret.expose().to_owned()), "http://localhost:8083")
    }

    /// Puts anybody into their fund's registry, with a fresh code; gives them back with it.
    pub async fn send_code_to(&self, subject: Subject) -> Subject {
        let values = |values: &Vec<&str>| values.iter().map(ToString::to_string).collect::<Vec<_>>();
        let new = NewPerson {
            registry_no: subject.registry_no.into(),
            kind: if subject.first_name.is_some() { EntryKind::Person } else { EntryKind::Organisation },
            population: subject.population.into(),
            last_name: subject.last_name.into(),
            first_name: subject.first_name.map(Into::into),
            language: "fr".into(),
            status: "active".into(),
            address_status: "ok".into(),
            identifiers: subject
                .identifiers
                .iter()
                .map(|(field, of_it)| ((*field).into(), values(of_it)))
                .collect::<BTreeMap<_, _>>(),
        };
        let entry = self.manage().add_entry(&subject.fund, new).await.expect("the registry takes it");
        let code = self.manage().issue_code(&subject.fund, entry).await.expect("a code is issued").code;
        Subject { code: code.expose().to_owned(), ..subject }
    }
}

impl Browser {
    /// From a portal's sign-in button to step 1 of a population.
    pub async fn begin_as(&mut self, portal: &Portal, population: &str) {
        self.visit(&portal.sign_in()).await.says("Connexion");
        self.follow("register").await;
        self.follow(&format!("population-{population}")).await;
    }

    /// Step 1, as anybody.
    pub async fn identify_as(&mut self, subject: &Subject) {
        self.submit(&subject.typed()).await;
    }

    /// Step 2, as anybody, with this address.
    pub async fn give_data_as(&mut self, subject: &Subject, email: &str) {
        let [title, family_name, given_name] = subject.name;
        let fields = [
            ("title", title),
            ("family_name", family_name),
            ("given_name", given_name),
            ("email", email),
            ("password", subject.password),
            ("password_repeat", subject.password),
            ("action", "next"),
        ];
        self.submit(&fields).await;
    }

    /// Steps 1 to 3, as anybody.
    pub async fn enroll_as_up_to_the_factor(&mut self, world: &World, subject: &Subject, portal: &Portal) {
        self.begin_as(portal, subject.population).await;
        self.identify_as(subject).await;
        self.give_data_as(subject, subject.email).await;
        self.confirm_email(world, subject.email).await;
    }

    /// All five steps with codes by SMS, as anybody, up to the success page.
    pub async fn enroll_as_by_sms(&mut self, world: &World, subject: &Subject, portal: &Portal) {
        self.enroll_as_up_to_the_factor(world, subject, portal).await;
        self.submit(&[("factor", "sms"), ("phone", subject.phone), ("action", "next")]).await;
        let code = world.mailbox.first(subject.phone).await.code();
        self.type_code(&code).await;
    }

    /// All five steps with an authenticator app, as anybody, up to the success page; gives the app's secret.
    pub async fn enroll_as_by_app(&mut self, world: &World, subject: &Subject, portal: &Portal) -> String {
        self.enroll_as_up_to_the_factor(world, subject, portal).await;
        self.submit(&[("factor", "totp"), ("action", "next")]).await;
        let secret = self.page.text_of("totp-secret").replace(' ', "");
        self.type_code(&totp(&secret, world)).await;
        secret
    }

    /// From a portal's sign-in button through password and SMS, as anybody.
    pub async fn sign_in_as(&mut self, world: &World, subject: &Subject, portal: &Portal) {
        self.visit(&portal.sign_in()).await;
        self.prove_as(world, subject).await;
    }

    /// Password and SMS on the sign-in page in front of them.
    pub async fn prove_as(&mut self, world: &World, subject: &Subject) {
        let before = world.mailbox.to(subject.phone).len();
        self.give_password(subject.email, subject.password).await;
        let code = world.mailbox.wait_for(subject.phone, before + 1).await.code();
        self.type_code(&code).await;
    }
}
