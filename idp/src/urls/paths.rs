//! Paths below the issuer, as routes and URLs share them.

/// Names each path and lists them all, so that no route can be missing where something is asked of every route.
macro_rules! routes {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $path;)*
        /// Every route of a realm, as axum writes paths.
        pub const ROUTES: &[&str] = &[$($name),*];
    };
}

routes! {
    /// The realm's own page: who this is, and its portals.
    HOME = "/";
    /// Discovery document (OpenID Connect Discovery 1.0 section 4).
    DISCOVERY = "/.well-known/openid-configuration";
    /// Public keys (RFC 7517).
    JWKS = "/jwks";
    /// Authorization endpoint (RFC 6749 section 3.1).
    AUTHORIZE = "/authorize";
    /// Token endpoint (RFC 6749 section 3.2).
    TOKEN = "/token";
    /// Userinfo endpoint (OpenID Connect Core section 5.3).
    USERINFO = "/userinfo";
    /// Introspection endpoint (RFC 7662 section 2).
    INTROSPECT = "/introspect";
    /// Revocation endpoint (RFC 7009 section 2).
    REVOKE = "/revoke";
    /// Registration endpoint (RFC 7591 section 3).
    REGISTER = "/register";
    /// A registered client's own registration (RFC 7592 section 2).
    REGISTERED = "/register/{client_id}";
    /// The page that watches the session (Session Management section 3.3).
    CHECK_SESSION = "/check-session";
    /// End-session endpoint (RP-Initiated Logout section 2).
    LOGOUT = "/logout";
    /// The page that asks before signing out.
    LOGOUT_CONFIRM = "/ui/logout";
    /// The same page, for a request that waits.
    LOGOUT_CONFIRM_OF = "/ui/logout/{id}";
    /// The page after signing out.
    LOGGED_OUT = "/ui/logged-out";
    /// The same page on the way back to a portal, where others' pages are loaded first.
    LOGGED_OUT_OF = "/ui/logged-out/{id}";
    /// Sign-in: name and password, of a flow.
    LOGIN = "/ui/login/{flow}";
    /// Sign-in: the second factor, of a flow.
    LOGIN_FACTOR = "/ui/login/{flow}/factor";
    /// Sign-in: the portal does not serve this person.
    LOGIN_NOT_SERVED = "/ui/login/{flow}/not-served";
    /// Sign-in: the terms of use, to be accepted before the portal gets anything.
    LOGIN_TERMS = "/ui/login/{flow}/terms";
    /// Sign-in: the choice among the accounts that are signed in with this browser, of a flow.
    LOGIN_ACCOUNTS = "/ui/login/{flow}/accounts";
    /// Consent, of a flow.
    CONSENT = "/ui/consent/{flow}";
    /// A client's logo, as we keep it.
    CLIENT_LOGO = "/ui/client-logo/{client_id}";
    /// Forgotten password: whose.
    RECOVERY = "/ui/recovery";
    /// Forgotten password: the code from the mail.
    RECOVERY_CODE = "/ui/recovery/{recovery}/code";
    /// Forgotten password: the second factor.
    RECOVERY_FACTOR = "/ui/recovery/{recovery}/factor";
    /// Forgotten password: the new one.
    RECOVERY_PASSWORD = "/ui/recovery/{recovery}/password";
    /// Forgotten password: it is changed.
    RECOVERY_DONE = "/ui/recovery/{recovery}/done";
    /// What to do without the second factor.
    LOST_FACTOR = "/ui/lost-factor";
    /// The person's own account.
    ACCOUNT = "/ui/account";
    /// The change of password.
    ACCOUNT_PASSWORD = "/ui/account/password";
    /// The person's own account: ending sessions.
    ACCOUNT_SESSIONS = "/ui/account/sessions";
    /// The person's own account: taking an application's access back.
    ACCOUNT_APP = "/ui/account/apps/{client_id}";
    /// The person's own account: the language of mails.
    ACCOUNT_LANGUAGE = "/ui/account/language";
    /// The «this was not me» link of a notice.
    NOT_ME = "/ui/not-me/{handle}";
    /// Enrollment: the choice of populations.
    ENROLL = "/ui/enroll";
    /// Enrollment: after «Annuler».
    ENROLL_CANCELLED = "/ui/enroll/cancelled";
    /// Enrollment: step 1 for a population.
    ENROLL_AS = "/ui/enroll/as/{population}";
    /// Enrollment: a later step.
    ENROLL_IN = "/ui/enroll/in/{enrollment}/{step}";
    /// The terms of use of a population.
    TERMS = "/ui/terms/{population}";
    /// One published version of a population's terms of use.
    TERMS_VERSION = "/ui/terms/{population}/{version}";
    /// Style sheets and scripts.
    ASSET = "/assets/{name}";
}

/// The folder of style sheets and scripts.
pub const ASSETS: &str = "/assets";
