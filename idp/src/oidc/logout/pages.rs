//! What a person sees while signing off (OpenID Connect RP-Initiated Logout 1.0).

use crate::web::form::Form;
use crate::web::render::{Link, Page};
use serde::Serialize;

/// Asks before ending the session. The form posts `action` = `yes` or `no`.
#[derive(Debug, Clone, Serialize)]
pub struct LogoutConfirmPage {
    /// Where it is posted; it has no fields.
    pub form: Form,
    /// The login name of the session.
    pub username: Option<String>,
}

impl Page for LogoutConfirmPage {
    const TEMPLATE: &'static str = "pages/logout_confirm.html";

    fn samples() -> Vec<Self> {
        let form = Form::to("/lindenhof/ui/logout/01H8");
        vec![Self { form: form.clone(), username: Some("marie.favre@mail.example".into()) }, Self { form, username: None }]
    }
}

/// The session has ended.
#[derive(Debug, Clone, Serialize)]
pub struct LoggedOutPage {
    /// The portal to go back to.
    pub back: Option<Link>,
    /// The names of the apps that were told.
    pub told: Vec<String>,
}

impl Page for LoggedOutPage {
    const TEMPLATE: &'static str = "pages/logged_out.html";

    fn samples() -> Vec<Self> {
        vec![
            Self { back: None, told: vec![] },
            Self {
                back: Some(Link::new("Lindenhof flex", "http://localhost:8081/")),
                told: vec!["Lindenhof flex".into(), "Lindenhof 1e".into()],
            },
        ]
    }
}
