//! What relying parties and people ask the provider.

use super::load::{Answer, Connection, Work};
use super::provider::{Fund, PASSWORD, login};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use poterne_protocol::secret::Digest;
use std::collections::VecDeque;
use std::fmt::Write;
use url::form_urlencoded::byte_serialize;

/// The issuer's path.
pub const ISSUER: &str = "/bench";
const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more-12345";

/// A request without a body.
pub fn get(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n").into_bytes()
}

/// A posted form.
pub fn post(path: &str, headers: &str, form: &str) -> Vec<u8> {
    let length = form.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\
         {headers}\r\n{form}"
    )
    .into_bytes()
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// The header with which a client proves who it is.
pub fn basic(fund: &Fund, client: &str) -> String {
    let secret = fund.secrets.get(client).expect("a client with a secret");
    format!("authorization: Basic {}\r\n", STANDARD.encode(format!("{client}:{secret}")))
}

/// The same requests, in turn.
pub struct Same {
    requests: Vec<Vec<u8>>,
    next: usize,
}

impl Same {
    /// All of these, beginning at one of them.
    pub fn of(requests: Vec<Vec<u8>>, begin: usize) -> Self {
        Self { requests, next: begin }
    }
}

impl Work for Same {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        request.extend_from_slice(&self.requests[self.next % self.requests.len()]);
        self.next += 1;
        true
    }

    fn took(&mut self, answer: &Answer<'_>) -> bool {
        assert_eq!(answer.status, 200, "{}{}", answer.head, String::from_utf8_lossy(answer.body));
        true
    }
}

/// Where a portal's authorization request goes.
fn authorize(client: &str, prompt: &str) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Digest::of(VERIFIER.as_bytes()).as_bytes());
    format!(
        "{ISSUER}/authorize?response_type=code&client_id={client}&redirect_uri={}&scope=openid+profile+email&state=s&nonce=n\
         &prompt={prompt}&code_challenge={challenge}&code_challenge_method=S256",
        encoded(&redirect_uri(client))
    )
}

fn redirect_uri(client: &str) -> String {
    format!("https://{client}.example/callback")
}

/// The form that redeems a code; the confidential client's header goes beside it.
fn redeeming(client: &str, code: &str) -> String {
    let named = if client == "pages" { "&client_id=pages" } else { "" };
    let redirect_uri = encoded(&redirect_uri(client));
    format!("grant_type=authorization_code&code={code}&redirect_uri={redirect_uri}&code_verifier={VERIFIER}{named}")
}

/// Asks for codes where somebody is signed in already: how codes are prepared.
pub struct AskForCodes {
    client: &'static str,
    cookie: String,
    left: usize,
    /// Those that came.
    pub codes: Vec<String>,
}

impl AskForCodes {
    /// This many, with the cookie of whoever is signed in.
    pub fn new(client: &'static str, cookie: &str, count: usize) -> Self {
        Self { client, cookie: cookie.to_owned(), left: count, codes: Vec::with_capacity(count) }
    }
}

impl Work for AskForCodes {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        request.extend(get(&authorize(self.client, "none"), &format!("cookie: {}\r\n", self.cookie)));
        true
    }

    fn took(&mut self, answer: &Answer<'_>) -> bool {
        let to = answer.header("location").expect("it leads back");
        let code = to.split(['?', '&']).find_map(|pair| pair.strip_prefix("code="));
        self.codes.push(code.unwrap_or_else(|| panic!("no code in {to}")).to_owned());
        true
    }
}

/// Asks for a code and an ID token at once, where somebody is signed in already.
pub struct Hybrid {
    cookie: String,
}

impl Hybrid {
    /// With the cookie of whoever is signed in.
    pub fn new(cookie: &str) -> Self {
        Self { cookie: cookie.to_owned() }
    }
}

impl Work for Hybrid {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        let path = authorize("hybrid", "none").replace("response_type=code&", "response_type=code+id_token&");
        request.extend(get(&path, &format!("cookie: {}\r\n", self.cookie)));
        true
    }

    fn took(&mut self, answer: &Answer<'_>) -> bool {
        let to = answer.header("location").expect("it leads back");
        assert!(to.contains('#') && to.contains("code=") && to.contains("id_token="), "{to}");
        true
    }
}

/// Registers clients, each the same and each anew (RFC 7591 section 3).
pub struct Register;

impl Work for Register {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        let json = r#"{"client_name":"Portal","redirect_uris":["https://registered.example/callback"]}"#;
        let length = json.len();
        let head = format!(
            "POST {ISSUER}/register HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        request.extend(head.into_bytes());
        request.extend(json.as_bytes());
        true
    }

