//! A fund set up from nothing by an operator, and a person's way through `poterne serve`, with a mail server and an SMS gateway played by
//! small local ones.

use crate::support::gateways::{Order, Played, Protection, mail_server, sms_gateway};
use crate::support::people::Person;
use crate::support::portal::{Portal, payload};
use crate::support::program::{Ground, free_port, now, refused, wire};
use poterne_idp::{DatabaseUrl, Db, EntryId, Idp, MasterKey, StoreSettings};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// An SMS gateway's answer that has no time.
const BUSY: &str = "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n";

/// The six digits of the first message that holds some, once it has come.
pub async fn code_of(played: &Played) -> String {
    for _ in 0..2_000 {
        let all = played.taken().join("\n");
        // The text stands before the HTML, whose colours have six digits too.
        let mut runs = all.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '=');
        if let Some(code) = runs.find(|run| run.len() == 6 && run.bytes().all(|byte| byte.is_ascii_digit())) {
            return code.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no code came: {:?}", played.taken());
}

/// The program.
pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_poterne"))
}

/// `poterne …` with these settings.
pub fn poterne(config: &Path, words: &[&str]) -> Command {
    let mut command = program();
    command.args(words).arg("--config").arg(config).stdin(Stdio::null());
    command
}

/// What a command said that ended well.
#[track_caller]
pub fn done(mut command: Command) -> String {
    let output = command.output().expect("the program starts");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}{complained}");
    said.into_owned()
}

/// The provider that runs, with its log.
pub struct Serving {
    process: Child,
    log: PathBuf,
}

impl Serving {
    /// Starts it and waits until it is ready.
    pub async fn start(config: &Path, log: PathBuf, management: u16) -> Self {
        Self::run(poterne(config, &["serve"]), log, management).await
    }

    /// Starts `poterne serve` as this command says, and waits until it is ready.
    pub async fn run(mut serve: Command, log: PathBuf, management: u16) -> Self {
        serve.stdout(Stdio::null());
        Self::run_heard(serve, log, management).await
    }

