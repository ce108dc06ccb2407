//! The demo's pages as a browser meets them, over a demo of their own.

use super::super::portals::Portals;
use super::super::{build, fund_addresses, seed};
use super::*;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// A demo with its people in, of which only the pages are served.
struct Tried {
    address: SocketAddr,
    path: PathBuf,
    folder: Folder,
    seeded: Seeded,
}

impl Drop for Tried {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.path));
    }
}

struct Page {
    head: String,
    text: String,
}

impl Page {
    fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn says(&self, text: &str) -> &Self {
        // The templates' escaping writes slashes and apostrophes as numbers.
        assert!(self.text.replace("&#x2f;", "/").replace("&#x27;", "'").contains(text), "{text:?} is missing in {}", self.text);
        self
    }
}

impl Tried {
    async fn new() -> Self {
        let name = format!("poterne-pages-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        let folder = Folder::prepare(&path).unwrap();
        let idp = build(&folder, "http://localhost:9").await.unwrap();
        let portals = Portals::open(&folder, 9).await.unwrap();
        let seeded = seed::apply(&idp.manage(), &folder, &portals, |_| ()).await.unwrap();
        let funds = fund_addresses(&portals, "http://localhost:9").unwrap();
        let demo = Demo { manage: idp.manage(), folder: folder.clone(), seeded: seeded.clone(), funds };
        let pages = routes(demo).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, pages).await.unwrap() });
        Self { address, path, folder, seeded }
    }

    async fn ask(&self, path: &str, host: &str, accept_language: &str) -> Page {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {host}\r\naccept-language: {accept_language}\r\nconnection: close\r\n\r\n");
        let address = self.address;
        let exchange = move || {
            let mut wire = TcpStream::connect(address).unwrap();
            wire.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            wire.read_to_string(&mut answer).unwrap();
            answer
        };
        let answer = tokio::task::spawn_blocking(exchange).await.unwrap();
        let (head, text) = answer.split_once("\r\n\r\n").unwrap();
        Page { head: head.to_owned(), text: text.to_owned() }
    }

    async fn open(&self, path: &str) -> Page {
        self.ask(path, "localhost:9", "fr-CH").await
    }

    fn arrives(&self, id: &str, channel: &str, to: &str, text: &str, html: Option<&str>) {
        let subject = html.map(|_| format!("Sujet {id}"));
        let message = serde_json::json!({
            "id": id, "realm": "lindenhof", "channel": channel, "to": to, "subject": subject, "text": text, "html": html,
            "at": format!("2026-07-01T12:00:0{}.000000Z", id.len() % 10),
        });
        std::fs::write(self.folder.outbox().join(format!("{id}.json")), message.to_string()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_page_lists_codes_accounts_portals_and_ways_on() {
    let tried = Tried::new().await;
    let page = tried.open("/").await;
    assert_eq!(page.status(), 200);
    page.says("id=\"demo-start\"").says("Caisse de pension Lindenhof").says("Assurés ou pensionnés").says("Numéro AVS");
    let list = tried.open("/demo/start.json").await.json();
    for code in list["codes"].as_array().unwrap() {
        page.says(code["person"].as_str().unwrap().split('\'').next().unwrap())
            .says(code["code"].as_str().unwrap())
            .says(code["fund"].as_str().unwrap());
        for value in code["identifiers"].as_object().unwrap().values() {
            page.says(value.as_str().unwrap());
        }
    }
    for account in &tried.seeded.accounts {
        page.says(&account.login).says(&account.password);
    }
    for slug in ["lindenhof", "saentima"] {
        page.says(&format!("http://localhost:9/{slug}/.well-known/openid-configuration")).says(&format!("id=\"fund-{slug}\""));
    }
    page.says("Säntima Vie SA")
        .says("Employeur")
        .says("N° de l'entreprise")
        .says("Code d'enregistrement")
        .says("Boulangerie du Lac");
    page.says("href=\"/demo/outbox\"").says("href=\"/demo/app/reto.imhof@post.example\"");
    tried.open("/demo/app/reto.imhof@post.example").await.says("Reto Imhof").says("id=\"app-code\"");
    assert_eq!(tried.open("/demo/app/camille.perret@courriel.example").await.status(), 404, "she gets text messages");
    assert_eq!(tried.open("/demo").await.text, page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lists_for_scripts_keep_their_shape() {
    let tried = Tried::new().await;
    let start = tried.open("/demo/start.json").await.json();
    let fields = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(&start), ["accounts", "codes"]);
    assert_eq!(fields(&start["codes"][0]), ["code", "fund", "identifiers", "person", "population"]);
    assert_eq!(fields(&start["accounts"][0]), ["factors", "fund", "login", "password", "person"]);
    assert_eq!(start["accounts"][1]["factors"][0]["kind"], "totp");
    tried.arrives("1", "mail", "marie@courriel.example", "Votre code: 123456", Some("<p>123456</p>"));
    let outbox = tried.open("/demo/outbox.json").await.json();
    assert_eq!(fields(&outbox[0]), ["at", "channel", "fund", "html", "id", "subject", "text", "to"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_shows_the_newest_first_and_its_time_in_switzerland() {
    let tried = Tried::new().await;
    tried.open("/demo/outbox").await.says("id=\"outbox-empty\"").says("Aucun message");
    tried.arrives("1", "mail", "marie@courriel.example", "Votre code: 123456 <b>", Some("<p>Marie</p>"));
    tried.arrives("22", "sms", "+41790000020", "Votre code: 654321", None);
    let page = tried.open("/demo/outbox").await;
    page.says("data-channel=\"mail\" data-to=\"marie@courriel.example\"").says("123456 &lt;b&gt;").says(">01.07.2026 14:00<");
    page.says("href=\"/demo/outbox/1\"");
    assert!(page.text.find("654321").unwrap() < page.text.find("123456").unwrap(), "newest first");
    assert!(!page.text.contains("/demo/outbox/22"), "a text message has no HTML part");
    assert_eq!(page.header("refresh"), None, "a page refreshes itself for those only who asked for it");
    let page = tried.open("/demo/outbox?auto=1&lang=de").await;
    assert_eq!(page.header("refresh"), Some("5"));
    page.says("href=\"/demo/outbox?lang=de\"").says("Nicht mehr aktualisieren");
}

#[tokio::test(flavor = "multi_thread")]
async fn v_01_the_funds_page_leads_to_each_of_its_portals() {
    let tried = Tried::new().await;
    let page = tried.open("/").await;
    for name in ["Lindenhof flex", "Lindenhof 1e", "Lindenhof Employeurs", "Säntima mySäntima"] {
        let links = page.text.split("<a class=\"door\" href=\"").filter(|link| link.contains(&format!("\">{name}</a>")));
        let urls: Vec<_> = links.filter_map(|link| link.split('"').next()).collect();
        assert!(
            !urls.is_empty() && urls.iter().all(|url| url.replace("&#x2f;", "/").starts_with("http://localhost:")),
            "{name}: {urls:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_says_which_fund_sent_a_message() {
    let tried = Tried::new().await;
    tried.arrives("1", "sms", "+41790000020", "Votre code: 654321", None);
    tried.open("/demo/outbox").await.says("<dd>Caisse de pension Lindenhof</dd>");
    assert_eq!(tried.open("/demo/outbox.json").await.json()[0]["fund"], "lindenhof");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_html_part_of_a_mail_can_do_nothing() {
    let tried = Tried::new().await;
    tried.arrives("1", "mail", "marie@courriel.example", "texte", Some("<p style=\"color:red\">Marie</p>"));
    tried.open("/demo/outbox/1").await.says("src=\"/demo/outbox/1/html\"").says("id=\"outbox-back\"").says("texte");
    let mail = tried.open("/demo/outbox/1/html").await;
    assert_eq!(mail.text, "<p style=\"color:red\">Marie</p>");
    let policy = mail.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'unsafe-inline';") && policy.ends_with("sandbox"), "{policy}");
    for path in ["/demo/outbox/2", "/demo/outbox/2/html", "/demo/outbox/..%2fstart"] {
        assert_eq!(tried.open(path).await.status(), 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_speaks_four_languages_under_a_strict_policy() {
    let tried = Tried::new().await;
    tried.arrives("1", "mail", "marie@courriel.example", "texte", Some("<p>Marie</p>"));
    for path in ["/", "/demo/outbox", "/demo/outbox/1", "/demo/outbox/none", "/demo/app/reto.imhof@post.example"] {
        for tag in ["fr", "de", "it", "en"] {
            let page = tried.ask(&format!("{path}?lang={tag}"), "127.0.0.1", "pt").await;
            page.says(&format!("<html lang=\"{tag}\">")).says(&format!("/demo/outbox?lang={tag}\""));
            assert_eq!(page.text.matches("<h1").count(), 1, "{path}");
            assert!(!page.text.contains("<script") && !page.text.contains("style="), "{path}");
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none'; style-src 'self';") && !policy.contains("unsafe"), "{policy}");
            assert_eq!(page.header("cache-control"), Some("no-store"));
            assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
            let by_browser = tried.ask(path, "127.0.0.1", &format!("{tag}-CH")).await;
            by_browser.says(&format!("<html lang=\"{tag}\">"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_reads_neither_codes_nor_messages() {
    let tried = Tried::new().await;
    tried.arrives("1", "mail", "marie@courriel.example", "123456", Some("<p>123456</p>"));
    for path in [
        "/",
        "/demo",
        "/demo/start.json",
        "/demo/outbox",
        "/demo/outbox.json",
        "/demo/outbox/1",
        "/demo/outbox/1/html",
        "/demo/app/reto.imhof@post.example",
    ] {
        for host in ["evil.example", "localhost.evil.example:8080"] {
            let page = tried.ask(path, host, "fr").await;
            assert_eq!(page.status(), 421, "{path} as {host}");
            assert!(!page.text.contains("123456") && !page.text.contains("CZ6E"), "{path} as {host}");
        }
        assert_eq!(tried.ask(path, "[::1]:9", "fr").await.status(), 200, "{path}");
    }
}
