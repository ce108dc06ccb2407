//! Whatever Poterne fetches from others, or posts to them: by one client, that goes only where it may, waits only a little, and reads only
//! so much (`docs/decisions/017-one-client-for-what-leaves.md`).

mod addresses;
mod answer;
mod kept;
mod lines;
mod resolver;
#[cfg(test)]
mod tests;

pub use addresses::{Allowed, NotAllowed};
pub use answer::{Fetched, OutboundError, Wanted};
pub(crate) use kept::{Document, Keeping, Kept, KeptError, Want};

use crate::error::{Failure, Result};
use addresses::{is_loopback, may_go};
use ipnet::IpNet;
use lines::Lines;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder, Response, StatusCode};
use resolver::Guard;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::timeout;
use url::{Host, Url};

/// How long a host may take to let us in.
const CONNECT: Duration = Duration::from_secs(2);
/// How long one fetch may take, waiting for its turn included.
const TOTAL: Duration = Duration::from_secs(5);
/// Fetches of one host at once; more wait.
const AT_ONCE: usize = 4;
/// Fetches of one host that wait or are under way; more are refused.
const IN_LINE: usize = 32;
/// Longest address that is fetched, in bytes.
const LONGEST: usize = 2048;
/// Who we say we are.
const AGENT: &str = concat!("Poterne/", env!("CARGO_PKG_VERSION"));

/// The one client for what leaves: keys, request objects, sector documents, logos, logout tokens. Cheap to clone.
#[derive(Clone)]
pub struct Outbound(Arc<Parts>);

struct Parts {
    allowed: Vec<Allowed>,
    anchors: Vec<Certificate>,
    /// Made at the first fetch: reading the machine's trust anchors takes a while, and many processes fetch nothing.
    clients: OnceLock<Result<Clients, String>>,
    lines: Lines,
}

struct Clients {
    /// For everybody: goes nowhere but to addresses that are public or excepted.
    guarded: Client,
    /// For hosts that the operator named: goes wherever their names lead.
    excepted: Client,
}

impl Default for Outbound {
    /// Without exceptions, and with the trust anchors of the machine alone.
    fn default() -> Self {
        Self::made(Vec::new(), Vec::new())
    }
}

impl Outbound {
    /// A client with an operator's exceptions, and with trust anchors (certificates in PEM) beside those of the machine.
    ///
    /// # Errors
    /// [`Failure::Settings`] where the trust anchors are no certificates.
    pub fn new(allowed: Vec<Allowed>, trust_anchors: Option<&[u8]>) -> Result<Self> {
        let read = trust_anchors.map(Certificate::from_pem_bundle).transpose();
        let anchors = read.map_err(|_| Failure::Settings("outbound.trust_anchors: not certificates in PEM".into()))?;
        if anchors.as_ref().is_some_and(Vec::is_empty) {
            return Err(Failure::Settings("outbound.trust_anchors: no certificate in it".into()));
        }
        Ok(Self::made(allowed, anchors.unwrap_or_default()))
    }

    fn made(allowed: Vec<Allowed>, anchors: Vec<Certificate>) -> Self {
        Self(Arc::new(Parts { allowed, anchors, clients: OnceLock::new(), lines: Lines::new(AT_ONCE, IN_LINE) }))
    }

    /// Fetches a document by GET. Only an answer 200 is one; a redirect is not followed.
    ///
    /// # Errors
    /// Why there is no document: for the log and the operator, without the address.
    pub async fn get(&self, uri: &str, wanted: &Wanted) -> Result<Fetched, OutboundError> {
        let (url, client) = self.admit(uri)?;
        let accepted = if wanted.media_types.is_empty() { "*/*".to_owned() } else { wanted.media_types.join(", ") };
        let request = client.get(url.clone()).header(ACCEPT, accepted);
        self.within(&url, async { answer::read(sent(request).await?, wanted).await }).await
    }

    /// Posts a form, and says the status of the answer, whose body is not read; a redirect is not followed.
    ///
    /// # Errors
    /// Why there is no answer: for the log and the operator, without the address.
    pub async fn post_form(&self, uri: &str, fields: &[(&str, &str)]) -> Result<StatusCode, OutboundError> {
        let (url, client) = self.admit(uri)?;
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = client.post(url.clone()).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        self.within(&url, async { Ok(sent(request).await?.status()) }).await
    }

    /// Whether this address could be fetched at all, as far as can be told without asking anybody: for registrations.
    ///
    /// # Errors
    /// [`OutboundError::Address`] or [`OutboundError::Forbidden`].
    pub fn check(&self, uri: &str) -> Result<(), OutboundError> {
        self.place(uri).map(|_| ())
    }

    /// Waits for a turn at this host, then does the work, all in the one time.
    async fn within<T>(&self, url: &Url, work: impl Future<Output = Result<T, OutboundError>>) -> Result<T, OutboundError> {
        let host = url.host_str().unwrap_or_default();
        let turn = async {
            let _place = self.0.lines.enter(host).await.ok_or(OutboundError::Busy)?;
            work.await
        };
        timeout(TOTAL, turn).await.unwrap_or(Err(OutboundError::TooSlow))
    }

    fn admit(&self, uri: &str) -> Result<(Url, &Client), OutboundError> {
        let (url, excepted) = self.place(uri)?;
        let clients = self.0.clients.get_or_init(|| self.clients());
        let clients = clients.as_ref().map_err(|why| OutboundError::Setup(why.clone()))?;
        Ok((url, if excepted { &clients.excepted } else { &clients.guarded }))
    }

    /// What an address names, and whether the operator excepted that very host. Where a name leads is only known after resolution.
    fn place(&self, uri: &str) -> Result<(Url, bool), OutboundError> {
        let url =
            Url::parse(uri).ok().filter(|url| uri.len() <= LONGEST && url.username().is_empty() && url.password().is_none());
        let url = url.ok_or(OutboundError::Address)?;
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else { return Err(OutboundError::Address) };
        let networks = self.networks();
        let excepted = self.0.allowed.iter().any(|allowed| allowed.names(&host, port));
        let literal = match host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        };
        if literal.is_some_and(|address| !excepted && !may_go(address, &networks)) {
            return Err(OutboundError::Forbidden);
        }
        match url.scheme() {
            "https" => Ok((url, excepted)),
            "http" if is_loopback(&host) && (excepted || networks.iter().any(|network| network.addr().is_loopback())) => {
                Ok((url, excepted))
            }
            _ => Err(OutboundError::Address),
        }
    }

    fn networks(&self) -> Vec<IpNet> {
        self.0.allowed.iter().filter_map(Allowed::network).collect()
    }

    fn clients(&self) -> Result<Clients, String> {
        let guarded = self.builder().dns_resolver(Guard::new(self.networks()));
        let build = |builder: ClientBuilder| builder.build().map_err(|error| error.to_string());
        Ok(Clients { guarded: build(guarded)?, excepted: build(self.builder())? })
    }

    fn builder(&self) -> ClientBuilder {
        let builder = Client::builder().user_agent(AGENT).redirect(Policy::none()).no_proxy().referer(false);
        let builder = builder.connect_timeout(CONNECT).timeout(TOTAL).pool_max_idle_per_host(1);
        builder.pool_idle_timeout(Duration::from_secs(20)).tls_certs_merge(self.0.anchors.clone())
    }
}

async fn sent(request: RequestBuilder) -> Result<Response, OutboundError> {
    request.send().await.map_err(|error| OutboundError::of(&error))
}
