//! Whatever Poterne fetches from others, or posts to them: by one client, that goes only where it may, waits only a little, and reads only
//! so much (`docs/decisions/017-one-client-for-what-leaves.md`).

mod addresses;
mod answer;
mod kept;
mod lines;
mod resolver;
#[cfg(test)]
mod tests;
mod trust;

pub use addresses::{Allowed, NotAllowed};
pub use answer::{Fetched, OutboundError, Wanted};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use answer::{max_age, media_type};
pub(crate) use kept::{Document, Keeping, Kept, KeptError, Want};
pub use trust::Trust;

use crate::error::{Failure, Result};
use addresses::{is_loopback, may_go};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use lines::Lines;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder, Response, StatusCode};
use resolver::{Budget, LookUp, MACHINE};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
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
    /// By road. Each is made at its first fetch: reading the machine's trust anchors takes a while, and many processes fetch nothing.
    clients: [OnceLock<Result<Client, String>>; 5],
    /// What the operator's clients have under way, and what those that registered themselves have.
    own: Room,
    foreign: Room,
}

/// What some have under way: others wait for none of it.
struct Room {
    lines: Lines,
    budget: Budget,
}

impl Room {
    fn new(look_up: LookUp) -> Self {
        Self { lines: Lines::new(AT_ONCE, IN_LINE), budget: Budget::new(look_up) }
    }
}

/// Where a fetch may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Road {
    /// At addresses that are public, or of a network that is excepted.
    Guarded,
    /// Wherever the name leads: the operator named the host.
    Excepted,
    /// At public addresses.
    Foreign,
    /// At those, or on loopback where that is excepted.
    Loopback,
    /// At those, or anywhere on loopback: the operator named the host.
    LoopbackNamed,
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
        Self::looking_up(MACHINE, allowed, anchors)
    }

    fn looking_up(look_up: LookUp, allowed: Vec<Allowed>, anchors: Vec<Certificate>) -> Self {
        let (own, foreign) = (Room::new(look_up), Room::new(look_up));
        Self(Arc::new(Parts { allowed, anchors, clients: [const { OnceLock::new() }; 5], own, foreign }))
    }

    /// Fetches a document by GET, on somebody's word. Only an answer 200 is one; a redirect is not followed.
    ///
    /// # Errors
    /// Why there is no document: for the log and the operator, without the address.
    pub async fn get(&self, uri: &str, wanted: &Wanted, trust: Trust) -> Result<Fetched, OutboundError> {
        let (url, client) = self.admit(uri, trust)?;
        let accepted = if wanted.media_types.is_empty() { "*/*".to_owned() } else { wanted.media_types.join(", ") };
        let request = client.get(url.clone()).header(ACCEPT, accepted);
        self.within(&url, trust, async { answer::read(sent(request).await?, wanted).await }).await
    }

    /// Posts a form, on somebody's word, and says the status of the answer, whose body is not read; a redirect is not followed.
    ///
    /// # Errors
    /// Why there is no answer: for the log and the operator, without the address.
    pub async fn post_form(&self, uri: &str, fields: &[(&str, &str)], trust: Trust) -> Result<StatusCode, OutboundError> {
        let (url, client) = self.admit(uri, trust)?;
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = client.post(url.clone()).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
        self.within(&url, trust, async { Ok(sent(request).await?.status()) }).await
    }

    /// Whether this address could be fetched at all, as far as can be told without asking anybody: for registrations.
    ///
    /// # Errors
    /// [`OutboundError::Address`] or [`OutboundError::Forbidden`].
    pub fn check(&self, uri: &str, trust: Trust) -> Result<(), OutboundError> {
        self.place(uri, trust).map(|_| ())
    }

    /// Waits for a turn at this host, then does the work, all in the one time.
    async fn within<T>(
        &self,
        url: &Url,
        trust: Trust,
        work: impl Future<Output = Result<T, OutboundError>>,
    ) -> Result<T, OutboundError> {
        let host = url.host_str().unwrap_or_default();
        let room = if trust == Trust::Operator { &self.0.own } else { &self.0.foreign };
        let turn = async {
            let _place = room.lines.enter(host).await.ok_or(OutboundError::Busy)?;
            work.await
        };
        timeout(TOTAL, turn).await.unwrap_or(Err(OutboundError::TooSlow))
    }

    fn admit(&self, uri: &str, trust: Trust) -> Result<(Url, &Client), OutboundError> {
        let (url, road) = self.place(uri, trust)?;
        let [guarded, excepted, foreign, loopback, loopback_named] = &self.0.clients;
        let client = match road {
            Road::Guarded => guarded,
            Road::Excepted => excepted,
            Road::Foreign => foreign,
            Road::Loopback => loopback,
            Road::LoopbackNamed => loopback_named,
        };
        let client = client.get_or_init(|| self.client(road)).as_ref().map_err(|why| OutboundError::Setup(why.clone()))?;
        Ok((url, client))
    }

    /// What an address names, and by which road one goes there. Where a name leads is only known after resolution.
    fn place(&self, uri: &str, trust: Trust) -> Result<(Url, Road), OutboundError> {
        let url =
            Url::parse(uri).ok().filter(|url| uri.len() <= LONGEST && url.username().is_empty() && url.password().is_none());
        let url = url.ok_or(OutboundError::Address)?;
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else { return Err(OutboundError::Address) };
        let named = trust != Trust::STRICT && self.0.allowed.iter().any(|allowed| allowed.names(&host, port));
        let road = match trust {
            Trust::Operator if named => Road::Excepted,
            Trust::Operator => Road::Guarded,
            Trust::Registered { loopback: true } if named => Road::LoopbackNamed,
            Trust::Registered { loopback: true } => Road::Loopback,
            Trust::Registered { loopback: false } => Road::Foreign,
        };
        let literal: Option<IpAddr> = match host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        };
        let networks = self.networks(road);
        if literal.is_some_and(|address| road != Road::Excepted && !may_go(address, &networks)) {
            return Err(OutboundError::Forbidden);
        }
        match url.scheme() {
            "https" => Ok((url, road)),
            "http" if is_loopback(&host) && (named || networks.iter().any(|network| network.addr().is_loopback())) => {
                Ok((url, road))
            }
            _ => Err(OutboundError::Address),
        }
    }

    /// What a road leads to beside public addresses; what is excepted by name leads anywhere.
    fn networks(&self, road: Road) -> Vec<IpNet> {
        let excepted = self.0.allowed.iter().filter_map(Allowed::network);
        match road {
            Road::Guarded => excepted.collect(),
            Road::Loopback => excepted.filter(|network| network.addr().is_loopback()).collect(),
            Road::LoopbackNamed => {
                let v4 = Ipv4Net::new_assert(Ipv4Addr::LOCALHOST, 8).trunc();
                vec![v4.into(), Ipv6Net::from(Ipv6Addr::LOCALHOST).into()]
            }
            Road::Excepted | Road::Foreign => Vec::new(),
        }
    }

    fn client(&self, road: Road) -> Result<Client, String> {
        let budget = match road {
            Road::Excepted => None,
            Road::Guarded => Some(&self.0.own.budget),
            Road::Foreign | Road::Loopback | Road::LoopbackNamed => Some(&self.0.foreign.budget),
        };
        let builder = self.builder();
        let builder = match budget {
            Some(budget) => builder.dns_resolver(budget.guard(self.networks(road))),
            None => builder,
        };
        builder.build().map_err(|error| error.to_string())
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
