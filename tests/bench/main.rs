//! `make bench`: what the provider does on one core, each figure beside what the same machine does in the same run with nothing of ours
//! around it. How it is measured is told in `docs/BENCHMARKS.md`.
//!
//! `BENCH_SECONDS` (10), `BENCH_RUNS` (3) and `BENCH_ONLY` (names, separated by commas) take a quick look; `BENCH_UNDER` is a command under
//! which the provider runs, such as `perf record`.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a tool that measures real programs on the real clock, and stops where something is odd"
)]

mod limits;
mod load;
mod provider;
mod report;
mod work;

use load::{CONNECTIONS, Connection, Sum, Work};
use provider::{Fund, Limit, Serving};
use report::{Figure, Goal, median};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use work::{AskForCodes, Hybrid, ISSUER, Redeem, Refresh, Register, Same, SignIn, basic, get, member, post};

/// The core of the provider, and of every limit that stands beside it.
const CORE: &str = "0";
/// Distinct tokens of the userinfo run.
const TOKENS: usize = 1_000;
/// How long a turn is: what is measured and its limit take turns.
const TURN: Duration = Duration::from_millis(250);
/// Likewise where one answer takes tens of milliseconds.
const LONG_TURN: Duration = Duration::from_secs(5);
/// Refresh tokens of each connection.
const REFRESH_TOKENS: usize = 64;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = |at: usize| words[at].parse::<usize>().expect("a number");
    match words.first().map(String::as_str) {
        None => measure(),
        Some("serve") => {
            let sizes: Vec<usize> = (2..words.len()).map(number).collect();
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(limits::serve(words[1].parse().expect("a port"), &sizes));
        }
        Some("commits") => {
            let mut commits = limits::Commits::open(Path::new(&words[1]));
            limits::answer(|span| commits.rate(span));
        }
        Some("argon2") => limits::answer(|span| limits::argon2(number(1), span)),
        Some(word) => panic!("{word} is no mode"),
    }
}

/// The profiler or the like that the provider runs under, with its options.
fn under() -> Option<String> {
    std::env::var("BENCH_UNDER").ok()
}

/// How long, how often, what.
struct Plan {
    span: Duration,
    runs: usize,
    only: Vec<String>,
    /// All cores, as taskset writes them.
    all_cores: String,
    cores: usize,
}

impl Plan {
    fn read() -> Self {
        let number = |name: &str, or: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(or);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            span: Duration::from_secs(number("BENCH_SECONDS", 10)),
            runs: number("BENCH_RUNS", 3) as usize,
            only: std::env::var("BENCH_ONLY").map(|text| text.split(',').map(str::to_owned).collect()).unwrap_or_default(),
            all_cores: format!("0-{}", cores - 1),
            cores,
        }
    }

    /// How many turns of this length a run has.
    fn turns(&self, turn: Duration) -> u32 {
        (self.span.div_duration_f64(turn) as u32).max(1)
    }

    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|wanted| wanted == name)
    }
}

