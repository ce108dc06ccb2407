//! What a person sees who has forgotten the password, or lost the second factor.

use crate::settings::PasswordRule;
use crate::web::form::{Fault, Form, Resend};
use crate::web::render::{Link, Page};
use serde::Serialize;

const LONG_NAME: &str = "jean-baptiste.d-arbois-de-la-tour-du-pin@courriel-entreprise-internationale.example";

/// Whose password (V-06). Form field: `username`; `action` is `next` or `cancel`.
#[derive(Debug, Clone, Serialize)]
pub struct RequestPage {
    /// Values: `username`.
    pub form: Form,
    /// Whether an identifier may stand for the e-mail address.
    pub aliases: bool,
}

impl Page for RequestPage {
    const TEMPLATE: &'static str = "pages/recovery_request.html";

    fn samples() -> Vec<Self> {
        let form = Form::to("/lindenhof/ui/recovery?flow=01H8");
        vec![
            Self { form: form.clone(), aliases: false },
            Self { form: form.clone().wrong("username", Fault::Required), aliases: true },
            Self { form: form.with("username", LONG_NAME).refused(Fault::ResendTooSoon(42)), aliases: true },
        ]
    }
}

/// The code from the mail: the same whether there is an account or not. Form field: `code`; `action` is `next`, `resend` or `cancel`.
#[derive(Debug, Clone, Serialize)]
pub struct CodePage {
    /// No value is ever put back.
    pub form: Form,
    /// What was typed; never the account's address.
    pub typed: String,
    /// Minutes the code is good for.
    pub minutes: u32,
    /// Sending again.
    pub resend: Resend,
}

impl Page for CodePage {
    const TEMPLATE: &'static str = "pages/recovery_code.html";

    fn samples() -> Vec<Self> {
        let form = Form::to("/lindenhof/ui/recovery/01H8/code");
        let page = |form, typed: &str, wait_seconds, just_sent| Self {
            form,
            typed: typed.into(),
            minutes: 10,
            resend: Resend { wait_seconds, just_sent },
        };
        vec![
            page(form.clone(), "marie.favre@mail.example", 42, false),
            page(form.clone().wrong("code", Fault::DigitsWrong), LONG_NAME, 0, false),
            page(form.clone(), "756.1234.5678.97", 60, true),
            page(form.refused(Fault::ResendUsedUp), "marie.favre@mail.example", 0, false),
        ]
    }
}

/// The new password. Form fields: `password`, `password_repeat`; `action` is `next` or `cancel`.
#[derive(Debug, Clone, Serialize)]
pub struct NewPasswordPage {
    /// No value is ever put back.
    pub form: Form,
    /// The user name as it was typed, for password managers.
    pub typed: String,
    /// Whether it is typed twice.
    pub repeat_password: bool,
    /// What it must satisfy.
    pub rule: PasswordRule,
}

impl Page for NewPasswordPage {
    const TEMPLATE: &'static str = "pages/recovery_password.html";

    fn samples() -> Vec<Self> {
        let page = |form, repeat_password, character_groups| Self {
            form,
            typed: "marie.favre@mail.example".into(),
            repeat_password,
            rule: PasswordRule { min_length: 8, character_groups },
        };
        let form = Form::to("/lindenhof/ui/recovery/01H8/password");
        vec![
            page(form.clone(), true, true),
            page(form.clone().wrong("password", Fault::PasswordShort(8)).wrong("password", Fault::PasswordHasName), true, true),
            page(form.clone().wrong("password_repeat", Fault::PasswordsDiffer), true, false),
            page(form, false, false),
        ]
    }
}

/// The password is changed; nobody is signed in.
#[derive(Debug, Clone, Serialize)]
pub struct DonePage {
    /// To the sign-in of the portal, or to the realm's own page.
    pub onward: Link,
}

impl Page for DonePage {
    const TEMPLATE: &'static str = "pages/recovery_done.html";

    fn samples() -> Vec<Self> {
        vec![
            Self { onward: Link::new("Lindenhof flex", "/lindenhof/ui/login/01H8") },
            Self { onward: Link::new("Caisse de pension Lindenhof", "/lindenhof/") },
        ]
    }
}

/// Why a reset cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// It is not this browser's, or there is none.
    Elsewhere,
    /// Its time is over, or the account changed meanwhile.
    Over,
    /// The account must have a second factor and has none: a new activation code sets one up.
    Letter,
}

/// A reset that cannot go on.
#[derive(Debug, Clone, Serialize)]
pub struct StoppedPage {
    /// Why.
    pub reason: StopReason,
    /// Where to begin again, or to enter the new activation code.
    pub way_on: String,
}

impl Page for StoppedPage {
    const TEMPLATE: &'static str = "pages/recovery_stopped.html";

    fn samples() -> Vec<Self> {
        let page = |reason, way_on: &str| Self { reason, way_on: way_on.into() };
        vec![
            page(StopReason::Elsewhere, "/lindenhof/ui/recovery"),
            page(StopReason::Over, "/lindenhof/ui/recovery?flow=01H8"),
            page(StopReason::Letter, "/lindenhof/ui/enroll?flow=01H8"),
        ]
    }
}

/// What to do without the second factor. It changes nothing.
#[derive(Debug, Clone, Serialize)]
pub struct LostFactorPage {
    /// Back to the page that asked for the factor.
    pub back_url: Option<String>,
}

impl Page for LostFactorPage {
    const TEMPLATE: &'static str = "pages/lost_factor.html";

    fn samples() -> Vec<Self> {
        vec![Self { back_url: Some("/lindenhof/ui/login/01H8/factor".into()) }, Self { back_url: None }]
    }
}
