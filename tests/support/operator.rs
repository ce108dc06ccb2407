//! A fund's data folder without a running provider, and the operator's commands on it.

use super::people::Person;
use super::program::{Ground, refused};
use poterne_idp::manage::{Manage, NewPerson};
use poterne_idp::{DatabaseUrl, Db, Entropy, FolderSender, Idp, MasterKey, RealmDocument, StoreSettings};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

/// The program.
pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_poterne"))
}

/// A command that does what it says: what it printed.
#[track_caller]
pub fn done(command: Command) -> String {
    ended(command, 0)
}

/// A command that ends with this code: what it printed.
#[track_caller]
pub fn ended(mut command: Command, code: i32) -> String {
    let output = command.output().expect("the program starts");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}{complained}");
    said.into_owned()
}

/// A command that is refused: exit code 1, and all these words.
#[track_caller]
pub fn is_refused(command: Command, words: &[&str]) {
    let (code, said) = refused(command);
    assert_eq!(code, Some(1), "{said}");
    for word in words {
        assert!(said.contains(word), "«{word}» is missing in: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

/// A data folder with the fund Lindenhof.
pub struct Folder {
    /// Where it lies.
    pub path: PathBuf,
}

impl Folder {
    /// With so many insured persons, all called Marie Favre, numbered from 1 on.
    pub async fn with_people(ground: &Ground, many: u32) -> Self {
        let folder = Self { path: ground.at("data") };
        std::fs::create_dir_all(folder.path.join("outbox")).expect("a folder");
        let key = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.path.join("master.key"));
        let hex = MasterKey::generate(&Entropy::System).to_hex();
        std::io::Write::write_all(&mut key.expect("a key file"), hex.expose().as_bytes()).expect("a key");
        folder.db().migrate().await.expect("it is migrated");
        let manage = folder.manage().await;
        let document = RealmDocument::parse(include_str!("../../examples/lindenhof.toml")).expect("the document is right");
        manage.apply_realm(document).await.expect("the realm is applied");
        let marie = Arc::new(Person::marie());
        // At once, so that they share commits.
        for hundred in (1..=many).collect::<Vec<_>>().chunks(100) {
            let adding: Vec<_> = hundred
                .iter()
                .map(|number| {
                    let (manage, marie, number) = (manage.clone(), marie.clone(), *number);
                    tokio::spawn(async move { manage.add_entry("lindenhof", entry(&marie, number)).await })
                })
                .collect();
            for added in adding {
                added.await.expect("no panic").expect("she is put in");
            }
        }
        folder
    }

    fn db(&self) -> Db {
        let url = DatabaseUrl::Sqlite(self.path.join("poterne.sqlite"));
        Db::open(&url, StoreSettings::default()).expect("the database")
    }

    /// The provider, for one look.
    pub async fn idp(&self) -> Idp {
        let key = std::fs::read_to_string(self.path.join("master.key")).expect("the key");
        let idp = Idp::builder("http://localhost:8080", MasterKey::parse(&key).expect("a key"));
        let idp = idp.sender(FolderSender::new(self.path.join("outbox"))).hashing(1);
        idp.build(self.db()).await.expect("it opens")
    }

    /// The operator's functions.
    pub async fn manage(&self) -> Manage {
        self.idp().await.manage()
    }

    /// Lets the provider's workers work for as long as it takes until this is so.
    pub async fn work_until<F: Future<Output = bool> + Send>(&self, so: impl Fn(Manage) -> F + Send + Sync) {
        let idp = self.idp().await;
        let manage = idp.manage();
        let stop = async {
            for _ in 0..500 {
                if so(manage.clone()).await {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        idp.run_workers(stop).await;
        assert!(so(manage.clone()).await, "the workers did not do it in time");
    }

    /// `poterne …` on this folder.
    pub fn poterne(&self, words: &[&str]) -> Command {
        let mut command = program();
        command.args(words).arg("--data-dir").arg(&self.path).stdin(std::process::Stdio::null());
        command
    }
}

fn entry(marie: &Person, number: u32) -> NewPerson {
    NewPerson { registry_no: number.to_string(), language: "fr".into(), ..marie.entry() }
}