    /// The same, where the command's standard output is heard elsewhere.
    pub async fn run_heard(mut serve: Command, log: PathBuf, management: u16) -> Self {
        let file = std::fs::File::create(&log).expect("a file");
        let process = serve.stderr(file).spawn().expect("it starts");
        let serving = Self { process, log };
        for _ in 0..1_000 {
            if status(management, "/readyz").await == Some(200) {
                return serving;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it did not get ready: {}", serving.said());
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Whether it still runs.
    pub fn lives(&mut self) -> bool {
        self.process.try_wait().expect("a child").is_none()
    }

    /// kill -9.
    pub fn kill(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }

    /// Its log so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a log")
    }

    /// SIGTERM: its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        self.signal("-TERM");
        self.ended()
    }

    /// Sends it a signal, such as `-HUP`.
    pub fn signal(&self, which: &str) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args([which, &pid]).status().expect("kill is there").success());
    }

    /// Waits for its end: its exit code.
    pub fn ended(&mut self) -> Option<i32> {
        let until = now() + Duration::from_secs(20);
        while now() < until {
            if let Some(ended) = self.process.try_wait().expect("a child") {
                return ended.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What a GET on this port answers.
pub async fn status(port: u16, path: &str) -> Option<u16> {
    reqwest::get(format!("http://127.0.0.1:{port}{path}")).await.ok().map(|answer| answer.status().as_u16())
}

/// A provider beside the program on the same data, for what there is no command for.
pub async fn provider_on(folder: &Path, public_url: &str) -> Idp {
    let db = Db::open(&DatabaseUrl::Sqlite(folder.join("poterne.sqlite")), StoreSettings::default()).expect("the database");
    let key = std::fs::read_to_string(folder.join("master.key")).expect("the key");
    Idp::builder(public_url, MasterKey::parse(&key).expect("a key")).build(db).await.expect("it opens")
}

/// A person in the registry of the fund.
pub async fn put_in(folder: &Path, public_url: &str, marie: &Person) -> EntryId {
    let idp = provider_on(folder, public_url).await;
    idp.manage().add_entry("lindenhof", marie.entry()).await.expect("she is put in")
}

/// The settings that `init` wrote, with ports of this machine and its played gateways.
pub fn with_gateways(text: &str, (port, management): (u16, u16), (mail, sms): (u16, u16)) -> String {
    let listen = format!("[listen]\naddress = \"127.0.0.1:{port}\"\nmanagement = \"127.0.0.1:{management}\"\n");
    let gateways = format!(
        "\n[mail]\nhost = \"127.0.0.1\"\nport = {mail}\nsecurity = \"none\"\n\n[sms]\nurl = \"http://127.0.0.1:{sms}/send\"\n\
         body = '{{\"to\": \"{{to}}\", \"text\": \"{{text}}\"}}'\naccepted_if = \"queued\"\nheaders = {{ content-type = \"application/json\" }}\n"
    );
    text.replace("[listen]\n", &listen) + &gateways
}

/// A folder with settings for this test's ports and gateways; where it listens.
pub fn set_up(ground: &Ground, mail: u16, sms: u16) -> (PathBuf, u16, u16) {
    let (folder, port, management) = (ground.at("fund"), free_port(), free_port());
    let mut init = program();
    init.args(["init", "--public-url", &format!("http://localhost:{port}"), "--dir"]).arg(&folder);
    assert!(done(init).contains("poterne migrate --config"));
    let config = folder.join("poterne.toml");
    let mode = |name: &str| std::fs::metadata(folder.join(name)).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode("master.key"), mode("poterne.toml")), (0o600, 0o640));
    let text = with_gateways(&std::fs::read_to_string(&config).expect("settings"), (port, management), (mail, sms));
    let text = text.replace("[log]\n", "[log]\nfilter = \"debug\"\nformat = \"json\"\n");
    std::fs::write(&config, text).expect("settings");
    (config, port, management)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fund_is_set_up_from_nothing_and_marie_reaches_her_portal_through_serve() {
    let ground = Ground::fresh();
    let (mails, texts) = (Played::default(), Played::told(&[Order::Say(BUSY)]));
    let (mail_port, sms_port) = (mail_server(mails.clone(), Protection::None).await, sms_gateway(texts.clone()).await);
    let (config, port, management) = set_up(&ground, mail_port, sms_port);
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/lindenhof.toml");

    let (code, said) = refused(poterne(&config, &["serve"]));
    assert!(code == Some(1) && said.contains("poterne migrate"), "{said}");
    assert!(done(poterne(&config, &["migrate"])).starts_with("Applied"));
    assert!(done(poterne(&config, &["migrate", "--status"])).contains("current"));
    let unasked = poterne(&config, &["realm", "apply", document]).output().expect("it starts");
    assert_eq!(unasked.status.code(), Some(1), "without an answer nothing is applied");
    let said = done(poterne(&config, &["realm", "apply", document, "--yes"]));
    assert!(said.contains("+ name = Caisse de pension Lindenhof") && said.contains("The realm is created."), "{said}");
    assert!(done(poterne(&config, &["realm", "apply", document, "--yes"])).contains("as the document says"));
    let exported = ground.at("exported.toml");
    std::fs::write(&exported, done(poterne(&config, &["realm", "export", "lindenhof"]))).expect("a file");
    let changed = std::fs::read_to_string(&exported).expect("TOML").replace("valid_days = 150", "valid_days = 90");
    std::fs::write(&exported, changed).expect("a file");
    let path = exported.to_string_lossy().into_owned();
    let said = done(poterne(&config, &["realm", "apply", &path, "--yes", "--json"]));
    assert!(said.contains("population.insured.code.valid_days: 150 -> 90"), "{said}");

    let marie = Person::marie();
    put_in(config.parent().expect("a folder"), &format!("http://localhost:{port}"), &marie).await;
    let mut serving = Serving::start(&config, ground.at("log"), management).await;
    assert_eq!((status(management, "/healthz").await, status(management, "/version").await), (Some(200), Some(200)));
    assert_eq!(status(port, "/readyz").await, Some(404), "the operator's answers are not for everybody");
    let said = done(poterne(&config, &["codes", "issue", "--realm", "lindenhof", "--registry-no", &marie.registry_no, "--json"]));
    let code: Value = serde_json::from_str(&said).expect("JSON");
    let marie = Person { code: code["code"].as_str().expect("a code").to_owned(), ..marie };

    let issuer = format!("http://localhost:{port}/lindenhof");
    let portal = Portal::at(wire(port), &issuer, "lindenhof-1e", None, "http://localhost:8082");
    let mut browser = crate::support::browser::Browser::new(wire(port), &issuer);
    browser.register_at(&portal).await;
    browser.identify(&marie).await;
    browser.give_user_data(&marie.email(), marie.password()).await;
    let mailed = code_of(&mails).await;
    browser.type_code(&mailed).await;
    browser.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
    // The gateway was busy at first: the message is tried again.
    let texted = code_of(&texts).await;
    browser.type_code(&texted).await;
    browser.page.says("C'est fait");
    browser.follow("continue").await;
    let portal_code = portal.code_from(&browser.page);
    let tokens = portal.tokens_from(&browser.page).await;
    let claims = payload(&tokens.text("id_token"));
    portal.userinfo(&tokens.text("access_token")).await;
    let cookie = browser.cookie("poterne-lindenhof").expect("a cookie");
    let handed_out: Vec<_> = ["access_token", "id_token", "refresh_token"]
        .into_iter()
        .filter(|name| tokens.json.get(name).is_some())
        .map(|name| tokens.text(name))
        .collect();
    assert_eq!(claims["iss"], issuer);
    assert_eq!(texts.taken().len(), 1, "one text message");

    assert_eq!(serving.stop(), Some(0), "{}", serving.said());
    let log = serving.said();
    let mut secrets = vec![mailed, texted, portal_code, cookie];
    secrets.extend(handed_out);
    no_secret_of_hers_is_in(&log, &marie, secrets);
    every_request_is_told_of_by_its_id(&log);
}

/// A cookie or a token is `id.secret`: its second half alone would do too.
fn no_secret_of_hers_is_in(log: &str, marie: &Person, mut secrets: Vec<String>) {
    let halves: Vec<String> = secrets.iter().filter_map(|handle| Some(handle.rsplit_once('.')?.1.to_owned())).collect();
    secrets.extend(halves);
    secrets.extend([marie.password().to_owned(), marie.code.clone(), marie.avs_number.clone(), marie.email()]);
    secrets.extend(["7560000000019", "+41790000001"].map(str::to_owned));
    // Times have six digits after the point, as codes have.
    let untimed = |line: &str| {
        let mut line: Value = serde_json::from_str(line).expect("JSON");
        line["timestamp"].take();
        line.to_string()
    };
    let said: Vec<String> = log.lines().map(untimed).collect();
    for secret in secrets {
        let digits = secret.len() == 6 && secret.bytes().all(|byte| byte.is_ascii_digit());
        let word = |line: &String| line.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == secret);
        let holds = |line: &String| if digits { word(line) } else { line.contains(&secret) };
        assert!(secret.len() >= 6 && !said.iter().any(holds), "the log holds {secret}");
    }
}

/// Every line is JSON; every request has one line that tells its id, route, status and time, and its other lines carry the same id.
fn every_request_is_told_of_by_its_id(log: &str) {
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"))).collect();
    let answered: Vec<_> = lines.iter().filter(|line| line["fields"]["message"] == "answered").collect();
    assert!(answered.len() >= 10, "{log}");
    let mut ids = std::collections::BTreeSet::new();
    for line in &answered {
        let fields = &line["fields"];
        assert!(fields["request"].as_str().is_some_and(|id| id.len() == 9 && ids.insert(id)), "{line}");
        assert!(fields["status"].is_u64() && fields["duration_ms"].is_u64() && fields["method"].is_string(), "{line}");
        let route = fields["route"].as_str().expect("a route");
        assert!(route == "none" || poterne_idp::routes_of_a_realm().contains(&route), "{line}");
    }
    assert!(answered.iter().any(|line| line["fields"]["route"] == "/ui/enroll/in/{enrollment}/{step}"), "{log}");
    let within: Vec<_> = lines.iter().filter(|line| line["span"]["name"] == "request").collect();
    for line in within {
        assert!(line["span"]["request"].as_str().is_some_and(|id| ids.contains(id)), "{line}");
        assert_eq!(line["span"]["realm"], "lindenhof", "{line}");
    }
}

#[test]
fn settings_that_cannot_be_used_are_refused_in_words() {
    let ground = Ground::fresh();
    let config = ground.at("poterne.toml");
    for (text, words) in [
        ("pubic_url = \"https://id.example.ch\"", "did you mean public_url?"),
        ("public_url = \"https://id.example.ch\"\n[database]\nurl = \"mysql://x\"\n[master_key]\nkey = \"00\"", "sqlite:"),
        ("public_url = \"https://id.example.ch\"\n[database]\nurl = \"sqlite:/tmp/x\"", "master_key"),
    ] {
        std::fs::write(&config, text).expect("a file");
        let (code, said) = refused(poterne(&config, &["serve"]));
        assert!(code == Some(1) && said.contains(words) && !said.contains("panicked"), "{text}: {said}");
    }
    let again = ground.at("twice");
    let init = || {
        let mut command = program();
        command.args(["init", "--dir"]).arg(&again);
        command
    };
    done(init());
    let (code, said) = refused(init());
    assert!(code == Some(1) && said.contains("is there already"), "{said}");
}
