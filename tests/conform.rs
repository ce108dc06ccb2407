//! `examples/conform`, started by its script as for an outside conformance run: over TLS, twice, with Alice and the clients of the document;
//! and the `openidconnect` crate as its judge. The judges in other languages are run by `scripts/interop.sh`.

use crate::serving::{Serving, done, poterne};
use crate::support::browser::Page;
use crate::support::program::{Ground, free_port};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientRegistrationRequest, CoreIdToken, CoreIdTokenClaims, CoreProviderMetadata,
    CoreResponseType, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::registration::{EmptyAdditionalClientMetadata, EmptyAdditionalClientRegistrationResponse};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, AuthorizationCodeHash, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::time::{Duration, Instant};
use url::Url;

const README: &str = include_str!("../examples/conform/README.md");
/// Where the suite of these tests would be: nothing goes there.
const SUITE: &str = "https://suite.example";

/// A conformance run's provider, and what is needed to talk to it.
struct Run {
    ground: Ground,
    port: u16,
    management: u16,
}

impl Run {
    fn new() -> Self {
        Self { ground: Ground::fresh(), port: free_port(), management: free_port() }
    }

    fn folder(&self) -> PathBuf {
        self.ground.at("data")
    }

    fn config(&self) -> PathBuf {
        self.folder().join("poterne.toml")
    }

    fn issuer(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// Starts it by its script; what the script said stands in the file `said` of this ground.
    async fn start(&self) -> Serving {
        let root = env!("CARGO_MANIFEST_DIR");
        let mut script = Command::new(format!("{root}/scripts/conform.sh"));
        let said = std::fs::File::create(self.ground.at("said")).expect("a file");
        script.current_dir(root).stdin(Stdio::null()).stdout(said);
        script.env("CONFORM_BINARY", env!("CARGO_BIN_EXE_poterne")).env("CONFORM_DATA", self.folder());
        script.env("CONFORM_PORT", self.port.to_string()).env("CONFORM_SUITE", SUITE);
        script.env("CONFORM_MANAGEMENT", format!("127.0.0.1:{}", self.management));
        Serving::run_heard(script, self.ground.at("log"), self.management).await
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.ground.at("said")).expect("what the script said")
    }

    /// Everything that was ever done, as the audit trail has it.
    fn events(&self) -> Vec<String> {
        let exported = done(poterne(&self.config(), &["audit", "export", "--realm", "op"]));
        exported.lines().map(str::to_owned).collect()
    }

    /// A client of HTTP that trusts the authority of this run, keeps cookies and follows nothing.
    fn wire(&self) -> reqwest::Client {
        let pem = std::fs::read(self.folder().join("tls/ca.pem")).expect("the script made an authority");
        let authority = reqwest::Certificate::from_pem(&pem).expect("a certificate");
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).cookie_store(true).no_proxy();
        client.tls_certs_only([authority]).build().expect("a client")
    }

    fn secret(name: &str) -> String {
        let file = format!("{}/examples/conform/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(file).expect("it is there").trim().to_owned()
    }
}

/// What the crate sends.
async fn fetched(wire: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = wire.execute(request.try_into()?).await?;
    let mut response = axum::http::Response::builder().status(answer.status());
    response.headers_mut().expect("headers").clone_from(answer.headers());
    Ok(response.body(answer.bytes().await?.to_vec()).expect("an answer"))
}

/// Alice goes to an address and on, signs in and consents where she is asked, until she is at the client: its address.
async fn signs_in(run: &Run, browser: &reqwest::Client, url: Url) -> Url {
    let (mut request, mut here) = (browser.get(url.clone()), url);
    for _ in 0..12 {
        let answer = request.send().await.expect("an answer");
        if let Some(to) = answer.headers().get("location") {
            here = here.join(to.to_str().expect("an address")).expect("an address");
            if !here.as_str().starts_with(&run.issuer()) {
                return here;
            }
            request = browser.get(here.clone());
            continue;
        }
        let page = Page {
            url: here.to_string(),
            status: answer.status().as_u16(),
            html: answer.text().await.expect("a page"),
            ..Page::default()
        };
        let alice = [("username", "alice@op.example".to_owned()), ("password", Run::secret("alice.password"))];
        let fields = match &page.html {
            html if html.contains("id=\"op-login\"") => alice.to_vec(),
            html if html.contains("id=\"op-consent\"") => vec![],
            _ => panic!("{} ({}): {}", page.url, page.status, page.text()),
        };
        let consent = if fields.is_empty() { "allow" } else { "next" };
        let form: Vec<(&str, String)> = fields.into_iter().chain([("action", consent.to_owned())]).collect();
        here = here.join(&page.form_action()).expect("an address");
        request = browser.post(here.clone()).header("origin", run.issuer()).form(&form);
    }
    panic!("redirects without end at {here}");
}

