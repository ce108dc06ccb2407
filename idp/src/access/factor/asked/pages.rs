//! What a person sees where a factor is asked for.

use crate::web::form::{Fault, Form, Resend};
use crate::web::render::Page;
use serde::Serialize;

/// The kinds of second factor that are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FactorKind {
    /// A code by text message.
    Sms,
    /// A code from an authenticator app.
    Totp,
}

/// Another way to confirm: its button posts `action` = `use:<id>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OtherFactor {
    /// What the handler needs to find it again.
    pub id: String,
    /// Its kind.
    pub kind: FactorKind,
    /// The masked number for SMS.
    pub target: Option<String>,
}

/// What a factor is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// To sign in.
    SignIn,
    /// To reset a forgotten password.
    Reset,
}

/// The second factor. Form field: `code`; `action` is `next`, `resend`, `use:<id>` or `cancel`.
#[derive(Debug, Clone, Serialize)]
pub struct FactorPage {
    /// No value is ever put back.
    pub form: Form,
    /// What for.
    pub on: Reason,
    /// Which factor is asked for.
    pub kind: FactorKind,
    /// The masked number a code was sent to, such as `+41 79 ••• •• 19`; `None` for an app.
    pub target: Option<String>,
    /// Whether a code by SMS is on its way.
    pub sent: bool,
    /// Sending again; `None` for an app.
    pub resend: Option<Resend>,
    /// Minutes a code by SMS is good for.
    pub minutes: u32,
    /// The other factors of this account.
    pub others: Vec<OtherFactor>,
    /// Where «Vous n'avez plus accès à …» leads.
    pub lost_url: String,
}

impl Page for FactorPage {
    const TEMPLATE: &'static str = "pages/factor.html";

    fn samples() -> Vec<Self> {
        let form = Form::to("/lindenhof/ui/login/01H8/factor");
        let sms = Self {
            form: form.clone(),
            on: Reason::SignIn,
            kind: FactorKind::Sms,
            target: Some("+41 79 ••• •• 19".into()),
            resend: Some(Resend { wait_seconds: 42, just_sent: false }),
            sent: true,
            minutes: 10,
            others: vec![],
            lost_url: "/lindenhof/ui/lost-factor?flow=01H8".into(),
        };
        let other = |id: &str, kind, target: Option<&str>| OtherFactor { id: id.into(), kind, target: target.map(Into::into) };
        vec![
            sms.clone(),
            Self { form: form.clone().refused(Fault::ResendTooSoon(42)), sent: false, ..sms.clone() },
            Self {
                form: form.clone().wrong("code", Fault::DigitsWrong),
                resend: Some(Resend { wait_seconds: 0, just_sent: true }),
                others: vec![other("7", FactorKind::Totp, None), other("8", FactorKind::Sms, Some("+33 6 •• •• •• 57"))],
                ..sms.clone()
            },
            Self {
                form: form.wrong("code", Fault::DigitsFormat),
                kind: FactorKind::Totp,
                target: None,
                resend: None,
                on: Reason::Reset,
                others: vec![other("9", FactorKind::Sms, Some("+41 79 ••• •• 26"))],
                ..sms
            },
        ]
    }
}
