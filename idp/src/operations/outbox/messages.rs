//! Mails and text messages: typed, in the four languages, from the same words as the pages. No tracking, no images.

use crate::web::render::{Contact, RenderError, render_template};
use crate::web::words::Lang;
use minijinja::context;
use minijinja::value::Serde;
use serde::{Deserialize, Serialize};

/// Who writes, and in which language.
#[derive(Debug, Clone, Serialize)]
pub struct Letterhead {
    /// The reader's language.
    pub lang: Lang,
    /// The fund's name in that language; it signs.
    pub realm: String,
    /// Where help is to be had.
    pub contact: Contact,
    /// The host name of the issuer, for the last line of a text message (`domain-bound codes`).
    pub host: String,
}

/// A code to confirm an e-mail address (V-22, S-09).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmailCode {
    /// Six digits.
    pub code: String,
    /// Minutes it is good for.
    pub minutes: u32,
    /// The app or portal it was asked for.
    pub app: Option<String>,
    /// From where it was asked, such as «Firefox, Windows».
    pub asked_from: Option<String>,
}

/// Somebody entered an address that already has an account (`decisions.md` 14): says so to its owner alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmailTaken {
    /// The app or portal it was asked for.
    pub app: Option<String>,
    /// From where it was asked.
    pub asked_from: Option<String>,
}

/// The account exists from now on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountCreated {
    /// The login name.
    pub username: String,
    /// When, in the realm's time zone.
    pub at: chrono::NaiveDateTime,
    /// The portal, to be typed or followed; it carries no code.
    pub portal_url: Option<String>,
    /// When, from where, and what to do about it.
    pub occasion: Occasion,
}

/// When and from where something was done to an account, as its owner reads it, and the way to stop it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Occasion {
    /// When, in the realm's time zone.
    pub at: chrono::NaiveDateTime,
    /// By the fund itself, not by somebody in a browser.
    pub by_operator: bool,
    /// The browser in words, such as «Firefox, Windows».
    pub device: Option<String>,
    /// Where, as coarse as the address allows.
    pub place: Option<String>,
    /// The «this was not me» link. It holds a secret.
    pub not_me_url: String,
    /// Days the link works.
    pub days: u64,
}

/// What a notice tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// Somebody signed in with a browser that the account did not know.
    NewDevice,
    /// The password was changed or reset.
    PasswordChanged,
    /// Wrong passwords brought a delay or a lock.
    SignInLocked,
    /// Wrong second factors after the right password did: somebody knows the password.
    PasswordKnown,
    /// The second factor was taken away, to be set up anew.
    FactorReset,
    /// Password and second factor were both replaced.
    CredentialsReplaced,
}

impl Told {
    /// Everything there is to tell.
    #[cfg(test)]
    pub const ALL: [Self; 6] = [
        Self::NewDevice,
        Self::PasswordChanged,
        Self::SignInLocked,
        Self::PasswordKnown,
        Self::FactorReset,
        Self::CredentialsReplaced,
    ];

    /// The name in lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewDevice => "new_device",
            Self::PasswordChanged => "password_changed",
            Self::SignInLocked => "sign_in_locked",
            Self::PasswordKnown => "password_known",
            Self::FactorReset => "factor_reset",
            Self::CredentialsReplaced => "credentials_replaced",
        }
    }
}

/// Something happened to an account that its owner must know of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Notice {
    /// What.
    pub told: Told,
    /// The login name.
    pub username: String,
    /// When, from where, and what to do about it.
    pub occasion: Occasion,
}

/// A code to reset a forgotten password (V-06).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PasswordResetCode {
    /// Six digits.
    pub code: String,
    /// Minutes it is good for.
    pub minutes: u32,
    /// From where it was asked, such as «Firefox, Windows».
    pub asked_from: Option<String>,
}

/// A code by text message (V-28, S-13).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SmsCode {
    /// Six digits.
    pub code: String,
}

/// Everything the house writes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "message")]
pub enum Message {
    /// Mail: [`EmailCode`].
    EmailCode(EmailCode),
    /// Mail: [`EmailTaken`].
    EmailTaken(EmailTaken),
    /// Mail: [`AccountCreated`].
    AccountCreated(AccountCreated),
    /// Mail: [`Notice`].
    Notice(Notice),
    /// Mail: [`PasswordResetCode`].
    PasswordResetCode(PasswordResetCode),
    /// Text message: [`SmsCode`].
    SmsCode(SmsCode),
}

