//! What a provider counts of itself, for its operator's monitoring: plain counters with fixed labels, so that counting costs a few
//! nanoseconds, no label can grow with what strangers send, and no personal data can get in
//! (`docs/decisions/015-own-counters.md`).

mod requests;
#[cfg(test)]
mod tests;
mod text;

pub use requests::Route;
pub use text::Exposition;

use requests::Requests;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// An enum whose variants are the values of a label.
macro_rules! label {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$each])* $variant,)*
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The label's value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

label! {
    /// How a step of a sign-in ended.
    SignIn {
        /// The person is signed in.
        Succeeded = "succeeded",
        /// Name or password were not right.
        WrongPassword = "wrong_password",
        /// The second factor was not right.
        WrongFactor = "wrong_factor",
        /// It was not looked at: too many tries before.
        Delayed = "delayed",
        /// All was right, but the account may not sign in.
        Refused = "refused",
    }
}

label! {
    /// For what tokens were issued (RFC 6749 section 1.3).
    Grant {
        /// An authorization code.
        AuthorizationCode = "authorization_code",
        /// A refresh token.
        RefreshToken = "refresh_token",
        /// A client for itself.
        ClientCredentials = "client_credentials",
        /// The authorization endpoint itself.
        Implicit = "implicit",
    }
}

label! {
    /// What came of a question about a token (RFC 7662 section 2.2).
    Introspection {
        /// It is valid.
        Active = "active",
        /// It is not, or does not concern who asks.
        Inactive = "inactive",
        /// Who asks may not.
        Refused = "refused",
    }
}

label! {
    /// What came of an attempt to hand a message over.
    Attempt {
        /// It was taken.
        Delivered = "delivered",
        /// Not now: it is tried again.
        Retried = "retried",
        /// It was too late for it.
        Expired = "expired",
        /// Given up.
        Dead = "dead",
    }
}

label! {
    /// By which road a message leaves.
    Road {
        /// Mail.
        Mail = "mail",
        /// Text message.
        Sms = "sms",
        /// A call to a portal's server.
        Portal = "portal",
        /// A call to the server of a client that registered itself.
        Registered = "registered",
    }
}

/// Counters, one for each value of a label.
struct Counts<const N: usize>([AtomicU64; N]);

impl<const N: usize> Default for Counts<N> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl<const N: usize> Counts<N> {
    fn add(&self, at: usize) {
        if let Some(count) = self.0.get(at) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn get(&self, at: usize) -> u64 {
        self.0.get(at).map_or(0, |count| count.load(Ordering::Relaxed))
    }
}

/// The counters of one provider.
#[derive(Default)]
pub struct Figures {
    requests: Requests,
    signins: Counts<{ SignIn::ALL.len() }>,
    tokens: Counts<{ Grant::ALL.len() }>,
    tokens_refused: AtomicU64,
    tokens_revoked: AtomicU64,
    introspections: Counts<{ Introspection::ALL.len() }>,
    messages: Counts<{ Attempt::ALL.len() * Road::ALL.len() }>,
    hashing_waiting: AtomicI64,
    hashing_refused: AtomicU64,
}

/// A password that waits for its turn to be hashed, until this is dropped.
pub struct Waiting<'a>(&'a AtomicI64);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Figures {
    /// A request was answered.
    pub fn request(&self, route: Option<Route>, method: &str, status: u16, took: std::time::Duration) {
        self.requests.add(route, method, status, took);
    }

    /// A step of a sign-in ended.
    pub fn signin(&self, outcome: SignIn) {
        self.signins.add(outcome as usize);
    }

    /// Tokens were issued.
    pub fn tokens(&self, grant: Grant) {
        self.tokens.add(grant as usize);
    }

    /// A token request was refused.
    pub fn token_refused(&self) {
        self.tokens_refused.fetch_add(1, Ordering::Relaxed);
    }

    /// A client gave a token back that was still good.
    pub fn revoked(&self) {
        self.tokens_revoked.fetch_add(1, Ordering::Relaxed);
    }

    /// A question about a token was answered.
    pub fn introspection(&self, outcome: Introspection) {
        self.introspections.add(outcome as usize);
    }

    /// An attempt to hand a message over ended.
    pub fn message(&self, road: Road, attempt: Attempt) {
        self.messages.add(road as usize * Attempt::ALL.len() + attempt as usize);
    }

    /// A password begins to wait for its turn.
    pub fn password_waits(&self) -> Waiting<'_> {
        self.hashing_waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&self.hashing_waiting)
    }

    /// A password waited too long.
    pub fn password_refused(&self) {
        self.hashing_refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Writes all of it.
    pub fn write(&self, out: &mut Exposition) {
        self.requests.write(out);
        out.family("poterne_sign_ins_total", "counter", "Steps of sign-ins by outcome.");
        for outcome in SignIn::ALL {
            out.sample("poterne_sign_ins_total", &[("outcome", outcome.as_str())], self.signins.get(*outcome as usize));
        }
        out.family("poterne_tokens_issued_total", "counter", "Token requests that were granted, by grant type.");
        for grant in Grant::ALL {
            out.sample("poterne_tokens_issued_total", &[("grant", grant.as_str())], self.tokens.get(*grant as usize));
        }
        out.single(
            "poterne_tokens_refused_total",
            "counter",
            "Token requests that were refused.",
            self.tokens_refused.load(Ordering::Relaxed),
        );
        out.single(
            "poterne_tokens_revoked_total",
            "counter",
            "Tokens that clients gave back while they were good.",
            self.tokens_revoked.load(Ordering::Relaxed),
        );
        out.family("poterne_introspections_total", "counter", "Questions about tokens by outcome.");
        for outcome in Introspection::ALL {
            let count = self.introspections.get(*outcome as usize);
            out.sample("poterne_introspections_total", &[("outcome", outcome.as_str())], count);
        }
        out.family("poterne_messages_total", "counter", "Attempts to hand a message over, by channel and outcome.");
        for road in Road::ALL {
            for attempt in Attempt::ALL {
                let count = self.messages.get(*road as usize * Attempt::ALL.len() + *attempt as usize);
                out.sample("poterne_messages_total", &[("channel", road.as_str()), ("outcome", attempt.as_str())], count);
            }
        }
        let waiting = self.hashing_waiting.load(Ordering::Relaxed);
        out.single("poterne_password_hashing_waiting", "gauge", "Passwords that wait for their turn to be hashed.", waiting);
        out.single(
            "poterne_password_hashing_refused_total",
            "counter",
            "Passwords that waited too long and were answered with 503.",
            self.hashing_refused.load(Ordering::Relaxed),
        );
    }
}