fn measure() {
    let plan = Plan::read();
    if plan.cores > 1 {
        // What asks stays off the provider's core.
        let me = std::process::id().to_string();
        drop(Command::new("taskset").args(["-a", "-c", "-p", "1", &me]).output().expect("taskset (util-linux) is there"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let figures = runtime.block_on(Bench::run(plan));
    println!();
    report::print(&figures);
    let folder = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/target").to_owned());
    let path = Path::new(&folder).join("bench/report.json");
    report::write(&figures, &path);
    println!("\n{}", path.display());
}

struct Bench {
    plan: Plan,
    fund: Fund,
    figures: Vec<Figure>,
}

impl Bench {
    async fn run(plan: Plan) -> Vec<Figure> {
        let fund = Fund::set_up(CONNECTIONS + 1).await;
        let mut bench = Self { plan, fund, figures: Vec::new() };
        let serving = bench.fund.serve(CORE, under().as_deref()).await;
        bench.answers(&serving).await;
        bench.services(&serving).await;
        bench.portals(&serving).await;
        bench.registration(&serving).await;
        let loaded = serving.rss();
        serving.stop();
        bench.process(loaded).await;
        bench.figures
    }

    /// Measures a figure and its limit in turn, and takes the middle of each.
    fn note(&mut self, name: &'static str, unit: &'static str, pairs: Vec<(f64, f64)>, of: &'static str, goal: Goal) {
        let (values, limits) = pairs.into_iter().unzip();
        self.put(Figure::new(name, unit, median(values), (median(limits), of), goal));
    }

    fn put(&mut self, figure: Figure) {
        eprintln!("{figure:?}");
        self.figures.push(figure);
    }

    /// Asks a server for this long.
    async fn asked<W: Work>(serving: &Serving, address: SocketAddr, works: Vec<W>, span: Duration, sum: &mut Sum) -> Vec<W> {
        let before = serving.cpu();
        let (ran, works) = load::run(address, works, span).await;
        sum.add(ran, serving.cpu() - before);
        works
    }

    /// A run: what is measured and its limit in turn, a moment each, so that both meet the same moods of a machine that others use too.
    async fn in_turns<W: Work>(
        &self,
        serving: &Serving,
        mut works: Vec<W>,
        turn: Duration,
        mut limit: impl AsyncFnMut(Duration) -> f64,
    ) -> ((f64, f64), Vec<W>) {
        let (mut limits, mut own) = (0.0, Sum::default());
        for _ in 0..self.plan.turns(turn) {
            limits += limit(turn).await / f64::from(self.plan.turns(turn));
            works = Self::asked(serving, self.fund.address, works, turn, &mut own).await;
        }
        own.tell("provider");
        ((own.rate(), limits), works)
    }

    /// The same request over all connections, and a bare endpoint's path on the same core in turn.
    async fn beside_bare(&self, serving: &Serving, requests: Vec<Vec<u8>>, path: &str, sizes: &[usize]) -> Vec<(f64, f64)> {
        let mut pairs = Vec::new();
        for _ in 0..self.plan.runs {
            let (bare, address) = Serving::limits(CORE, sizes).await;
            let mut whole = Sum::default();
            let limit = async |span| {
                let works = (0..CONNECTIONS).map(|_| Same::of(vec![get(path, "")], 0)).collect();
                let mut turn = Sum::default();
                Self::asked(&bare, address, works, span, &mut turn).await;
                whole.join(&turn);
                turn.rate()
            };
            let step = requests.len() / CONNECTIONS;
            let works = (0..CONNECTIONS).map(|number| Same::of(requests.clone(), number * step)).collect();
            pairs.push(self.in_turns(serving, works, TURN, limit).await.0);
            whole.tell("bare");
        }
        pairs
    }

    /// Public documents.
    async fn answers(&mut self, serving: &Serving) {
        for (name, path) in [("discovery", "/.well-known/openid-configuration"), ("jwks", "/jwks")] {
            if self.plan.wants(name) {
                let request = get(&format!("{ISSUER}{path}"), "");
                let size = Connection::to(self.fund.address).await.ask(&request).await.body.len();
                let pairs = self.beside_bare(serving, vec![request], &format!("/bytes/{size}"), &[size]).await;
                self.note(name, "requests/s", pairs, "bare axum answer", Goal::AtLeast(0.60));
            }
        }
    }

    /// Tokens of services.
    async fn services(&mut self, serving: &Serving) {
        for (name, client, path, goal) in [
            ("client_credentials_es256", "service-es256", "/es256", 0.65),
            ("client_credentials_rs256", "service-rs256", "/rs256", 0.95),
        ] {
            if self.plan.wants(name) {
                let header = basic(&self.fund, client);
                let request = post(&format!("{ISSUER}/token"), &header, "grant_type=client_credentials&scope=wages.read");
                let pairs = self.beside_bare(serving, vec![request], path, &[]).await;
                self.note(name, "tokens/s", pairs, "bare axum endpoint that signs", Goal::AtLeast(goal));
            }
        }
    }

    /// What portals ask for people.
    async fn portals(&mut self, serving: &Serving) {
        if !["code_exchange", "refresh", "userinfo", "introspection", "id_token_hybrid"]
            .into_iter()
            .any(|name| self.plan.wants(name))
        {
            return;
        }
        let cookie = SignIn::of(CONNECTIONS).once(&mut Connection::to(self.fund.address).await).await;
        if self.plan.wants("code_exchange") {
            let (mut commits, mut pairs) = (self.commits(), Vec::new());
            // How many codes a run needs is seen in a short one.
            let mut codes = 2_000;
            for run in 0..=self.plan.runs {
                let works = self.codes("portal", &cookie, codes).await;
                let works = works.into_iter().map(|codes| Redeem::new(&self.fund, "portal", codes, false)).collect();
                let (pair, _) = self.in_turns(serving, works, TURN, async |span| commits.rate(span)).await;
                codes = (pair.0 * self.plan.span.as_secs_f64()) as usize;
                if run > 0 {
                    pairs.push(pair);
                }
            }
            self.note("code_exchange", "exchanges/s", pairs, "bare durable commits of one row", Goal::AtLeast(1.5));
        }
        if self.plan.wants("refresh") {
            let tokens = self.tokens("pages", &cookie, CONNECTIONS * REFRESH_TOKENS, "refresh_token").await;
            let mut works: Vec<Refresh> = tokens.chunks(REFRESH_TOKENS).map(|some| Refresh::new(some.to_vec())).collect();
            let (mut commits, mut pairs) = (self.commits(), Vec::new());
            for _ in 0..self.plan.runs {
                let (pair, asked) = self.in_turns(serving, works, TURN, async |span| commits.rate(span)).await;
                works = asked;
                pairs.push(pair);
            }
            self.note("refresh", "refreshes/s", pairs, "bare durable commits of one row", Goal::AtLeast(1.5));
        }
        if self.plan.wants("userinfo") {
            let tokens = self.tokens("portal", &cookie, TOKENS, "access_token").await;
            let ask = |token: &String| get(&format!("{ISSUER}/userinfo"), &format!("authorization: Bearer {token}\r\n"));
            let requests: Vec<Vec<u8>> = tokens.iter().map(ask).collect();
            // Each was shown before, as the tokens of people at work are: the first time costs a verification more.
            let mut connection = Connection::to(self.fund.address).await;
            for request in &requests {
                connection.ask(request).await;
            }
            let size = Connection::to(self.fund.address).await.ask(&requests[0]).await.body.len();
            let pairs = self.beside_bare(serving, requests, &format!("/bytes/{size}"), &[size]).await;
            self.note("userinfo", "requests/s", pairs, "bare axum answer", Goal::AtLeast(0.12));
        }
        self.introspection(serving, &cookie).await;
        self.hybrid(serving, &cookie).await;
    }

    /// A resource server that asks about distinct live tokens, each shown before.
    async fn introspection(&mut self, serving: &Serving, cookie: &str) {
        if !self.plan.wants("introspection") {
            return;
        }
        let tokens = self.tokens("portal", cookie, TOKENS, "access_token").await;
        let header = basic(&self.fund, "portal");
        let ask = |token: &String| post(&format!("{ISSUER}/introspect"), &header, &format!("token={token}"));
        let requests: Vec<Vec<u8>> = tokens.iter().map(ask).collect();
        let mut connection = Connection::to(self.fund.address).await;
        let mut size = 0;
        for request in &requests {
            let answer = connection.ask(request).await;
            assert!(answer.body.windows(13).any(|part| part == b"\"active\":true"), "{}", String::from_utf8_lossy(answer.body));
            size = answer.body.len();
        }
        let pairs = self.beside_bare(serving, requests, &format!("/bytes/{size}"), &[size]).await;
        self.note("introspection", "requests/s", pairs, "bare axum answer", Goal::AtLeast(0.12));
    }

    /// Somebody who is signed in comes back at once with a code and an ID token beside it.
    async fn hybrid(&mut self, serving: &Serving, cookie: &str) {
        if !self.plan.wants("id_token_hybrid") {
            return;
        }
        let (mut commits, mut pairs) = (self.commits(), Vec::new());
        for _ in 0..self.plan.runs {
            let works = (0..CONNECTIONS).map(|_| Hybrid::new(cookie)).collect();
            pairs.push(self.in_turns(serving, works, TURN, async |span| commits.rate(span)).await.0);
        }
        self.note("id_token_hybrid", "answers/s", pairs, "bare durable commits of one row", Goal::Watched);
    }

    /// Clients that register themselves. It comes last of what one core serves: they stay.
    async fn registration(&mut self, serving: &Serving) {
        if !self.plan.wants("registration") {
            return;
        }
        let (mut commits, mut pairs) = (self.commits(), Vec::new());
        for _ in 0..self.plan.runs {
            let works = (0..CONNECTIONS).map(|_| Register).collect();
            pairs.push(self.in_turns(serving, works, TURN, async |span| commits.rate(span)).await.0);
        }
        self.note("registration", "registrations/s", pairs, "bare durable commits of one row", Goal::Watched);
    }

    /// Bare durable commits.
    fn commits(&self) -> Limit {
        Limit::start(CORE, &["commits", &self.fund.scratch().to_string_lossy()])
    }

    /// Codes for each connection, this many in all.
    async fn codes(&self, client: &'static str, cookie: &str, count: usize) -> Vec<Vec<String>> {
        let each = count.div_ceil(CONNECTIONS);
        let works = (0..CONNECTIONS).map(|_| AskForCodes::new(client, cookie, each)).collect();
        let (_, works) = load::run(self.fund.address, works, Duration::from_secs(600)).await;
        works.into_iter().map(|work| work.codes).collect()
    }

    /// A member of this many answers of the token endpoint, each of a grant of its own.
    async fn tokens(&self, client: &'static str, cookie: &str, count: usize, name: &str) -> Vec<String> {
        let codes = self.codes(client, cookie, count).await;
        let works = codes.into_iter().map(|codes| Redeem::new(&self.fund, client, codes, true)).collect();
        let (_, works) = load::run(self.fund.address, works, Duration::from_secs(600)).await;
        works.iter().flat_map(|work| &work.answers).map(|json| member(json, name).to_owned()).collect()
    }

    /// Sign-ins, memory and the start, on all cores.
    async fn process(&mut self, loaded: f64) {
        let mut starts = Vec::new();
        for _ in 0..5 {
            starts.push(self.fund.serve(&self.plan.all_cores, None).await.ready.as_secs_f64() * 1000.0);
        }
        let serving = self.fund.serve(&self.plan.all_cores, under().as_deref()).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let idle = serving.rss();
        if self.plan.wants("password_signin") {
            let cores = self.plan.cores.to_string();
            let mut argon2 = Limit::start(&self.plan.all_cores, &["argon2", &cores]);
            let mut pairs = Vec::new();
            let mut works: Vec<SignIn> = (0..CONNECTIONS).map(SignIn::of).collect();
            for _ in 0..self.plan.runs {
                let (pair, asked) = self.in_turns(&serving, works, LONG_TURN, async |span| argon2.rate(span)).await;
                works = asked;
                pairs.push(pair);
            }
            self.note("password_signin", "sign-ins/s", pairs, "bare argon2id on all cores", Goal::AtLeast(0.90));
        }
        eprintln!("  after the load of one core {loaded:.1} MiB, after sign-ins {:.1} MiB", serving.rss());
        let most = loaded.max(serving.rss());
        serving.stop();
        let permits = self.plan.cores as f64 * 19.0;
        self.put(Figure::new("rss_idle", "MiB", idle, (30.0, "goal"), Goal::Within));
        self.put(Figure::new(
            "rss_loaded",
            "MiB",
            most,
            (40.0 + permits, "goal: 40, and 19 for each password at once"),
            Goal::Within,
        ));
        self.put(Figure::new("ready", "ms", median(starts), (150.0, "goal"), Goal::Within));
    }
}
