//! A host's axum application with Poterne inside: run `cargo run --example embedded` and open <http://localhost:8090>. What the provider
//! keeps lies in `var/embedded`; docs/EMBEDDING.md explains each line.

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use poterne_idp::manage::{EntryKind, NewPerson};
use poterne_idp::{
    Answering, ClaimsSource, ClaimsSubject, ClientAddress, DatabaseUrl, Db, Entropy, Idp, KnownPerson, Lang, MasterKey,
    MessageContent, MessageSender, OutgoingMessage, People, RealmDocument, Sending, StoreSettings, TypedIdentifiers,
};
use serde_json::{Map, Value};
use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;

/// Somebody in the host's own system.
struct Member {
    no: &'static str,
    avs_number: &'static str,
    born: &'static str,
    name: [&'static str; 2],
    plan: &'static str,
}

const MEMBERS: [Member; 1] =
    [Member { no: "M-1", avs_number: "7560000000019", born: "1984-03-12", name: ["Marie", "Favre"], plan: "flex" }];

// [sender]
/// Mails and text messages go to the terminal.
struct Terminal;

impl MessageSender for Terminal {
    fn send<'a>(&'a self, message: &'a OutgoingMessage) -> Sending<'a> {
        let (MessageContent::Mail { to, text, .. } | MessageContent::Sms { to, text, .. }) = &message.content;
        println!("To {to}:\n{}\n", text.expose());
        Box::pin(async { Ok(()) })
    }
}
// [/sender]

// [claims]
/// Relying parties learn which plan somebody is in.
struct Plans;

impl ClaimsSource for Plans {
    fn names(&self) -> Vec<String> {
        vec!["plan".into()]
    }

    fn claims<'a>(&'a self, about: &'a ClaimsSubject) -> Answering<'a, Map<String, Value>> {
        let member = MEMBERS.iter().find(|member| about.registry_no.as_deref() == Some(member.no));
        Box::pin(async move { Ok(member.map(|member| ("plan".into(), member.plan.into())).into_iter().collect()) })
    }
}
// [/claims]

// [people]
/// Whether somebody with these identifiers exists is the host's to say.
struct Members;

impl People for Members {
    fn find<'a>(&'a self, typed: &'a TypedIdentifiers) -> Answering<'a, Option<KnownPerson>> {
        let is = |m: &&Member| typed.value("avs_number") == m.avs_number && typed.value("birth_date") == m.born;
        let known = |Member { no, name: [first, last], .. }: &Member| KnownPerson {
            registry_no: (*no).into(),
            last_name: (*last).into(),
            first_name: Some((*first).into()),
            language: Lang::Fr,
        };
        Box::pin(async move { Ok(MEMBERS.iter().find(is).map(known)) })
    }
}
// [/people]

// [state]
/// The host's own state.
#[derive(Clone)]
struct Host {
    idp: Idp,
    name: &'static str,
}
// [/state]

// [page]
/// The host's own page: it asks who is signed in.
async fn home(State(host): State<Host>, headers: HeaderMap) -> Result<String, StatusCode> {
    let person = host.idp.signed_in("lindenhof", &headers).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let hello = person.map_or("nobody is signed in; sign in at /id/lindenhof/ui/account".into(), |person| {
        format!("hello {}, {} ({})", person.name, person.registry_no.unwrap_or_default(), person.level.as_str())
    });
    Ok(format!("{}: {hello}\n", host.name))
}
// [/page]

// [around]
/// Around every answer: the client's address, for limits on tries, and the host's policy for pages that bring none of their own.
async fn around(mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(from)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        request.extensions_mut().insert(ClientAddress(from.ip()));
    }
    let mut response = next.run(request).await;
    let policy = HeaderValue::from_static("default-src 'self'");
    response.headers_mut().entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    response
}
// [/around]

// [application]
/// The host's application, reached at `origin`, and the provider in it.
pub async fn application(folder: &Path, origin: &str, sender: impl MessageSender) -> Result<(Router, Idp), Box<dyn Error>> {
    let db = Db::open(&DatabaseUrl::Sqlite(folder.join("poterne.sqlite")), StoreSettings::default())?;
    db.migrate().await?;
    let builder = Idp::builder(format!("{origin}/id"), master_key(&folder.join("master.key"))?);
    let idp = builder.sender(sender).claims(Plans).people(Members).build(db).await?;
    idp.manage().apply_realm(RealmDocument::parse(include_str!("lindenhof.toml")).map_err(|wrong| wrong.join("\n"))?).await?;
    let app = Router::new()
        .route("/", get(home))
        .nest_service("/id", idp.router())
        .merge(idp.well_known_router())
        .fallback(|| async { (StatusCode::NOT_FOUND, "no page of this host\n") })
        .layer(from_fn(around))
        .with_state(Host { idp: idp.clone(), name: "Lindenhof" });
    Ok((app, idp))
}
// [/application]

// [key]
/// The master key in this file, which is made at the first start, for its owner's eyes alone.
fn master_key(path: &Path) -> Result<MasterKey, Box<dyn Error>> {
    if !path.exists() {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let key = MasterKey::generate(&Entropy::System).to_hex();
        std::io::Write::write_all(&mut options.open(path)?, key.expose().as_bytes())?;
    }
    Ok(MasterKey::parse(&std::fs::read_to_string(path)?)?)
}
// [/key]

// [invite]
/// Puts a member into the registry, without anything that identifies them, and gives the code for their letter.
pub async fn invite(idp: &Idp, registry_no: &str) -> Result<String, Box<dyn Error>> {
    let member = NewPerson {
        registry_no: registry_no.into(),
        kind: EntryKind::Person,
        population: "insured".into(),
        last_name: String::new(),
        first_name: None,
        language: "fr".into(),
        status: "active".into(),
        address_status: "ok".into(),
        identifiers: [].into(),
    };
    let entry = idp.manage().add_entry("lindenhof", member).await?;
    Ok(idp.manage().issue_code("lindenhof", entry).await?.code.expose().to_owned())
}
// [/invite]

// [main]
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new("var/embedded");
    std::fs::create_dir_all(folder)?;
    let (app, idp) = application(folder, "http://localhost:8090", Terminal).await?;
    if let Ok(code) = invite(&idp, "M-1").await {
        println!("Marie Favre (756.0000.0000.19, born 12.03.1984) enrolls with the code {code}");
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8090").await?;
    let stop = || async { drop(tokio::signal::ctrl_c().await) };
    let workers = tokio::spawn(async move { idp.run_workers(stop()).await });
    println!("http://localhost:8090");
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).with_graceful_shutdown(stop()).await?;
    Ok(workers.await?)
}
// [/main]
