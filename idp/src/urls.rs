//! Every path and absolute URL of a realm, made from its issuer: no request header ever reaches a link.

pub mod paths;

use poterne_protocol::id::{EnrollmentId, FlowId, NotMeLinkId, ParkedRequestId, RecoveryId};
use poterne_protocol::secret::Handle;
use poterne_protocol::wire::with_query;
use serde::{Deserialize, Serialize};

/// The URLs of one realm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    issuer: String,
    /// Scheme, host and port.
    origin: String,
    /// The issuer's path, without a slash at the end; empty at the root.
    path: String,
    host: String,
    authority: String,
    port: Option<u16>,
    secure: bool,
}

/// A page of the person's own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountPage {
    /// What there is to see.
    Overview,
    /// The change of password.
    Password,
}

impl Urls {
    /// The URLs under an issuer.
    ///
    /// # Errors
    /// When the issuer is no absolute URL with a host.
    pub fn new(issuer: &str) -> Result<Self, url::ParseError> {
        let url = url::Url::parse(issuer)?;
        let host = url.host_str().ok_or(url::ParseError::EmptyHost)?.to_owned();
        let path = url.path().trim_end_matches('/').to_owned();
        let origin = url.origin().ascii_serialization();
        let authority = url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        let secure = url.scheme() == "https";
        Ok(Self { issuer: issuer.to_owned(), origin, path, host, authority, port: url.port(), secure })
    }

    /// The issuer, byte for byte as everywhere else.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Scheme, host and port: what browsers send as `Origin`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The issuer's path, without a slash at the end; empty at the root.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The host name, without port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Host and port as browsers send them in `Host`.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The port, where the issuer names one.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether cookies are `Secure`.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// The absolute URL of a path below the issuer.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// Where the authorization endpoint takes a flow up again.
    #[must_use]
    pub fn authorize_flow(&self, flow: FlowId) -> String {
        format!("{}{}?flow={flow}", self.issuer, paths::AUTHORIZE)
    }

    /// Where the authorization endpoint ends a flow because its person cancelled: the client gets `access_denied`.
    #[must_use]
    pub fn authorize_cancel(&self, flow: FlowId) -> String {
        format!("{}&cancel=1", self.authorize_flow(flow))
    }

    /// Where an endpoint takes up a request that was posted to it: the authorization endpoint or the end-session endpoint.
    #[must_use]
    pub fn parked(&self, endpoint: &str, parked: ParkedRequestId) -> String {
        format!("{}{endpoint}?parked={parked}", self.issuer)
    }

    /// Where a client that registered itself sees and changes its registration.
    #[must_use]
    pub fn registered(&self, client_id: &str) -> String {
        format!("{}{}/{client_id}", self.issuer, paths::REGISTER)
    }

    /// The page that asks before signing out.
    #[must_use]
    pub fn logout_confirm(&self, parked: Option<ParkedRequestId>) -> String {
        let question = self.at(paths::LOGOUT_CONFIRM);
        parked.map_or_else(|| question.clone(), |parked| format!("{question}/{parked}"))
    }

    /// The page after signing out; with the client whose home page it offers.
    #[must_use]
    pub fn logged_out(&self, client_id: Option<&str>) -> String {
        let page = format!("{}{}", self.issuer, paths::LOGGED_OUT);
        client_id.map_or_else(|| page.clone(), |client_id| with_query(&page, &[("client_id", client_id)]))
    }

    /// The page that loads portals' own pages after signing out, and then goes where the request waits to go.
    #[must_use]
    pub fn logged_out_of(&self, parked: ParkedRequestId) -> String {
        format!("{}{}/{parked}", self.issuer, paths::LOGGED_OUT)
    }

    /// The sign-in page of a flow.
    #[must_use]
    pub fn login(&self, flow: FlowId) -> String {
        format!("{}/ui/login/{flow}", self.issuer)
    }

    /// The sign-in page of a flow, which the provider itself found to be needed. The mark keeps a browser whose session
    /// is not enough for what the portal asks from being sent round for ever.
    #[must_use]
    pub fn login_here(&self, flow: FlowId) -> String {
        format!("{}?here=1", self.login(flow))
    }

    /// The sign-in page of a flow that was begun for this very browser. The mark tells a browser that refuses cookies.
    #[must_use]
    pub fn login_begun(&self, flow: FlowId) -> String {
        format!("{}?begun=1", self.login(flow))
    }

    /// The page of the second factor of a flow.
    #[must_use]
    pub fn login_factor(&self, flow: FlowId) -> String {
        format!("{}/factor", self.login(flow))
    }

    /// The page that says that the portal does not serve this person.
    #[must_use]
    pub fn login_not_served(&self, flow: FlowId) -> String {
        format!("{}/not-served", self.login(flow))
    }

    /// The choice among the accounts that are signed in with this browser, in a flow.
    #[must_use]
    pub fn login_accounts(&self, flow: FlowId) -> String {
        format!("{}/accounts", self.login(flow))
    }