    fn took(&mut self, answer: &Answer<'_>) -> bool {
        assert_eq!(answer.status, 201, "{}{}", answer.head, String::from_utf8_lossy(answer.body));
        true
    }
}

/// Redeems codes.
pub struct Redeem {
    client: &'static str,
    header: String,
    codes: Vec<String>,
    /// What came for each: the JSON of the token endpoint.
    pub answers: Vec<String>,
    keep: bool,
}

impl Redeem {
    /// These codes; the answers are kept where they are needed.
    pub fn new(fund: &Fund, client: &'static str, codes: Vec<String>, keep: bool) -> Self {
        let header = if client == "pages" { String::new() } else { basic(fund, client) };
        Self { client, header, codes, answers: Vec::new(), keep }
    }
}

impl Work for Redeem {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        let Some(code) = self.codes.pop() else { return false };
        request.extend(post(&format!("{ISSUER}/token"), &self.header, &redeeming(self.client, &code)));
        true
    }

    fn took(&mut self, answer: &Answer<'_>) -> bool {
        let body = String::from_utf8_lossy(answer.body);
        assert_eq!(answer.status, 200, "{body}");
        if self.keep {
            self.answers.push(body.into_owned());
        }
        true
    }
}

/// A text member of a JSON object without escapes, as tokens are.
pub fn member<'a>(json: &'a str, name: &str) -> &'a str {
    let at = json.find(&format!("\"{name}\":\"")).unwrap_or_else(|| panic!("no {name} in {json}"));
    json[at + name.len() + 4..].split('"').next().expect("a value")
}

/// Uses refresh tokens of a public client, each of which is replaced by its successor.
pub struct Refresh {
    tokens: VecDeque<String>,
}

impl Refresh {
    /// With these to begin with, one after the other.
    pub fn new(tokens: impl IntoIterator<Item = String>) -> Self {
        Self { tokens: tokens.into_iter().collect() }
    }
}

impl Work for Refresh {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        let token = self.tokens.pop_front().expect("a token");
        let form = format!("grant_type=refresh_token&client_id=pages&refresh_token={token}");
        request.extend(post(&format!("{ISSUER}/token"), "", &form));
        true
    }

    fn took(&mut self, answer: &Answer<'_>) -> bool {
        let body = std::str::from_utf8(answer.body).expect("JSON");
        assert_eq!(answer.status, 200, "{body}");
        self.tokens.push_back(member(body, "refresh_token").to_owned());
        true
    }
}

/// Signs one person in again and again, in one browser: the request for it, then name and password.
pub struct SignIn {
    login: String,
    /// The browser's cookie, as it is sent.
    pub cookie: String,
    flow: Option<String>,
}

impl SignIn {
    /// The person of this number, in a fresh browser.
    pub fn of(number: usize) -> Self {
        Self { login: login(number), cookie: String::new(), flow: None }
    }

    /// Signs in once, outside a run; the browser's cookie.
    pub async fn once(mut self, connection: &mut Connection) -> String {
        let mut request = Vec::new();
        for _ in 0..2 {
            request.clear();
            self.next(&mut request);
            let answer = connection.ask(&request).await;
            self.took(&answer);
        }
        self.cookie
    }
}

impl Work for SignIn {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        let mut headers = String::from("sec-fetch-site: same-origin\r\n");
        if !self.cookie.is_empty() {
            write!(headers, "cookie: {}\r\n", self.cookie).expect("memory");
        }
        request.extend(match &self.flow {
            None => get(&authorize("portal", "login"), &headers),
            Some(flow) => {
                let form = format!("username={}&password={}&action=next", encoded(&self.login), encoded(PASSWORD));
                post(flow, &headers, &form)
            }
        });
        true
    }

    fn took(&mut self, answer: &Answer<'_>) -> bool {
        let shown = || format!("{}{}", answer.head, String::from_utf8_lossy(answer.body));
        assert_eq!(answer.status, 303, "{}", shown());
        if let Some(cookie) = answer.header("set-cookie") {
            cookie.split(';').next().unwrap_or_default().clone_into(&mut self.cookie);
        }
        let to = answer.header("location").expect("it leads on").to_owned();
        if self.flow.take().is_some() {
            assert!(to.contains("/authorize?flow="), "not signed in: {}", shown());
            return true;
        }
        let path = to.find(ISSUER).expect("a path of the provider");
        self.flow = Some(to[path..].to_owned());
        false
    }
}
