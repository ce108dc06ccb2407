//! A fund of one's own, set up by commands in a folder, with `poterne serve` on it.

use super::browser::Browser;
use super::people::Person;
use super::portal::Portal;
use super::program::{Ground, free_port, now, wire};
use poterne_idp::manage::{AccountFactor, Manage, NewPersonAccount, Secret};
use poterne_idp::{DatabaseUrl, Db, EntryId, Idp, MasterKey, StoreSettings};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const FACTORS: &str = "factors = [\"sms\", \"totp\"]\n";

/// A fund in its folder.
pub struct Fund {
    /// Where everything lies.
    pub ground: Ground,
    /// Its settings.
    pub config: PathBuf,
    /// Where it listens.
    pub port: u16,
    management: u16,
}

/// What a command left: its exit code, and all it said.
pub struct Said {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// Its line of JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{} {} {}", self.code, self.out, self.err))
    }

    /// It ended so, and said all these words.
    #[track_caller]
    pub fn ends(&self, code: i32, words: &[&str]) -> &Self {
        let all = format!("{}{}", self.out, self.err);
        assert_eq!(self.code, code, "{all}");
        for word in words {
            assert!(all.contains(word), "«{word}» is missing in: {all}");
        }
        assert!(!all.contains("panicked"), "{all}");
        self
    }
}

impl Fund {
    /// Settings and a master key, with this at the end of the settings.
    pub fn new(more: &str) -> Self {
        let (ground, port, management) = (Ground::fresh(), free_port(), free_port());
        let folder = ground.at("fund");
        let url = format!("http://localhost:{port}");
        let mut init = Command::new(env!("CARGO_BIN_EXE_poterne"));
        assert!(init.args(["init", "--public-url", &url, "--dir"]).arg(&folder).output().expect("it starts").status.success());
        let config = folder.join("poterne.toml");
        let text = std::fs::read_to_string(&config).expect("settings");
        let listen = format!("[listen]\naddress = \"127.0.0.1:{port}\"\nmanagement = \"127.0.0.1:{management}\"\n");
        std::fs::write(&config, text.replace("[listen]\n", &listen) + more).expect("settings");
        Self { ground, config, port, management }
    }

    /// The same, migrated, with the fund Lindenhof whose document was changed so.
    pub fn lindenhof(more: &str, change: impl Fn(&str) -> String) -> Self {
        let fund = Self::new(more);
        fund.run(&["migrate"]).ends(0, &[]);
        fund.apply(change).ends(0, &[]);
        fund
    }

    /// The document of Lindenhof where a password is enough.
    pub fn by_password_alone(document: &str) -> String {
        assert!(document.contains(FACTORS), "the document names factors");
        document.replace(FACTORS, "factors = []\nsecond_factor = \"none\"\n")
    }

    /// Applies the document of Lindenhof, changed so.
    pub fn apply(&self, change: impl Fn(&str) -> String) -> Said {
        let document = change(include_str!("../../examples/lindenhof.toml"));
        let path = self.ground.at("lindenhof.toml");
        std::fs::write(&path, document).expect("a file");
        self.run(&["realm", "apply", "--yes", &path.to_string_lossy()])
    }

    /// `poterne …` on these settings.
    pub fn run(&self, words: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_poterne"));
        let output = command.args(words).arg("--config").arg(&self.config).output().expect("it starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// The functions that commands use, on the same database, in this process.
    pub async fn manage(&self) -> Manage {
        let db = Db::open(&DatabaseUrl::Sqlite(self.database()), StoreSettings::default()).expect("the database");
        let folder = self.ground.at("fund");
        let key = std::fs::read_to_string(folder.join("master.key")).expect("the key");
        let idp = Idp::builder(format!("http://localhost:{}", self.port), MasterKey::parse(&key).expect("a key"));
        idp.build(db).await.expect("it opens").manage()
    }

    /// Somebody of the registry, and the portal «flex» with its secret.
    pub async fn register(&self, person: &Person) -> EntryId {
        self.manage().await.add_entry("lindenhof", person.entry()).await.expect("a new entry")
    }

    /// Marie, who signs in by password alone, signed in at the portal «flex»: the portal, and her refresh token.
    pub async fn marie_signed_in(&self) -> (Portal, String) {
        let (marie, manage) = (Person::marie(), self.manage().await);
        let (entry, password) = (self.register(&marie).await, Secret::from(marie.password().to_owned()));
        let account = NewPersonAccount { entry, email: marie.email(), name: None, password, factor: AccountFactor::None };
        manage.add_account("lindenhof", account).await.expect("an account");
        let secret = manage.rotate_client_secret("lindenhof", "lindenhof-flex").await.expect("a secret").expose().to_owned();
        let routes = wire(self.port);
        let flex = Portal::at(routes.clone(), &self.issuer(), "lindenhof-flex", Some(secret), "http://localhost:8081");
        let mut browser = Browser::new(routes, &self.issuer());
        browser.visit(&flex.sign_in()).await;
        browser.give_password(&marie.email(), marie.password()).await;
        let tokens = flex.tokens_from(&browser.page).await;
        (flex, tokens.text("refresh_token"))
    }

    /// Its database.
    pub fn database(&self) -> PathBuf {
        self.ground.at("fund").join("poterne.sqlite")
    }

    /// The issuer of Lindenhof.
    pub fn issuer(&self) -> String {
        format!("http://localhost:{}/lindenhof", self.port)
    }

    /// Runs it, and waits until it is ready.
    pub async fn serve(&self) -> Serving {
        let log = std::fs::File::create(self.ground.at("log")).expect("a file");
        let mut command = Command::new(env!("CARGO_BIN_EXE_poterne"));
        let command = command.args(["serve", "--config"]).arg(&self.config).stdout(Stdio::null()).stderr(log);
        let serving = Serving(command.spawn().expect("it starts"));
        let until = now() + Duration::from_secs(30);
        while now() < until {
            let answer = reqwest::get(format!("http://127.0.0.1:{}/readyz", self.management)).await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return serving;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it did not get ready: {}", std::fs::read_to_string(self.ground.at("log")).unwrap_or_default());
    }
}

/// The provider that runs; it goes with the value.
pub struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
