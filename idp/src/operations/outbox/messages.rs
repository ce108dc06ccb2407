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
            Self::SmsCode(_) => "sms_code",
        }
    }

    /// The message in the reader's language.
    ///
    /// # Errors
    /// [`RenderError`] when words or values are missing.
    pub fn render(&self, head: &Letterhead) -> Result<Rendered, RenderError> {
        let context = context! { head => Serde(head), message => Serde(self) };
        let part = |path: String| render_template(head.lang, &path, &context);
        let kind = self.kind();
        if matches!(self, Self::SmsCode(_)) {
            return Ok(Rendered::Sms { text: part(format!("sms/{kind}.txt"))?.trim_end().to_owned() });
        }
        let text = part(format!("mails/{kind}.txt"))?;
        // The first line of the text part's template is the subject, so that a message is one place to read.
        let (subject, text) = text.split_once('\n').unwrap_or((&text, ""));
        Ok(Rendered::Mail {
            subject: subject.trim().to_owned(),
            text: text.trim_start().to_owned(),
            html: part(format!("mails/{kind}.html"))?,
        })
    }

    /// Messages as they come up in life, for the tests and for looking at.
    #[cfg(test)]
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let app = Some("Lindenhof flex".to_owned());
        let asked_from = Some("Firefox, Windows".to_owned());
        let at = chrono::NaiveDate::from_ymd_opt(2026, 1, 31).unwrap_or_default().and_time(chrono::NaiveTime::MIN);
        vec![
            Self::EmailCode(EmailCode { code: "447683".into(), minutes: 10, app: app.clone(), asked_from: asked_from.clone() }),
            Self::EmailCode(EmailCode { code: "009001".into(), minutes: 10, app: None, asked_from: None }),
            Self::EmailTaken(EmailTaken { app, asked_from }),
            Self::EmailTaken(EmailTaken { app: None, asked_from: None }),
            Self::AccountCreated(AccountCreated {
                username: "marie.favre@mail.example".into(),
                at,
                portal_url: Some("http://localhost:8081/".into()),
            }),
            Self::AccountCreated(AccountCreated { username: "urs.amstutz@mail.example".into(), at, portal_url: None }),
            Self::SmsCode(SmsCode { code: "447683".into() }),
        ]
    }
}
