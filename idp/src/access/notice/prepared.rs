//! A notice made ready outside its transaction: the mail, and the link in it.

use super::store::{self, About, NewLink};
use crate::app::App;
use crate::directory::account::{Account, NewAccount};
use crate::error::Result;
use crate::lang::Lang;
use crate::operations::limits::{self, Counter};
use crate::operations::outbox::{self, AccountCreated, Message, Notice, Target, Told};
use crate::realm::Realm;
use crate::store::Tx;
use crate::vault::Purpose;
use crate::web::agent;
use crate::web::context::Ctx;
use poterne_protocol::id::{AccountId, NotMeLinkId};
use poterne_protocol::secret::Digest;
use poterne_protocol::time::Timestamp;
use std::net::IpAddr;
use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;

/// What an account's owner is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Somebody signed in with a browser that the account did not know.
    NewDevice,
    /// The password was changed or reset.
    PasswordChanged,
    /// Wrong tries brought a delay or a lock.
    SignInLocked {
        /// Whether the password was right and the second factor was not: somebody knows the password.
        password_known: bool,
    },
    /// The second factor was taken away, to be set up anew.
    FactorReset,
    /// Password and second factor were both replaced.
    CredentialsReplaced,
}

impl Kind {
    pub(super) const fn told(self) -> Told {
        match self {
            Self::NewDevice => Told::NewDevice,
            Self::PasswordChanged => Told::PasswordChanged,
            Self::SignInLocked { password_known: false } => Told::SignInLocked,
            Self::SignInLocked { password_known: true } => Told::PasswordKnown,
            Self::FactorReset => Told::FactorReset,
            Self::CredentialsReplaced => Told::CredentialsReplaced,
        }
    }
}

/// When something was done, and from where.
#[derive(Debug, Clone)]
pub struct Occasion {
    at: Timestamp,
    from: Origin,
}

#[derive(Debug, Clone)]
enum Origin {
    Browser { device: Option<String>, address: Option<IpAddr> },
    Operator,
}

impl Occasion {
    /// This request: its time, its browser in words, and its address, of which only a coarse place is ever shown or kept.
    #[must_use]
    pub fn of(ctx: &Ctx) -> Self {
        let device = ctx.user_agent.as_deref().and_then(agent::in_words);
        Self { at: ctx.now, from: Origin::Browser { device, address: ctx.address } }
    }

    /// The fund itself, by command: neither device nor place.
    #[must_use]
    pub const fn by_operator(now: Timestamp) -> Self {
        Self { at: now, from: Origin::Operator }
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The browser in words, such as «Firefox, Windows».
    #[must_use]
    pub fn device(&self) -> Option<String> {
        match &self.from {
            Origin::Browser { device, .. } => device.clone(),
            Origin::Operator => None,
        }
    }

    /// Where, as coarse as the address allows, in the reader's language.
    #[must_use]
    pub fn place(&self, app: &App, lang: Lang) -> Option<String> {
        match &self.from {
            Origin::Browser { address, .. } => address.and_then(|address| app.places.place_of(address, lang)),
            Origin::Operator => None,
        }
    }
}

/// A notice ready to leave. Cheap beside a password's hash: rendering and sealing take well under a millisecond.
#[derive(Debug, Clone)]
pub struct Prepared {
    mail: outbox::Prepared,
    link: NewLink,
    /// Account and kind.
    of_a_kind: Digest,
}

impl Prepared {
    /// Leaves with the change it tells of, in that change's transaction. Wake the outbox after the commit.
    pub fn leave(&self, tx: &mut Tx<'_>) -> Result<()> {
        store::insert(tx, &self.link)?;
        outbox::enqueue(tx, &self.mail)
    }

    /// Leaves unless one of its kind went to this account within a day: for what a stranger can bring about as often as they like.
    pub fn leave_once_a_day(&self, tx: &mut Tx<'_>) -> Result<()> {
        if limits::count_event(tx, Counter::Notice, self.of_a_kind, self.link.at, 1, Duration::from_secs(DAY))? {
            self.leave(tx)?;
        }
        Ok(())
    }
}

/// Makes a notice to an account's owner, in the account's language.
pub fn prepare(app: &App, realm: &Realm, now: Timestamp, account: &Account, kind: Kind, occasion: &Occasion) -> Result<Prepared> {
    let reader = Reader { account: account.id, email: &account.email, lang: account.language };
    let told = kind.told();
    let letter = reader.letter(app, realm, now, told.as_str(), occasion)?;
    let notice = Notice { told, username: account.email.clone(), occasion: letter.occasion };
    reader.seal(app, realm, now, &Message::Notice(notice), letter.link)
}

/// Does the work of [`prepare`] for a name that no account has and keeps nothing of it, so that the time tells nobody which names are
/// taken.
pub fn pretend(app: &App, realm: &Realm, lang: Lang, name: &str, kind: Kind, occasion: &Occasion) -> Result<()> {
    let (reader, told) = (Reader { account: AccountId::from_bytes([0; 16]), email: name, lang }, kind.told());
    let letter = reader.letter(app, realm, occasion.at, told.as_str(), occasion)?;
    let notice = Notice { told, username: name.to_owned(), occasion: letter.occasion };
    reader.seal(app, realm, occasion.at, &Message::Notice(notice), letter.link).map(drop)
}

/// Makes the mail that says that an account exists from now on.
pub fn created(app: &App, realm: &Realm, account: &NewAccount, portal: Option<String>, occasion: &Occasion) -> Result<Prepared> {
    let reader = Reader { account: account.id, email: &account.email, lang: account.language };
    let letter = reader.letter(app, realm, account.at, "account_created", occasion)?;
    let (username, at) = (account.email.clone(), realm.local(account.at));
    let created = AccountCreated { username, at, portal_url: portal, occasion: letter.occasion };
    reader.seal(app, realm, account.at, &Message::AccountCreated(created), letter.link)
}

/// Whom a notice is for.
struct Reader<'a> {
    account: AccountId,
    email: &'a str,
    lang: Lang,
}

/// What every notice has.
struct Letter {
    occasion: outbox::Occasion,
    link: NewLink,
}

impl Reader<'_> {
    fn letter(&self, app: &App, realm: &Realm, now: Timestamp, kind: &str, occasion: &Occasion) -> Result<Letter> {
        let handle = app.entropy.handle(|random| NotMeLinkId::new(now, random));
        let (device, place) = (occasion.device(), occasion.place(app, self.lang));
        let about = About { kind: kind.to_owned(), at: occasion.at, device: device.clone(), place: place.clone() };
        let lifetime = realm.policy().not_me();
        let link = NewLink {
            id: handle.id,
            digest: handle.secret.digest(),
            account: self.account,
            notice: serde_json::to_string(&about)?,
            at: now,
            expires_at: now.plus(lifetime),
        };
        let occasion = outbox::Occasion {
            at: realm.local(occasion.at),
            by_operator: matches!(occasion.from, Origin::Operator),
            device,
            place,
            not_me_url: realm.urls.not_me(&handle),
            days: lifetime.as_secs() / DAY,
        };
        Ok(Letter { occasion, link })
    }

    fn seal(&self, app: &App, realm: &Realm, now: Timestamp, message: &Message, link: NewLink) -> Result<Prepared> {
        let to = Target::Mail(self.email.to_owned());
        let of_a_kind = format!("{}/{}", self.account, message.kind());
        let of_a_kind = realm.vault.digest(Purpose::Lookup, "notice", &of_a_kind)?.1;
        Ok(Prepared { mail: outbox::prepare(app, realm, now, self.lang, &to, message, None)?, link, of_a_kind })
    }
}
