//! The page that asks for consent.

use super::rules::{Thing, things};
use crate::web::form::Form;
use crate::web::render::Page;
use poterne_protocol::consent::Agreed;
use poterne_protocol::scope::Scope;
use serde::Serialize;

/// Who asks, for what, until when. The client is the frame's. `action` is `allow` or `deny`.
#[derive(Debug, Clone, Serialize)]
pub struct ConsentPage {
    /// Values: `session` and `shown`, which say to whom the page was shown, and that it was not answered yet.
    pub form: Form,
    /// The login name of who is asked.
    pub username: String,
    /// Where somebody else is chosen.
    pub other_url: String,
    /// What the client gets.
    pub things: Vec<Thing>,
    /// Whether the person agreed to less before.
    pub grown: bool,
    /// Days that the client keeps its access without the person; `None` when it ends with the session.
    pub offline_days: Option<u64>,
    /// Whether the person is not asked again for the same.
    pub remembered: bool,
    /// Whether the page that was posted was not the one to answer.
    pub renewed: bool,
    /// Where consent is taken back.
    pub account_url: String,
}

impl Page for ConsentPage {
    const TEMPLATE: &'static str = "pages/consent.html";

    fn samples() -> Vec<Self> {
        let agreed = |scope: &str, claims: &[&str]| Agreed {
            scope: Scope::parse(scope).unwrap_or_default(),
            claims: claims.iter().map(|name| (*name).to_owned()).collect(),
        };
        let usual = Self {
            form: Form::to("/lindenhof/ui/consent/01H8").with("session", "01H9").with("shown", "2"),
            username: "marie.favre@mail.example".into(),
            other_url: "/lindenhof/ui/login/01H8/accounts".into(),
            things: things(&agreed("openid profile email", &[]), None),
            grown: false,
            offline_days: None,
            remembered: true,
            renewed: false,
            account_url: "/lindenhof/ui/account".into(),
        };
        let all = agreed("openid profile email phone address poterne offline_access other", &["birthdate", "gender", "<b>"]);
        let whole = Self { things: things(&all, None), offline_days: Some(30), ..usual.clone() };
        let grown = Self {
            things: things(&all, Some(&agreed("openid profile", &["gender"]))),
            username: "jean-baptiste.d-arbois-de-la-tour-du-pin@courriel-entreprise-internationale.example".into(),
            grown: true,
            offline_days: Some(1),
            ..usual.clone()
        };
        let renewed = Self { renewed: true, remembered: false, things: things(&agreed("openid", &[]), None), ..usual.clone() };
        vec![usual, whole, grown, renewed]
    }
}