/// A message ready to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rendered {
    /// An e-mail; both parts say the same.
    Mail {
        /// One line.
        subject: String,
        /// The text part.
        text: String,
        /// The HTML part, a whole document.
        html: String,
    },
    /// A text message.
    Sms {
        /// Its whole text.
        text: String,
    },
}

impl Message {
    /// What kind it is, for lists and the audit.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::EmailCode(_) => "email_code",
            Self::EmailTaken(_) => "email_taken",
            Self::AccountCreated(_) => "account_created",
            Self::Notice(notice) => notice.told.as_str(),
            Self::PasswordResetCode(_) => "password_reset_code",
            Self::SmsCode(_) => "sms_code",
        }
    }

    /// Its template: all notices have the same parts.
    const fn template(&self) -> &'static str {
        match self {
            Self::Notice(_) => "notice",
            other => other.kind(),
        }
    }

    /// The message in the reader's language.
    ///
    /// # Errors
    /// [`RenderError`] when words or values are missing.
    pub fn render(&self, head: &Letterhead) -> Result<Rendered, RenderError> {
        let context = context! { head => Serde(head), message => Serde(self) };
        let part = |path: String| render_template(head.lang, &path, &context);
        let template = self.template();
        if matches!(self, Self::SmsCode(_)) {
            return Ok(Rendered::Sms { text: part(format!("sms/{template}.txt"))?.trim_end().to_owned() });
        }
        let text = part(format!("mails/{template}.txt"))?;
        // The first line of the text part's template is the subject, so that a message is one place to read.
        let (subject, text) = text.split_once('\n').unwrap_or((&text, ""));
        Ok(Rendered::Mail {
            subject: subject.trim().to_owned(),
            text: text.trim_start().to_owned(),
            html: part(format!("mails/{template}.html"))?,
        })
    }

    /// Messages as they come up in life, for the tests and for looking at.
    #[cfg(test)]
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let app = Some("Lindenhof flex".to_owned());
        let asked_from = Some("Firefox, Windows".to_owned());
        let at = chrono::NaiveDate::from_ymd_opt(2026, 1, 31).unwrap_or_default().and_time(chrono::NaiveTime::MIN);
        let occasion = |device: Option<&str>, place: Option<&str>| Occasion {
            at,
            by_operator: false,
            device: device.map(Into::into),
            place: place.map(Into::into),
            not_me_url: "http://localhost:8080/lindenhof/ui/not-me/AZqxMZbncACnhg6vIhQaHQ.J8x3".into(),
            days: 30,
        };
        let usual = occasion(Some("Firefox, Windows"), Some("203.0.•.•"));
        let username = "marie.favre@mail.example".to_owned();
        let notice = |told| {
            let by_operator = told == Told::FactorReset;
            let occasion = Occasion { by_operator, ..usual.clone() };
            Self::Notice(Notice { told, username: username.clone(), occasion })
        };
        let mut samples = vec![
            Self::EmailCode(EmailCode { code: "447683".into(), minutes: 10, app: app.clone(), asked_from: asked_from.clone() }),
            Self::EmailCode(EmailCode { code: "009001".into(), minutes: 10, app: None, asked_from: None }),
            Self::EmailTaken(EmailTaken { app, asked_from }),
            Self::EmailTaken(EmailTaken { app: None, asked_from: None }),
            Self::AccountCreated(AccountCreated {
                username: "marie.favre@mail.example".into(),
                at,
                portal_url: Some("http://localhost:8081/".into()),
                occasion: usual.clone(),
            }),
            Self::AccountCreated(AccountCreated {
                username: "urs.amstutz@mail.example".into(),
                at,
                portal_url: None,
                occasion: occasion(None, None),
            }),
            Self::SmsCode(SmsCode { code: "447683".into() }),
        ];
        samples.extend(Told::ALL.map(notice));
        for asked_from in [Some("Safari, iPhone".to_owned()), None] {
            samples.push(Self::PasswordResetCode(PasswordResetCode { code: "730164".into(), minutes: 10, asked_from }));
        }
        samples
    }
}
