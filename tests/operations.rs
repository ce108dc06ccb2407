//! docs/OPERATIONS.md as an operator follows it: every command of the page runs, in the order of the page, and a person of the imported
//! file goes from the printed code to her portal, through `serve`.

use crate::serving::{Serving, code_of, status, with_gateways};
use crate::support::browser::Browser;
use crate::support::gateways::{Played, Protection, mail_server, sms_gateway};
use crate::support::people::Person;
use crate::support::portal::{Portal, payload};
use crate::support::program::{Ground, free_port, wire};
use std::fmt::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PAGE: &str = include_str!("../docs/OPERATIONS.md");

/// The blocks of commands, in the order of the page.
fn blocks() -> Vec<&'static str> {
    let blocks: Vec<_> = PAGE.split("\n```").collect();
    let opening = blocks.iter().skip(1).step_by(2);
    let commands = opening.filter_map(|block| {
        let (language, text) = block.split_once('\n').expect("a block has lines");
        assert!(["sh", "toml"].contains(&language), "every block says what it holds: {block}");
        (language == "sh").then_some(text)
    });
    commands.collect()
}

/// The machine of the page: its folders lie on this test's ground, and its service manager is this test.
struct Machine {
    ground: Ground,
    port: u16,
    management: u16,
    exported: String,
    mails: Played,
    texts: Played,
    serving: Option<Serving>,
}

impl Machine {
    fn new() -> Self {
        let ground = Ground::fresh();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        symlink(root.join("examples"), ground.at("examples")).expect("a link");
        for folder in ["usr/bin", "backups", "release"] {
            std::fs::create_dir_all(ground.at(folder)).expect("a folder");
        }
        symlink(env!("CARGO_BIN_EXE_poterne"), ground.at("release/poterne")).expect("a link");
        // What it is told is done by `Machine::run`.
        let manager = ground.at("usr/bin/systemctl");
        std::fs::write(&manager, "#!/bin/sh\nexit 0\n").expect("a file");
        std::fs::set_permissions(&manager, std::fs::Permissions::from_mode(0o755)).expect("its owner may");
        let (mails, texts) = (Played::default(), Played::default());
        Self { ground, port: free_port(), management: free_port(), exported: String::new(), mails, texts, serving: None }
    }

    fn config(&self) -> PathBuf {
        self.ground.at("etc/poterne.toml")
    }

    /// Commands with the folders and names of this machine.
    fn here(&self, text: &str) -> String {
        let at = |name: &str| self.ground.at(name).display().to_string();
        [
            ("/usr/bin/", at("usr/bin/")),
            ("target/release", at("release")),
            ("/etc/systemd/system", at("units")),
            ("/etc/poterne", at("etc")),
            ("/var/lib/poterne", at("lib")),
            ("/var/backups", at("backups")),
            ("https://id.example.ch", format!("http://localhost:{}", self.port)),
        ]
        .iter()
        .fold(text.to_owned(), |text, (there, here)| text.replace(there, here))
    }

    /// Runs a block of the page; all of it must do what it says.
    async fn run(&mut self, block: &str) {
        let text = self.here(block);
        let script = format!("set -eu\nPATH={}:$PATH\n{}{text}", self.ground.at("usr/bin").display(), self.exported);
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).current_dir(self.ground.at("")).stdin(Stdio::null());
        // In a task of its own: the gateways that `check` asks live in this process.
        let ended = tokio::task::spawn_blocking(move || shell.output().expect("a shell")).await.expect("no panic");
        let (said, complained) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        assert!(ended.status.success(), "{text}\n{said}{complained}{}", self.log());
        let too_wide = said.lines().find(|line| line.chars().count() > 80 && !line.contains('/'));
        assert_eq!(too_wide, None, "fits a terminal: {text}");
        for export in text.lines().filter(|line| line.starts_with("export ")) {
            writeln!(self.exported, "{export}").expect("text");
        }
        if text.contains("systemctl stop") {
            assert_eq!(self.serving.as_mut().map(Serving::stop), Some(Some(0)), "{}", self.log());
            self.serving = None;
        }
        if text.contains("systemctl enable --now") || text.contains("systemctl start") {
            self.serving = Some(Serving::start(&self.config(), self.ground.at("log"), self.management).await);
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.ground.at("log")).unwrap_or_default()
    }

    /// What the page tells the operator to write into the settings, for the gateways of this test.
    async fn settings(&self) {
        let mail = mail_server(self.mails.clone(), Protection::None).await;
        let sms = sms_gateway(self.texts.clone()).await;
        let text = std::fs::read_to_string(self.config()).expect("init wrote it");
        let text = with_gateways(&text, (self.port, self.management), (mail, sms));
        std::fs::write(self.config(), text).expect("settings");
    }

    fn issuer(&self) -> String {
        format!("http://localhost:{}/lindenhof", self.port)
    }

    /// Marie with the code that the fund printed for her.
    fn invited(&self) -> Person {
        let marie = Person::marie();
        let printed = std::fs::read_to_string(self.ground.at("codes.csv")).expect("the file of the codes");
        let line = printed.lines().find(|line| line.starts_with(&format!("{},", marie.registry_no))).expect("her line");
        let code = line.split(',').find(|cell| cell.len() == 14 && cell.matches('-').count() == 2).expect("her code");
        Person { code: code.to_owned(), ..marie }
    }

    /// From the portal's button by the five steps back to the portal.
    async fn enroll(&self, marie: &Person) {
        let portal = Portal::at(wire(self.port), &self.issuer(), "lindenhof-1e", None, "http://localhost:8082");
        let mut browser = Browser::new(wire(self.port), &self.issuer());
        browser.register_at(&portal).await;
        browser.identify(marie).await;
        browser.give_user_data(&marie.email(), marie.password()).await;
        browser.type_code(&code_of(&self.mails).await).await;
        browser.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
        browser.type_code(&code_of(&self.texts).await).await;
        browser.page.says("C'est fait");
        browser.follow("continue").await;
        let claims = payload(&portal.tokens_from(&browser.page).await.text("id_token"));
        assert_eq!(claims["iss"], self.issuer());
    }

    /// Wrong passwords, until Marie has to wait.
    async fn forget(&self, marie: &Person) {
        let portal = Portal::at(wire(self.port), &self.issuer(), "lindenhof-1e", None, "http://localhost:8082");
        let mut browser = Browser::new(wire(self.port), &self.issuer());
        browser.visit(&portal.sign_in()).await;
        for _ in 0..6 {
            browser.give_password(&marie.email(), "Faux-Passe-99!").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_of_the_operators_page_runs_and_marie_comes_from_the_file_to_her_portal() {
    let mut machine = Machine::new();
    let mut run = 0;
    for block in blocks() {
        if block.contains("account unlock") {
            machine.forget(&machine.invited()).await;
        }
        machine.run(block).await;
        if block.contains("poterne init") {
            machine.settings().await;
        }
        if block.contains("--out codes.csv") {
            let marie = machine.invited();
            machine.enroll(&marie).await;
            assert!(!machine.log().contains(&marie.code) && !machine.log().contains(marie.password()), "no secret in the log");
        }
        if block.contains("--send-mail") {
            assert!(machine.mails.taken().iter().any(|mail| mail.contains("me@fund.example")), "the test mail came");
        }
        run += block.lines().count();
    }
    assert!(run >= 35, "only {run} lines of commands were found");
    assert_eq!(status(machine.management, "/readyz").await, Some(200));
    assert_eq!(machine.serving.as_mut().map(Serving::stop), Some(Some(0)), "{}", machine.log());
}
