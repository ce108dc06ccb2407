//! The real program: started, asked, stopped and killed as an operator would.

use super::browser::{Browser, Page};
use super::journey;
use super::people::Person;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The e-mail address that people of these tests give.
pub const EMAIL: &str = "marie@post.example";
/// Their mobile number as they type it.
pub const PHONE_TYPED: &str = "079 000 00 01";
/// Their mobile number as a gateway gets it.
pub const PHONE: &str = "+41790000001";

/// A running `poterne demo` in its folder.
pub struct Demo {
    process: Child,
    out: BufReader<ChildStdout>,
    /// What it said when it was ready.
    pub ready: String,
    /// Where its data lie.
    pub folder: PathBuf,
    /// Where the provider listens.
    pub port: u16,
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The command, with what every test gives it.
pub fn command(folder: &Path, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_poterne"));
    command.args(["demo", "--json", "--listen", listen, "--data-dir"]).arg(folder);
    command
}

/// What a program that does not start leaves: its exit code, and what it told its operator.
pub fn refused(mut command: Command) -> (Option<i32>, String) {
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let ended = wait(&mut process, Duration::from_secs(60));
    if ended.is_none() {
        drop(process.kill());
    }
    let mut said = String::new();
    process.stderr.take().expect("piped").read_to_string(&mut said).expect("words");
    (ended.and_then(|ended| ended.code()), said)
}

fn wait(process: &mut Child, most: Duration) -> Option<ExitStatus> {
    let until = now() + most;
    while now() < until {
        if let Some(ended) = process.try_wait().expect("a child") {
            return Some(ended);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    None
}

impl Demo {
    /// Starts it and waits until it says that it is ready.
    pub fn start(folder: &Path, port: u16) -> Self {
        Self::run(command(folder, &format!("127.0.0.1:{port}")).stderr(Stdio::null()), folder, port)
    }

    /// The same, with everything it logs in a file.
    pub fn start_logged(folder: &Path, port: u16, filter: &str, log: &Path) -> Self {
        let log = std::fs::File::create(log).expect("a file");
        Self::run(command(folder, &format!("127.0.0.1:{port}")).args(["--log", filter]).stderr(log), folder, port)
    }

    fn run(command: &mut Command, folder: &Path, port: u16) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut out = BufReader::new(process.stdout.take().expect("piped"));
        let mut ready = String::new();
        out.read_line(&mut ready).expect("it says that it is ready");
        assert!(ready.starts_with('{'), "it did not start: {ready:?}");
        Self { process, out, ready, folder: folder.to_owned(), port }
    }

    /// The fund's issuer.
    pub fn issuer(&self) -> String {
        format!("http://localhost:{}/lindenhof", self.port)
    }

    /// kill -9.
    pub fn kill(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }

    /// SIGTERM, as a service manager sends it: its exit code and how long it took, or nothing when it stays.
    pub fn terminate(&mut self) -> Option<(Option<i32>, Duration)> {
        let (pid, since) = (self.process.id().to_string(), now());
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill is there").success());
        let ended = wait(&mut self.process, Duration::from_secs(20))?;
        Some((ended.code(), since.elapsed()))
    }

    /// What it printed after it was ready; the program must have ended.
    pub fn printed_since(&mut self) -> String {
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("words");
        rest
    }

    /// A browser whose requests go to the program.
    pub fn browser(&self) -> Browser {
        Browser::new(wire(self.port), &self.issuer())
    }

    /// The newest code that was sent to somebody, waiting for the first; nothing when none comes.
    pub async fn code_to(&self, to: &str) -> Option<String> {
        for _ in 0..200 {
            if let Some(code) = self.newest_code_to(to) {
                return Some(code);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        None
    }

    fn newest_code_to(&self, to: &str) -> Option<String> {
        let entries = std::fs::read_dir(self.folder.join("outbox")).expect("an outbox");
        let files =
            entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.extension().is_some_and(|end| end == "json"));
        let mut found: Vec<Value> = files
            .map(|path| serde_json::from_slice(&std::fs::read(path).expect("a message")).expect("JSON"))
            .filter(|message: &Value| message["to"] == to)
            .collect();
        found.sort_by_key(|message| message["at"].as_str().expect("a time").to_owned());
        found.iter().rev().find_map(|message| {
            let text = message["text"].as_str().expect("a text");
            text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6).map(str::to_owned)
        })
    }
}

/// A router that hands every request to the running program; 599 when nothing answers.
pub fn wire(port: u16) -> Router {
    async fn forward(State((client, port)): State<(reqwest::Client, u16)>, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let url = format!("http://127.0.0.1:{port}{path}");
        let answer = client.request(parts.method, url).headers(parts.headers).body(body).send().await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return broken(&error),
        };
        let mut response = Response::builder().status(answer.status());
        response.headers_mut().expect("fresh").extend(answer.headers().clone());
        match answer.bytes().await {
            Ok(bytes) => response.body(Body::from(bytes)).expect("a response"),
            // An answer that broke off is no answer.
            Err(error) => broken(&error),
        }
    }
    fn broken(error: &reqwest::Error) -> Response {
        Response::builder().status(599).body(Body::from(format!("<body>{error:?}"))).expect("a response")
    }
    // A connection for each request: one that is kept would outlive a killed program.
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).pool_max_idle_per_host(0);
    let client = client.timeout(Duration::from_secs(20));
    Router::new().fallback(forward).with_state((client.build().expect("a client"), port))
}

/// Does what the page in front of Marie asks for, with codes by SMS; `false` when there is nothing more to do, or the program is gone.
pub async fn go_on(browser: &mut Browser, demo: &Demo, marie: &Person) -> bool {
    if browser.page.status == 599 || browser.page.html.contains("id=\"enrolled\"") {
        return false;
    }
    if browser.page.value("avs_number").is_some() {
        browser.identify(marie).await;
    } else if browser.page.value("email").is_some() {
        browser.give_user_data(EMAIL, marie.password()).await;
    } else if browser.page.value("factor").is_some() {
        browser.submit(&[("factor", "sms"), ("phone", PHONE_TYPED), ("action", "next")]).await;
    } else if let Some(to) = awaited(&browser.page) {
        let Some(code) = demo.code_to(to).await else { return false };
        browser.type_code(&code).await;
    } else {
        return false;
    }
    true
}

/// To whom the code went that a page of an enrollment asks for.
pub fn awaited(page: &Page) -> Option<&'static str> {
    match journey::step_of(&page.url).as_str() {
        "email" => Some(EMAIL),
        "confirm" => Some(PHONE),
        _ => None,
    }
}

/// A folder of this test's own, below the temporary folder; it goes with the value.
pub struct Ground(PathBuf);

impl Ground {
    /// A path where nothing is yet.
    pub fn fresh() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("poterne-program-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).expect("the temporary folder can be written");
        Self(path)
    }

    /// A path in it.
    pub fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        // What stays behind is in the temporary folder.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Copies a data folder of a program that is not running.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let there = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &there);
        } else {
            std::fs::copy(entry.path(), there).expect("a copy");
        }
    }
}

/// The time by which a test measures how long a real program takes.
#[expect(clippy::disallowed_methods, reason = "a real program runs on the real clock")]
pub fn now() -> Instant {
    Instant::now()
}

/// A port that is free on loopback now.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}
