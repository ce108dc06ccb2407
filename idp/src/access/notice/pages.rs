//! What a person sees who followed «this was not me».

use crate::web::form::Form;
use crate::web::render::Page;
use serde::Serialize;

/// Asks before stopping the account. The form posts `action` = `stop`.
#[derive(Debug, Clone, Serialize)]
pub struct NotMePage {
    /// Where it is posted; it has no fields.
    pub form: Form,
    /// What the notice told of, such as `new-device`.
    pub about: String,
    /// When that was, in the realm's time zone.
    pub at: chrono::NaiveDateTime,
    /// The browser it came from.
    pub device: Option<String>,
    /// Where it came from.
    pub place: Option<String>,
}

impl Page for NotMePage {
    const TEMPLATE: &'static str = "pages/not_me.html";

    fn samples() -> Vec<Self> {
        let at = chrono::NaiveDate::from_ymd_opt(2026, 1, 31).unwrap_or_default().and_time(chrono::NaiveTime::MIN);
        let page = |about: &str, device: Option<&str>, place: Option<&str>| Self {
            form: Form::to("/lindenhof/ui/not-me/AZqxMZbncACnhg6vIhQaHQ.J8x3"),
            about: about.into(),
            at,
            device: device.map(Into::into),
            place: place.map(Into::into),
        };
        vec![
            page("new-device", Some("Firefox, Windows"), Some("203.0.•.•")),
            page("account-created", Some("Safari, iPhone"), None),
            page("password-changed", None, Some("2001:db8:•")),
            page("sign-in-locked", None, None),
            page("password-known", Some("Chrome, Android"), None),
            page("factor-reset", None, None),
            page("credentials-replaced", None, None),
        ]
    }
}

/// The account is stopped: what that means, and who opens it again. The fund's contact is the frame's.
#[derive(Debug, Clone, Serialize)]
pub struct AccountStoppedPage {}

impl Page for AccountStoppedPage {
    const TEMPLATE: &'static str = "pages/account_stopped.html";

    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}

/// The link was used, is too old or was never given out: one answer for all of them.
#[derive(Debug, Clone, Serialize)]
pub struct NotMeGonePage {}

impl Page for NotMeGonePage {
    const TEMPLATE: &'static str = "pages/not_me_gone.html";

    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}