/// The crate as a client developer uses it, for one client.
struct Judge<'a> {
    run: &'a Run,
    wire: reqwest::Client,
    metadata: CoreProviderMetadata,
    client_id: String,
    secret: String,
}

/// What a journey brought.
struct Signed {
    answer: Url,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

impl Signed {
    fn parameter(&self, name: &str) -> String {
        let fragment = self.answer.fragment().unwrap_or_default();
        let text = if fragment.is_empty() { self.answer.query().unwrap_or_default() } else { fragment };
        let mut pairs = url::form_urlencoded::parse(text.as_bytes());
        pairs.find(|(key, _)| key == name).unwrap_or_else(|| panic!("no {name} in {}", self.answer)).1.into_owned()
    }
}

/// The crate's client, built anew from the metadata; a macro because its type names every endpoint that is set.
macro_rules! client {
    ($judge:expr) => {
        CoreClient::from_provider_metadata(
            $judge.metadata.clone(),
            ClientId::new($judge.client_id.clone()),
            Some(ClientSecret::new($judge.secret.clone())),
        )
        .set_redirect_uri(RedirectUrl::new(format!("{SUITE}/test/a/poterne/callback")).expect("an address"))
    };
}

impl<'a> Judge<'a> {
    async fn of(run: &'a Run, client_id: &str) -> Self {
        let wire = run.wire();
        let http = |request| fetched(wire.clone(), request);
        let issuer = IssuerUrl::new(run.issuer()).expect("an issuer");
        let metadata = CoreProviderMetadata::discover_async(issuer, &http).await.expect("the crate takes the metadata");
        let secret = Run::secret(&format!("{client_id}.secret"));
        Self { run, wire, metadata, client_id: client_id.to_owned(), secret }
    }

    async fn signed(&self, flow: CoreAuthenticationFlow) -> Signed {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = client!(self);
        let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random).set_pkce_challenge(challenge);
        let scopes = ["profile", "email", "address", "phone"].map(|scope| Scope::new(scope.to_owned()));
        let (url, state, nonce) = request.add_scopes(scopes).url();
        let answer = signs_in(self.run, &self.run.wire(), url).await;
        let signed = Signed { answer, nonce, verifier };
        assert_eq!(signed.parameter("state"), *state.secret());
        signed
    }

    async fn redeemed(&self, signed: Signed) -> (CoreTokenResponse, CoreIdTokenClaims) {
        let http = |request| fetched(self.wire.clone(), request);
        let client = client!(self);
        let exchange = client.exchange_code(AuthorizationCode::new(signed.parameter("code"))).expect("a token endpoint");
        let tokens = exchange.set_pkce_verifier(signed.verifier).request_async(&http).await.expect("tokens");
        let (id_token, verifier) = (tokens.id_token().expect("an ID token"), client.id_token_verifier());
        let claims = id_token.claims(&verifier, &signed.nonce).expect("the crate takes the ID token").clone();
        if let Some(hash) = claims.access_token_hash() {
            let (alg, key) = (id_token.signing_alg().expect("known"), id_token.signing_key(&verifier).expect("published"));
            assert_eq!(*hash, AccessTokenHash::from_token(tokens.access_token(), alg, key).expect("a hash"));
        }
        (tokens, claims)
    }

