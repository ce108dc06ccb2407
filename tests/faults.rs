//! kill -9 in the middle: the real program, killed at random moments of an enrollment and started again. Afterwards the person has no
//! account, a pending enrollment or a complete account, nothing half; and goes on where they were.

use crate::support::browser::Browser;
use crate::support::people::Person;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use poterne_idp::{Clock, DatabaseUrl, Db, Entropy, FolderSender, Idp, IdpSettings, MasterKey, StoreSettings};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// How many moments.
const MOMENTS: u64 = 50;
/// An enrollment at full speed takes about this long; moments are spread over it.
const SPAN_MILLIS: u64 = 1_200;
const PASSWORD: &str = "Tilleul-Vert-1984";
const EMAIL: &str = "marie@post.example";
const PHONE: &str = "+41790000001";

/// A running demo in its folder.
struct Demo {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Demo {
    /// Starts it and waits until it says that it is ready.
    fn start(folder: &Path, port: u16) -> Self {
        let listen = format!("127.0.0.1:{port}");
        let folder = folder.to_owned();
        let mut process = Command::new(env!("CARGO_BIN_EXE_poterne"))
            .args(["demo", "--json", "--listen", &listen, "--data-dir"])
            .arg(&folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let out = process.stdout.take().expect("its output is piped");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).expect("it says that it is ready");
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        assert_eq!(ready["issuer"], format!("http://localhost:{port}/lindenhof"));
        Self { process, folder, port }
    }

    fn issuer(&self) -> String {
        format!("http://localhost:{}/lindenhof", self.port)
    }

    /// The newest code that was sent to somebody.
    fn code_to(&self, to: &str) -> Option<String> {
        let mut found: Vec<Value> = std::fs::read_dir(self.folder.join("outbox"))
            .expect("an outbox")
            .filter_map(|entry| serde_json::from_slice(&std::fs::read(entry.ok()?.path()).ok()?).ok())
            .filter(|message: &Value| message["to"] == to)
            .collect();
        found.sort_by_key(|message| message["at"].as_str().unwrap_or_default().to_owned());
        let text = found.last()?["text"].as_str()?.to_owned();
        text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6).map(str::to_owned)
    }
}

/// A router that hands every request to the running program.
fn wire(port: u16) -> Router {
    async fn forward(State((client, port)): State<(reqwest::Client, u16)>, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let url = format!("http://127.0.0.1:{port}{path}");
        let answer = client.request(parts.method, url).headers(parts.headers).body(body).send().await;
        let Ok(answer) = answer else {
            return Response::builder().status(599).body(Body::empty()).expect("a response");
        };
        let mut response = Response::builder().status(answer.status());
        response.headers_mut().expect("fresh").extend(answer.headers().clone());
        let bytes = answer.bytes().await.unwrap_or_default();
        response.body(Body::from(bytes)).expect("a response")
    }
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(20));
    Router::new().fallback(forward).with_state((client.build().expect("a client"), port))
}

/// What a person does on the page they see; `false` when there is nothing more to do, or the program is gone.
async fn go_on(browser: &mut Browser, demo: &Demo, marie: &Person) -> bool {
    if browser.page.status == 599 || browser.page.html.contains("id=\"enrolled\"") {
        return false;
    }
    if browser.page.value("avs_number").is_some() {
        browser.identify(marie).await;
    } else if browser.page.value("email").is_some() {
        browser.give_user_data(EMAIL, PASSWORD).await;
    } else if browser.page.value("factor").is_some() {
        browser.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
    } else if browser.page.value("code").is_some() {
        let to = if browser.page.url.ends_with("/email") { EMAIL } else { PHONE };
        for _ in 0..200 {
            if demo.code_to(to).is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // Without a code the program is gone, and the next request will tell.
        let code = demo.code_to(to).unwrap_or_else(|| "000000".into());
        browser.type_code(&code).await;
    } else {
        return false;
    }
    true
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.join("outbox")).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        if entry.file_type().expect("a type").is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
}

/// Looks into the database of a demo that is not running: accounts, whether Marie's code still lives, and the audit trail.
async fn state_of(folder: &Path, port: u16, code: &str) -> (i64, bool) {
    let master = MasterKey::parse(&std::fs::read_to_string(folder.join("master.key")).expect("a key")).expect("a master key");
    let db = Db::open(&DatabaseUrl::Sqlite(folder.join("poterne.sqlite")), StoreSettings::default()).expect("the database opens");
    let settings = IdpSettings {
        public_url: format!("http://localhost:{port}"),
        master,
        sender: Arc::new(FolderSender::new(folder.join("outbox"))),
        clock: Clock::System,
        entropy: Entropy::System,
        hashing: 1,
        demo: true,
    };
    let manage = Idp::build(settings, db).await.expect("the provider is built").manage();
    let accounts = manage.overview().await.expect("numbers")[0].accounts;
    assert!(manage.verify_audit("lindenhof").await.expect("the trail").broken.is_none());
    (accounts, manage.is_code_live("lindenhof", code).await.expect("an answer"))
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_at_fifty_moments_of_an_enrollment_leaves_nothing_half() {
    let root = std::env::temp_dir().join(format!("poterne-kill-{}", std::process::id()));
    let seeded = root.join("seeded");
    let port = free_port();
    drop(Demo::start(&seeded, port));
    let marie = Person::marie();
    let (before, live) = state_of(&seeded, port, &marie.code).await;
    assert!(live, "Marie's code waits");
    let (mut pending, mut complete) = (0, 0);
    for moment in 0..MOMENTS {
        let folder = root.join(format!("at-{moment}"));
        copy(&seeded, &folder);
        let mut demo = Demo::start(&folder, port);
        let mut browser = Browser::new(wire(port), &demo.issuer());
        browser.visit(&format!("{}/ui/enroll/as/insured", demo.issuer())).await;
        let mut shown = browser.clone();
        // Spread over the whole span, a little off the beat of the steps.
        let dead_at = Duration::from_millis(moment * SPAN_MILLIS / MOMENTS + moment * 7 % 13);
        let killed = tokio::time::timeout(dead_at, async {
            while go_on(&mut browser, &demo, &marie).await {
                shown = browser.clone();
            }
        });
        drop(killed.await);
        demo.process.kill().expect("kill -9");
        demo.process.wait().expect("it is dead");
        let (accounts, live) = state_of(&folder, port, &marie.code).await;
        assert_eq!(accounts == before + 1, !live, "moment {moment}: an account exists exactly if the code is spent");
        if live {
            pending += 1;
        } else {
            complete += 1;
        }
        let demo = Demo::start(&folder, port);
        let mut browser = shown;
        if live {
            let page = browser.page.url.clone();
            browser.visit(&page).await;
            let mut steps = 0;
            while go_on(&mut browser, &demo, &marie).await {
                steps += 1;
                assert!(steps < 20, "moment {moment}: no way on at {}:\n{}", browser.page.url, browser.page.text());
            }
            browser.page.says("C'est fait !");
        }
        drop(demo);
        let (accounts, live) = state_of(&folder, port, &marie.code).await;
        assert_eq!((accounts, live), (before + 1, false), "moment {moment}: complete in the end");
    }
    println!("{MOMENTS} moments: {pending} pending, {complete} complete, none half");
    drop(std::fs::remove_dir_all(root));
}
