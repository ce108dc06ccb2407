//! The provider as its operator sets it up: `init`, `migrate`, `realm apply`, `serve`, each of them the program that was built.

use poterne_idp::manage::{AccountFactor, EntryKind, NewPerson, NewPersonAccount};
use poterne_idp::{DatabaseUrl, Db, Idp, MasterKey, StoreSettings};
use poterne_protocol::secret::Secret;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// The password that everybody has here.
pub const PASSWORD: &str = "Tilleul-Vert-1984";
/// Nothing leaves here: no gateway is configured, and mails that wait are not worth a line each.
const LOG: &str = "warn,poterne::serve=error,poterne_idp::operations::outbox=error";
/// The clients that have a secret.
const CLIENTS: [&str; 3] = ["portal", "service-es256", "service-rs256"];

/// A fund that is set up, with the program stopped.
pub struct Fund {
    folder: PathBuf,
    /// Where the provider listens.
    pub address: SocketAddr,
    management: SocketAddr,
    /// The secrets of its clients.
    pub secrets: HashMap<&'static str, String>,
}

impl Drop for Fund {
    fn drop(&mut self) {
        // What stays behind is in the temporary folder.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl Fund {
    /// Sets one up in a folder of its own, with this many people who have an account.
    pub async fn set_up(people: usize) -> Self {
        let folder = std::env::temp_dir().join(format!("poterne-bench-{}", std::process::id()));
        let (address, management) = (free(), free());
        let public_url = format!("http://localhost:{}", address.port());
        done(program().args(["init", "--public-url", &public_url, "--dir"]).arg(&folder));
        let config = folder.join("poterne.toml");
        let text = std::fs::read_to_string(&config).expect("settings");
        let listen = format!("[listen]\naddress = \"{address}\"\nmanagement = \"{management}\"\n");
        let text = text.replace("[listen]\n", &listen).replace("[log]\n", &format!("[log]\nfilter = \"{LOG}\"\n"));
        std::fs::write(&config, text).expect("settings");
        let document = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/realm.toml");
        done(program().arg("migrate").arg("--config").arg(&config));
        done(program().args(["realm", "apply", document, "--yes"]).arg("--config").arg(&config));
        let mut fund = Self { folder, address, management, secrets: HashMap::new() };
        fund.people(&public_url, people).await;
        fund
    }

    /// Accounts and secrets, by the functions that commands use: enrolling this many would take longer than measuring.
    async fn people(&mut self, public_url: &str, people: usize) {
        let db =
            Db::open(&DatabaseUrl::Sqlite(self.folder.join("poterne.sqlite")), StoreSettings::default()).expect("the database");
        let key = std::fs::read_to_string(self.folder.join("master.key")).expect("the key");
        let idp = Idp::builder(public_url, MasterKey::parse(&key).expect("a key"));
        let manage = idp.build(db).await.expect("it opens").manage();
        for client in CLIENTS {
            let secret = manage.rotate_client_secret("bench", client).await.expect("the client exists");
            self.secrets.insert(client, secret.expose().to_owned());
        }
        for number in 0..people {
            let person = NewPerson {
                kind: EntryKind::Person,
                registry_no: format!("B-{number}"),
                population: "insured".into(),
                last_name: "Rochat".into(),
                first_name: Some("Marie".into()),
                language: "fr".into(),
                status: "active".into(),
                address_status: "ok".into(),
                identifiers: BTreeMap::new(),
            };
            let entry = manage.add_entry("bench", person).await.expect("an entry");
            let (name, factor) = (None, AccountFactor::None);
            let account = NewPersonAccount { entry, email: login(number), name, password: Secret::new(PASSWORD.into()), factor };
            manage.add_account("bench", account).await.expect("an account");
        }
    }

    /// Starts `poterne serve` on these cores, under a profiler perhaps, and waits until it is ready.
    pub async fn serve(&self, cores: &str, under: Option<&str>) -> Serving {
        let began = Instant::now();
        let words: Vec<&str> = under.unwrap_or_default().split_whitespace().collect();
        let mut command = on_cores(cores, words.first().copied().unwrap_or(env!("CARGO_BIN_EXE_poterne")));
        if let [_, options @ ..] = words.as_slice() {
            command.args(options).arg(env!("CARGO_BIN_EXE_poterne"));
        }
        command.arg("serve").arg("--config").arg(self.folder.join("poterne.toml"));
        let process = command.stdout(Stdio::null()).spawn().expect("it starts");
        Serving { process, ready: wait_for(self.management, "/readyz", began).await }
    }

    /// A place for the database of the bare commits, on the same disk.
    pub fn scratch(&self) -> PathBuf {
        self.folder.join("scratch.sqlite")
    }
}

/// A program that runs, and is killed with this.
pub struct Serving {
    process: Child,
    /// How long it took from its start until it was ready.
    pub ready: Duration,
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Serving {
    /// Stops it as a service manager does, so that a profiler around it can write what it saw.
    pub fn stop(mut self) {
        let told = Command::new("kill").arg(self.process.id().to_string()).status();
        let until = Instant::now() + Duration::from_secs(30);
        while told.is_ok() && Instant::now() < until && self.process.try_wait().is_ok_and(|ended| ended.is_none()) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it occupies of the machine's memory, in MiB.
    pub fn rss(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("a running process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
        line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
    }

    /// Processor time that it has used, in seconds.
    pub fn cpu(&self) -> f64 {
        processor_time(&self.process.id().to_string()).as_secs_f64()
    }

    /// This program in another of its modes, on these cores.
    pub async fn limits(cores: &str, sizes: &[usize]) -> (Self, SocketAddr) {
        let address = free();
        let own = std::env::current_exe().expect("this program");
        let mut command = on_cores(cores, own);
        command.arg("serve").arg(address.port().to_string()).args(sizes.iter().map(ToString::to_string));
        let process = command.spawn().expect("it starts");
        let ready = wait_for(address, "/es256", Instant::now()).await;
        (Self { process, ready }, address)
    }
}

/// Processor time that a process has used, by its id or `self`.
pub fn processor_time(process: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name in parentheses may hold spaces; user and system time are the twelfth and thirteenth after it, in hundredths.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    Duration::from_millis(fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum::<u64>() * 10)
}

/// A mode of this program that tells how fast it does something for as long as it is asked to; it ends with this.
pub struct Limit {
    process: Child,
    asked: ChildStdin,
    told: BufReader<ChildStdout>,
}

impl Drop for Limit {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Limit {
    /// Starts it on these cores.
    pub fn start(cores: &str, words: &[&str]) -> Self {
        let own = std::env::current_exe().expect("this program");
        let mut process =
            on_cores(cores, own).args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        let asked = process.stdin.take().expect("it is asked");
        let told = BufReader::new(process.stdout.take().expect("it tells"));
        Self { process, asked, told }
    }

    /// How many a second, in this time.
    pub fn rate(&mut self, span: Duration) -> f64 {
        writeln!(self.asked, "{}", span.as_millis()).expect("it listens");
        let mut line = String::new();
        self.told.read_line(&mut line).expect("it answers");
        line.trim().parse().expect("a number")
    }
}

/// The login name of a person.
pub fn login(number: usize) -> String {
    format!("person-{number}@post.example")
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_poterne"))
}

fn on_cores(cores: &str, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", cores]).arg(program);
    command
}

fn done(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}

fn free() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address")
}

/// Waits until a path answers 200; how long it took.
async fn wait_for(address: SocketAddr, path: &str, began: Instant) -> Duration {
    use std::io::Read;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    while began.elapsed() < Duration::from_secs(60) {
        let mut answer = String::new();
        let asked = std::net::TcpStream::connect(address).and_then(|mut stream| {
            stream.write_all(request.as_bytes())?;
            stream.read_to_string(&mut answer)
        });
        if asked.is_ok() && answer.starts_with("HTTP/1.1 200") {
            return began.elapsed();
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("nothing answers at {address}{path}");
}