    /// The page of a flow that asks for consent.
    #[must_use]
    pub fn consent(&self, flow: FlowId) -> String {
        format!("{}/ui/consent/{flow}", self.issuer)
    }

    /// A client's logo as we keep it. The mark changes with the picture, so that browsers may keep what they have.
    #[must_use]
    pub fn client_logo(&self, client_id: &str, mark: &str) -> String {
        format!("{}/ui/client-logo/{client_id}?v={mark}", self.issuer)
    }

    /// The terms of use, to be accepted in a flow.
    #[must_use]
    pub fn login_terms(&self, flow: FlowId) -> String {
        format!("{}/terms", self.login(flow))
    }

    /// Where the reset of a forgotten password begins; with the flow that it goes back to.
    #[must_use]
    pub fn recovery(&self, flow: Option<FlowId>) -> String {
        format!("{}{}{}", self.issuer, paths::RECOVERY, flow_query(flow))
    }

    /// The page of a reset that asks for the code from the mail.
    #[must_use]
    pub fn recovery_code(&self, recovery: RecoveryId) -> String {
        format!("{}{}/{recovery}/code", self.issuer, paths::RECOVERY)
    }

    /// The page of a reset that asks for the second factor.
    #[must_use]
    pub fn recovery_factor(&self, recovery: RecoveryId) -> String {
        format!("{}{}/{recovery}/factor", self.issuer, paths::RECOVERY)
    }

    /// The page of a reset that asks for the new password.
    #[must_use]
    pub fn recovery_password(&self, recovery: RecoveryId) -> String {
        format!("{}{}/{recovery}/password", self.issuer, paths::RECOVERY)
    }

    /// The page that says that the password is changed.
    #[must_use]
    pub fn recovery_done(&self, recovery: RecoveryId) -> String {
        format!("{}{}/{recovery}/done", self.issuer, paths::RECOVERY)
    }

    /// What to do without the second factor, asked in a sign-in.
    #[must_use]
    pub fn lost_factor(&self, flow: FlowId) -> String {
        format!("{}{}?flow={flow}", self.issuer, paths::LOST_FACTOR)
    }

    /// What to do without the second factor, asked in a reset.
    #[must_use]
    pub fn lost_factor_in(&self, recovery: RecoveryId) -> String {
        format!("{}{}?recovery={recovery}", self.issuer, paths::LOST_FACTOR)
    }

    /// A page of the person's own account, with the portal they came from.
    #[must_use]
    pub fn account(&self, page: AccountPage, portal: Option<&str>) -> String {
        let path = match page {
            AccountPage::Overview => paths::ACCOUNT,
            AccountPage::Password => paths::ACCOUNT_PASSWORD,
        };
        self.account_from(path, portal)
    }

    /// A path of the person's own account, with the portal they came from.
    #[must_use]
    pub fn account_from(&self, path: &str, portal: Option<&str>) -> String {
        let page = self.at(path);
        portal.map_or_else(|| page.clone(), |client_id| with_query(&page, &[("client_id", client_id)]))
    }

    /// The page of the person's own account that takes a client's access back, with the portal they came from.
    #[must_use]
    pub fn account_app(&self, client_id: &str, portal: Option<&str>) -> String {
        self.account_from(&format!("{}/apps/{client_id}", paths::ACCOUNT), portal)
    }

    /// The «this was not me» link of a notice. It is itself a secret.
    #[must_use]
    pub fn not_me(&self, handle: &Handle<NotMeLinkId>) -> String {
        format!("{}/ui/not-me/{}", self.issuer, handle.expose())
    }

    /// The choice of populations; with the flow that enrollment goes back to.
    #[must_use]
    pub fn enroll(&self, flow: Option<FlowId>) -> String {
        format!("{}/ui/enroll{}", self.issuer, flow_query(flow))
    }

    /// Step 1 for a population.
    #[must_use]
    pub fn enroll_population(&self, population: &str, flow: Option<FlowId>) -> String {
        format!("{}/ui/enroll/as/{population}{}", self.issuer, flow_query(flow))
    }

    /// The terms of use of a population.
    #[must_use]
    pub fn terms(&self, population: &str) -> String {
        format!("{}/ui/terms/{population}", self.issuer)
    }

    /// One published version of a population's terms of use.
    #[must_use]
    pub fn terms_version(&self, population: &str, version: u32) -> String {
        format!("{}/{version}", self.terms(population))
    }

    /// A step of an enrollment, such as `data` or `email`.
    #[must_use]
    pub fn enrollment(&self, enrollment: EnrollmentId, step: &str) -> String {
        format!("{}/ui/enroll/in/{enrollment}/{step}", self.issuer)
    }
}

fn flow_query(flow: Option<FlowId>) -> String {
    flow.map_or_else(String::new, |flow| format!("?flow={flow}"))
}
