//! A fund on the real `poterne serve`, set up by its operator's commands, with played gateways.

use super::browser::Browser;
use super::gateways::{Played, Protection, mail_server, sms_gateway};
use super::people::Person;
use super::portal::Portal;
use super::program::{Ground, wire};
use crate::serving::{Serving, done, poterne, provider_on, put_in, set_up};
use poterne_idp::Idp;
use poterne_idp::manage::{AccountFactor, NewPersonAccount, Secret};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A document whose insured persons sign in by their password alone.
pub fn without_factors(document: &str) -> String {
    document.replacen("factors = [\"sms\", \"totp\"]", "factors = []\nsecond_factor = \"none\"", 1)
}

/// A fund whose program need not be running.
pub struct Fund {
    /// Its settings.
    pub config: PathBuf,
    /// Where people reach it.
    pub port: u16,
    /// Where its operator's tools reach it.
    pub management: u16,
    /// The SMS gateway.
    pub texts: Played,
    ground: Ground,
}

impl Fund {
    /// Sets one up in a folder of its own, as its document says.
    pub async fn set_up() -> Self {
        Self::on(Ground::fresh(), str::to_owned).await
    }

    /// Sets one up whose insured persons sign in by their password alone.
    pub async fn by_password() -> Self {
        Self::on(Ground::fresh(), without_factors).await
    }

    /// Sets one up in the folder `fund` of this ground, which may be there already.
    pub async fn on(ground: Ground, change: impl Fn(&str) -> String) -> Self {
        let texts = Played::default();
        let (mail, sms) = (mail_server(Played::default(), Protection::None).await, sms_gateway(texts.clone()).await);
        let (config, port, management) = set_up(&ground, mail, sms);
        done(poterne(&config, &["migrate"]));
        let document = ground.at("document.toml");
        std::fs::write(&document, change(include_str!("../../examples/lindenhof.toml"))).expect("a file");
        done(poterne(&config, &["realm", "apply", &document.to_string_lossy(), "--yes"]));
        Self { config, port, management, texts, ground }
    }

    /// The folder of settings and data.
    pub fn folder(&self) -> &Path {
        self.config.parent().expect("a folder")
    }

    fn public_url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The fund's issuer.
    pub fn issuer(&self) -> String {
        format!("{}/lindenhof", self.public_url())
    }

    /// A provider beside the program, on the same data.
    pub async fn beside(&self) -> Idp {
        provider_on(self.folder(), &self.public_url()).await
    }

    /// The command that runs the program; gateways are given a second.
    pub fn serve(&self) -> Command {
        let mut serve = poterne(&self.config, &["serve"]);
        serve.env("POTERNE_SMS__TIMEOUT_SECONDS", "1").env("POTERNE_MAIL__TIMEOUT_SECONDS", "1");
        serve
    }

    /// Runs it.
    pub async fn start(&self) -> Serving {
        Serving::run(self.serve(), self.ground.at("log"), self.management).await
    }

    /// A person of the examples with an account.
    pub async fn with_account(&self, first_name: &str, factor: AccountFactor) -> Person {
        let person = Person::named(first_name);
        let entry = put_in(self.folder(), &self.public_url(), &person).await;
        let account = NewPersonAccount {
            entry,
            email: person.email(),
            name: None,
            password: Secret::from(person.password().to_owned()),
            factor,
        };
        self.beside().await.manage().add_account("lindenhof", account).await.expect("an account");
        person
    }

    /// A browser whose requests go to the program.
    pub fn browser(&self) -> Browser {
        Browser::new(wire(self.port), &self.issuer())
    }

    /// The public portal.
    pub fn portal(&self) -> Portal {
        Portal::at(wire(self.port), &self.issuer(), "lindenhof-1e", None, "http://localhost:8082")
    }
}
