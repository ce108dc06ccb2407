//! `poterne serve` as whoever runs it meets it: figures, ids of requests, TLS, slow clients, the end under load, the packaging.

use crate::serving::{Serving, done, poterne, program, set_up, status};
use crate::support::program::{Ground, free_port, now, refused};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// A fund that is set up, not running yet; its settings, and where it will listen.
struct Fund {
    ground: Ground,
    config: PathBuf,
    port: u16,
    management: u16,
}

impl Fund {
    /// With more settings than the usual ones: replacements in the file.
    fn set_up(changes: &[(&str, &str)]) -> Self {
        let ground = Ground::fresh();
        let (config, port, management) = set_up(&ground, free_port(), free_port());
        let mut text = std::fs::read_to_string(&config).expect("settings");
        for (from, to) in changes {
            assert!(text.contains(from), "{from} is not in the settings");
            text = text.replacen(from, to, 1);
        }
        std::fs::write(&config, text).expect("settings");
        done(poterne(&config, &["migrate"]));
        let document = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/lindenhof.toml");
        done(poterne(&config, &["realm", "apply", document, "--yes"]));
        Self { ground, config, port, management }
    }

    async fn serve(&self) -> Serving {
        Serving::start(&self.config, self.ground.at("log"), self.management).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/lindenhof{path}", self.port)
    }

    async fn figures(&self) -> String {
        let answer = reqwest::get(format!("http://127.0.0.1:{}/metrics", self.management)).await.expect("an answer");
        assert!(answer.headers()["content-type"].to_str().expect("text").starts_with("text/plain; version=0.0.4"));
        answer.text().await.expect("text")
    }
}

/// The value of a sample that counts.
fn value(figures: &str, sample: &str) -> u64 {
    let line = figures.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{sample} is missing in\n{figures}")).parse().expect("a number")
}