    /// Everything after the code: refresh and userinfo.
    async fn uses(&self, tokens: &CoreTokenResponse, claims: &CoreIdTokenClaims) {
        let (http, client) = (|request| fetched(self.wire.clone(), request), client!(self));
        let refresh = tokens.refresh_token().expect("a refresh token");
        let again = client.exchange_refresh_token(refresh).expect("a token endpoint").request_async(&http).await;
        let again = again.expect("fresh tokens");
        let subject = claims.subject().clone();
        let userinfo = client.user_info(again.access_token().clone(), Some(subject)).expect("a userinfo endpoint");
        let known: CoreUserInfoClaims = userinfo.request_async(&http).await.expect("the crate takes the userinfo");
        let nickname = known.nickname().and_then(|name| name.get(None)).map(|name| name.as_str().to_owned());
        assert_eq!(nickname.as_deref(), Some("Ali"));
        assert_eq!(known.address().and_then(|address| address.postal_code.as_ref()).map(|code| code.as_str()), Some("1003"));
        assert_eq!(known.phone_number_verified(), Some(true));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conformance_run_starts_from_nothing_alice_signs_in_and_a_second_start_changes_nothing() {
    let run = Run::new();
    let mut serving = run.start().await;
    for client in ["client-1", "client-2"] {
        let judge = Judge::of(&run, client).await;
        let (tokens, claims) = judge.redeemed(judge.signed(CoreAuthenticationFlow::AuthorizationCode).await).await;
        judge.uses(&tokens, &claims).await;
    }
    the_key_set_follows_a_rotation(&run).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let before = run.events();
    assert!(before.iter().any(|event| event.contains("account.created")), "{before:?}");
    assert_eq!(serving.stop(), Some(0), "{}", serving.said());

    let mut serving = run.start().await;
    let said = run.said();
    for words in
        ["nothing was to do", "as the document says", "has an account: nothing was changed", "already: nothing was changed"]
    {
        assert!(said.contains(words), "«{words}» is missing in:\n{said}");
    }
    assert_eq!(run.events(), before, "the second start changed something");
    let judge = Judge::of(&run, "client-1").await;
    judge.redeemed(judge.signed(CoreAuthenticationFlow::AuthorizationCode).await).await;
    assert_eq!(serving.stop(), Some(0), "{}", serving.said());
}

/// The next keys are published ten seconds before they may sign; then a rotation is seen within a second.
async fn the_key_set_follows_a_rotation(run: &Run) {
    let wire = run.wire();
    let key_set = async || -> Value {
        let answer = wire.get(format!("{}/jwks", run.issuer())).send().await.expect("an answer");
        serde_json::from_str(&answer.text().await.expect("text")).expect("JSON")
    };
    let before = key_set().await;
    let since = now();
    loop {
        let ended = poterne(&run.config(), &["key", "rotate", "--realm", "op"]).output().expect("it starts");
        if ended.status.success() {
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(15), "{}", String::from_utf8_lossy(&ended.stdout));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let rotated = now();
    while key_set().await == before {
        assert!(rotated.elapsed() < Duration::from_millis(1_500), "the rotation is not seen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the program runs by the machine's clock")]
fn now() -> Instant {
    Instant::now()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_openidconnect_crate_takes_hybrid_answers() {
    let run = Run::new();
    let mut serving = run.start().await;
    let judge = Judge::of(&run, "client-1").await;
    use CoreResponseType::{Code, IdToken, Token};
    for words in [vec![Code, IdToken], vec![Code, Token], vec![Code, IdToken, Token]] {
        let has_id_token = words.contains(&IdToken);
        let signed = judge.signed(CoreAuthenticationFlow::Hybrid(words)).await;
        if has_id_token {
            let client = client!(judge);
            let verifier = client.id_token_verifier();
            let id_token = CoreIdToken::from_str(&signed.parameter("id_token")).expect("an ID token");
            let claims = id_token.claims(&verifier, &signed.nonce).expect("the crate takes it");
            let (alg, key) = (id_token.signing_alg().expect("known"), id_token.signing_key(&verifier).expect("published"));
            let code = AuthorizationCode::new(signed.parameter("code"));
            assert_eq!(claims.code_hash(), Some(&AuthorizationCodeHash::from_code(&code, alg, key).expect("a hash")));
        }
        judge.redeemed(signed).await;
    }
    let register = judge.metadata.registration_endpoint().expect("registration is open").clone();
    let redirect = RedirectUrl::new(format!("{SUITE}/test/a/poterne/callback")).expect("an address");
    let request = CoreClientRegistrationRequest::new(vec![redirect], EmptyAdditionalClientMetadata::default());
    let http = |request| fetched(judge.wire.clone(), request);
    let registered = request.register_async(&register, &http).await;
    let registered: openidconnect::core::CoreClientRegistrationResponse = registered.expect("the crate takes the answer");
    let _: &EmptyAdditionalClientRegistrationResponse = registered.additional_response();
    let own = Judge {
        client_id: registered.client_id().to_string(),
        secret: registered.client_secret().expect("a secret").secret().clone(),
        wire: judge.wire.clone(),
        metadata: judge.metadata.clone(),
        run: &run,
    };
    own.redeemed(own.signed(CoreAuthenticationFlow::AuthorizationCode).await).await;
    assert_eq!(serving.stop(), Some(0), "{}", serving.said());
}

#[test]
fn the_page_of_the_run_names_password_secrets_and_variables() {
    let password = Run::secret("alice.password");
    assert!(
        password.len() == 16 && README.contains(&format!("`{password}`")),
        "the password of 16 characters stands on the page"
    );
    for client in ["client-1", "client-2", "client-post"] {
        assert!(
            Run::secret(&format!("{client}.secret")).len() >= 32 && README.contains(&format!("({client}.secret)")),
            "{client}"
        );
    }
    let script = include_str!("../scripts/conform.sh");
    let mut named = script.split("${CONFORM_").skip(1).filter_map(|rest| rest.split(|c: char| !c.is_ascii_uppercase()).next());
    assert!(named.all(|name| README.contains(&format!("`CONFORM_{name}`"))), "a variable is missing on the page");
}