const DISCOVERY: &str = "/.well-known/openid-configuration";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operators_monitoring_sees_what_is_done_and_nobody_elses_does() {
    let fund = Fund::set_up(&[("[proxy]\n", "[proxy]\ntrusted = [\"127.0.0.1\"]\n")]);
    let mut serving = fund.serve().await;
    let client = reqwest::Client::new();
    for _ in 0..3 {
        assert_eq!(client.get(fund.url(DISCOVERY)).send().await.expect("an answer").status(), 200);
    }
    let refused = client.post(fund.url("/token")).form(&[("grant_type", "client_credentials")]).send().await.expect("an answer");
    assert_eq!(refused.status().as_u16() / 100, 4);
    assert_eq!(client.get(fund.url("/nobody@example.ch")).send().await.expect("an answer").status(), 404);

    let figures = fund.figures().await;
    let requests = |labels: &str| value(&figures, &format!("poterne_http_requests_total{{{labels}}}"));
    assert_eq!(requests(&format!("route=\"{DISCOVERY}\",method=\"GET\",status=\"200\"")), 3);
    assert_eq!(requests("route=\"none\",method=\"GET\",status=\"404\""), 1);
    assert_eq!(value(&figures, &format!("poterne_http_request_duration_seconds_count{{route=\"{DISCOVERY}\"}}")), 3);
    assert_eq!(value(&figures, "poterne_tokens_refused_total"), 1);
    assert_eq!(value(&figures, "poterne_outbox_waiting{realm=\"lindenhof\"}"), 0);
    assert!(value(&figures, "poterne_signing_key_age_seconds{realm=\"lindenhof\",alg=\"ES256\"}") < 600);
    assert!(value(&figures, "process_resident_memory_bytes") > 1_000_000);
    assert_eq!(value(&figures, "poterne_database_errors_total{kind=\"failed\"}"), 0);
    assert_eq!(value(&figures, &format!("poterne_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))), 1);
    assert!(!figures.contains("nobody"), "a path that a stranger made up became a label");
    let documented = include_str!("../docs/OPERATIONS.md");
    for family in figures.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()) {
        assert!(documented.contains(&format!("`{family}`")), "{family} is not in docs/OPERATIONS.md");
    }
    for path in ["/metrics", "/lindenhof/metrics", "/readyz"] {
        assert_eq!(status(fund.port, path).await, Some(404), "{path} is the operator's");
    }
    let ready: Value =
        reqwest::get(format!("http://127.0.0.1:{}/readyz", fund.management)).await.expect("it").json().await.expect("JSON");
    assert_eq!(ready, serde_json::json!({ "ready": true, "database": "current", "keys": "usable", "draining": false }));
    ids_are_taken_from_a_trusted_proxy(&client, &fund).await;
    assert!(done(poterne(&fund.config, &["healthcheck"])).starts_with("ready"));
    assert_eq!(serving.stop(), Some(0));
    let (code, said) = refused_with(&fund.config, &["healthcheck"]);
    assert!(code == Some(1) && said.contains("nothing answers"), "{said}");
}

fn refused_with(config: &Path, words: &[&str]) -> (Option<i32>, String) {
    refused(poterne(config, words))
}

async fn ids_are_taken_from_a_trusted_proxy(client: &reqwest::Client, fund: &Fund) {
    let id_for = async |given: &str| {
        let answer = client.get(fund.url("/ui/nothing")).header("x-request-id", given).send().await.expect("an answer");
        let id = answer.headers()["x-request-id"].to_str().expect("text").to_owned();
        let page = answer.text().await.expect("a page");
        assert!(page.contains(&id), "the page shows {id}: {page}");
        id
    };
    assert_eq!(id_for("f47ac10b-58cc-4372-a567-0e02b2c3d479").await, "f47ac10b-58cc-4372-a567-0e02b2c3d479");
    for odd in ["short", "has blanks in it", "<script>alert(1)</script>", &"x".repeat(65)] {
        let own = id_for(odd).await;
        assert!(own.len() == 9 && own != odd, "{own}");
    }
}

/// Copies of the tests' certificate and key, as `first` or `second`.
fn certificate(folder: &Path, certificate: &str, key: &str) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/tls");
    std::fs::copy(from.join(format!("{certificate}.pem")), folder.join("cert.pem")).expect("a copy");
    let kept = std::fs::read(from.join(format!("{key}.key.pem"))).expect("a key");
    let at = folder.join("key.pem");
    std::fs::write(&at, kept).expect("a copy");
    std::fs::set_permissions(&at, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("it is ours");
}

/// A fund whose people reach it over TLS.
fn over_tls() -> Fund {
    let tls = "[listen.tls]\ncertificate_file = \"CERT\"\nkey_file = \"KEY\"\n\n[database]\n";
    let fund = Fund::set_up(&[("public_url = \"http://", "public_url = \"https://"), ("[database]\n", tls)]);
    let text = std::fs::read_to_string(&fund.config).expect("settings");
    let path = |name: &str| fund.ground.at(name).display().to_string();
    std::fs::write(
        &fund.config,
        text.replace("\"CERT\"", &format!("{:?}", path("cert.pem"))).replace("\"KEY\"", &format!("{:?}", path("key.pem"))),
    )
    .expect("settings");
    certificate(&fund.ground.at(""), "first", "first");
    fund
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_ends_in_the_process_and_a_renewed_certificate_needs_no_restart() {
    const END: &str = "poterne_tls_certificate_end_timestamp_seconds";
    let fund = over_tls();
    let folder = fund.ground.at("");
    let mut serving = fund.serve().await;
    let client = || reqwest::Client::builder().danger_accept_invalid_certs(true).build().expect("a client");
    let url = format!("https://localhost:{}/lindenhof{DISCOVERY}", fund.port);
    let ask = async || {
        let answer = client().get(&url).send().await.expect("an answer over TLS");
        (answer.status().as_u16(), answer.headers().contains_key("strict-transport-security"))
    };
    assert_eq!(ask().await, (200, true));
    assert!(client().get(url.replace("https", "http")).send().await.is_err(), "no answer without TLS");
    let id = client().get(&url).header("x-request-id", "0123456789abcdef").send().await.expect("an answer");
    assert_ne!(id.headers()["x-request-id"], "0123456789abcdef", "nobody trusts this proxy");
    assert_eq!(value(&fund.figures().await, END), 3_944_678_400);

    certificate(&folder, "second", "first");
    serving.signal("-HUP");
    until(|| serving.said().contains("the certificate in use stays")).await;
    assert_eq!((ask().await.0, value(&fund.figures().await, END)), (200, 3_944_678_400));
    certificate(&folder, "second", "second");
    serving.signal("-HUP");
    until(|| serving.said().contains("2098-01-01")).await;
    assert_eq!((ask().await.0, value(&fund.figures().await, END)), (200, 4_039_372_800));
    assert!(!serving.said().contains("PRIVATE"));
    assert_eq!(serving.stop(), Some(0));

    for (cert, key, words) in [
        ("ended", "first", "ended on 2021-01-01"),
        ("coming", "first", "valid from 2090-01-01"),
        ("first", "second", "not the key"),
    ] {
        certificate(&folder, cert, key);
        let (code, said) = refused_with(&fund.config, &["serve"]);
        assert!(code == Some(1) && said.contains(words) && said.contains("cert.pem") | said.contains("key.pem"), "{said}");
        let (state, says) = checked(&fund.config);
        assert!(state == "failed" && says.contains(words), "{says}");
    }
    certificate(&folder, "first", "first");
    assert_eq!(checked(&fund.config).0, "ok");
    let text = std::fs::read_to_string(&fund.config).expect("settings");
    std::fs::write(&fund.config, text.replace("public_url = \"https://", "public_url = \"http://")).expect("settings");
    let (code, said) = refused_with(&fund.config, &["serve"]);
    assert!(code == Some(1) && said.contains("begins with https://"), "{said}");
}

/// What `poterne check` says of the certificate.
fn checked(config: &Path) -> (String, String) {
    let output = poterne(config, &["check", "--json"]).output().expect("it starts");
    let lines: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let line = lines.as_array().expect("lines").iter().find(|line| line["what"] == "certificate").expect("a line of it");
    (line["state"].as_str().expect("a word").to_owned(), line["says"].as_str().expect("words").to_owned())
}

async fn until(mut happened: impl FnMut() -> bool) {
    for _ in 0..500 {
        if happened() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it did not happen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_are_cut_and_take_no_place_from_others_for_long() {
    let fund = Fund::set_up(&[("[listen]\n", "[listen]\nmax_connections = 2\n")]);
    let mut serving = fund.serve().await;
    let since = now();
    let mut slow: Vec<TcpStream> = (0..2).map(|_| TcpStream::connect(("127.0.0.1", fund.port)).expect("it listens")).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /lindenhof/jwks HTTP/1.1\r\nHost: local").expect("it takes the first bytes");
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(value(&fund.figures().await, "poterne_connections_open"), 2);
    let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().expect("a client");
    let answer = client.get(fund.url("/jwks")).send().await.expect("an answer, once there is room");
    assert_eq!(answer.status(), 200);
    let took = since.elapsed();
    assert!(took > Duration::from_secs(8) && took < Duration::from_secs(13), "{took:?}");
    for mut stream in slow {
        stream.set_read_timeout(Some(Duration::from_secs(2))).expect("a stream");
        let mut rest = Vec::new();
        // Cut, with or without a word.
        let read = stream.read_to_end(&mut rest);
        assert!(!matches!(&read, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock), "it is still open");
    }
    assert_eq!(serving.stop(), Some(0));
}

/// What came of asking.
#[derive(Default)]
struct Asked {
    /// Whole answers of a provider that serves: a sign-in began, or one address began too many of them, which a fast machine comes to.
    answered: AtomicU64,
    /// Of them, sign-ins that began.
    taken: AtomicU64,
    /// Answers that broke off.
    halves: AtomicU64,
}

/// Asks for one sign-in after the other, each on a connection of its own, until it is over.
async fn keeps_asking(url: String, asked: Arc<Asked>, over: Arc<AtomicBool>) {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).pool_max_idle_per_host(0);
    let client = client.build().expect("a client");
    while !over.load(Ordering::Relaxed) {
        match client.get(&url).send().await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                if answer.bytes().await.is_err() {
                    asked.halves.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
                asked.answered.fetch_add(u64::from(matches!(status, 303 | 429)), Ordering::Relaxed);
                asked.taken.fetch_add(u64::from(status == 303), Ordering::Relaxed);
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_loses_nothing_that_was_answered() {
    let listen = "[listen]\ndrain_notice_seconds = 1\ndrain_seconds = 3\n";
    let fund = Fund::set_up(&[("[listen]\n", listen), ("filter = \"debug\"", "filter = \"warn\"")]);
    let mut serving = fund.serve().await;
    let (asked, over) = (Arc::<Asked>::default(), Arc::<AtomicBool>::default());
    let query = "?response_type=code&client_id=lindenhof-1e&redirect_uri=http://localhost:8082/callback&scope=openid&state=s&\
                 code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    let url = format!("{}{query}", fund.url("/authorize"));
    let first = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let answer = first.get(&url).send().await.expect("an answer");
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap_or_default());
    let load: Vec<_> = (0..8).map(|_| tokio::spawn(keeps_asking(url.clone(), asked.clone(), over.clone()))).collect();
    tokio::time::sleep(Duration::from_millis(500)).await;

    // Two requests under way: one is finished in time, the other never.
    let mut under_way: Vec<TcpStream> =
        (0..2).map(|_| TcpStream::connect(("127.0.0.1", fund.port)).expect("it listens")).collect();
    for stream in &mut under_way {
        let head = "POST /lindenhof/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\ngrant";
        stream.write_all(head.as_bytes()).expect("it is taken");
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let since = now();
    serving.signal("-TERM");
    until_status(fund.management, "/readyz", 503).await;
    let before = asked.answered.load(Ordering::Relaxed);
    let (code, said) = ended_with(&fund.config);
    assert!(code == Some(3) && said.contains("\"draining\":true"), "{said}");
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(asked.answered.load(Ordering::Relaxed) > before, "while the balancer has not noticed, requests are answered");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(status(fund.management, "/readyz").await, Some(503), "red to the end");
    under_way[0].write_all(b"_type").expect("it still listens");
    let mut answer = String::new();
    under_way[0].read_to_string(&mut answer).expect("an answer and the end");
    assert!(answer.starts_with("HTTP/1.1 4") && answer.to_lowercase().contains("connection: close"), "{answer}");
    assert_eq!(serving.ended(), Some(0), "{}", serving.said());
    let took = since.elapsed();
    assert!(took > Duration::from_millis(3_500) && took < Duration::from_secs(7), "{took:?}");
    over.store(true, Ordering::Relaxed);
    for asking in load {
        asking.await.expect("it asks to the end");
    }
    assert_eq!(asked.halves.load(Ordering::Relaxed), 0, "no answer broke off");
    let answered = asked.taken.load(Ordering::Relaxed) + 1;
    assert!(flows(&fund) >= answered, "{} of {answered} acknowledged sign-ins are there", flows(&fund));
    assert!(answered > 20, "there was load: {answered}");
}

async fn until_status(port: u16, path: &str, wanted: u16) {
    for _ in 0..100 {
        if status(port, path).await == Some(wanted) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{path} did not answer {wanted}");
}

/// Exit code and words of a healthcheck.
fn ended_with(config: &Path) -> (Option<i32>, String) {
    let output = poterne(config, &["healthcheck", "--json"]).output().expect("it starts");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn flows(fund: &Fund) -> u64 {
    use diesel::prelude::*;
    let path = fund.config.with_file_name("poterne.sqlite");
    let mut database = diesel::SqliteConnection::establish(path.to_str().expect("UTF-8")).expect("the database");
    let count: i64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>("(SELECT count(*) FROM flow)"))
        .get_result(&mut database)
        .expect("a number");
    count.unsigned_abs()
}

/// A file of the repository.
fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every `--flag` of a `poterne` command line is one that the command knows.
fn is_understood(words: &[&str]) {
    let commands: Vec<&str> = words.iter().copied().take_while(|word| !word.starts_with('-')).collect();
    let mut help = program();
    help.args(&commands).arg("--help");
    let help = done(help);
    for flag in words.iter().filter(|word| word.starts_with("--")) {
        assert!(help.contains(&format!("{flag} ")), "{flag} is no option of {commands:?}: {help}");
    }
}

#[test]
fn the_container_copies_what_is_there_and_says_what_the_program_understands() {
    let text = file("examples/packaging/Containerfile").replace("\\\n", " ");
    let instructions: Vec<(&str, &str)> =
        text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.trim().split_once(' ')).collect();
    let known = ["FROM", "RUN", "WORKDIR", "COPY", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"];
    for (instruction, rest) in &instructions {
        assert!(known.contains(instruction), "{instruction} {rest}");
    }
    let copied = instructions.iter().filter(|(instruction, rest)| *instruction == "COPY" && !rest.starts_with("--from"));
    for source in copied.flat_map(|(_, rest)| rest.split_whitespace().rev().skip(1)) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(source).exists(), "{source} is not there");
    }
    let words_of = |json: &str| serde_json::from_str::<Vec<String>>(json).unwrap_or_else(|_| panic!("not the exec form: {json}"));
    let mut commands = 0;
    for (instruction, rest) in &instructions {
        let Some(json) = rest.find('[').and_then(|at| rest.get(at..)).filter(|_| ["CMD", "HEALTHCHECK"].contains(instruction))
        else {
            continue;
        };
        let words = words_of(json);
        let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| *word != "poterne").collect();
        is_understood(&words);
        commands += 1;
    }
    assert_eq!(commands, 2);
    let user = instructions.iter().rfind(|(instruction, _)| *instruction == "USER").expect("a user").1;
    assert!(!user.starts_with("root") && !user.starts_with("0:"), "{user}");
    let manifest = file("Cargo.toml");
    assert!(text.contains("--no-default-features --features postgres") && manifest.contains("postgres = ["));
}

#[test]
fn the_systemd_unit_starts_what_the_program_understands_and_is_locked_down() {
    let text = file("examples/packaging/poterne.service");
    let start = text.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/poterne ")).expect("a start");
    is_understood(&start.split(' ').collect::<Vec<_>>());
    let secret =
        text.lines().find_map(|line| line.strip_prefix("Environment=POTERNE_MASTER_KEY__KEY_FILE=%d/")).expect("the key");
    assert!(text.contains(&format!("LoadCredential={secret}:/etc/poterne/{secret}")), "{secret}");
    for line in
        ["NoNewPrivileges=yes", "ProtectSystem=strict", "DynamicUser=yes", "StateDirectory=poterne", "MemoryDenyWriteExecute=yes"]
    {
        assert!(text.lines().any(|found| found == line), "{line}");
    }
    // Where systemd's own judge is at hand, its words count: below 2 is «OK», and it knows every name in the file.
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/packaging/poterne.service");
    let judge = |words: &[&str]| std::process::Command::new("systemd-analyze").args(words).arg(&unit).output();
    let Ok(output) = judge(&["security", "--offline=true", "--threshold=20"]) else { return };
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let verified = judge(&["verify"]).expect("it is there");
    let said = String::from_utf8_lossy(&verified.stderr);
    let other: Vec<&str> = said.lines().filter(|line| !line.contains("/usr/bin/poterne is not executable")).collect();
    assert!(other.is_empty(), "{other:?}");
}
