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

/// The session has ended here, and the portals' own pages are loaded in frames to end theirs (Front-Channel Logout section 3). It goes on by
/// itself after two seconds, or by its link.
#[derive(Debug, Clone, Serialize)]
pub struct LeavingPage {
    /// The portals whose pages are loaded.
    pub portals: Vec<Portal>,
    /// Where to go on.
    pub next: String,
}

/// A portal whose page is loaded in a frame.
#[derive(Debug, Clone, Serialize)]
pub struct Portal {
    /// Its name.
    pub name: String,
    /// Its page.
    pub frame: String,
}

impl Page for LeavingPage {
    const TEMPLATE: &'static str = "pages/leaving.html";

    fn samples() -> Vec<Self> {
        let portal = |name: &str, at: u16| Portal {
            name: name.to_owned(),
            frame: format!("http://localhost:{at}/frontchannel?iss=http%3A%2F%2Flocalhost%3A8080%2Flindenhof&sid=J8x3"),
        };
        let next = "/lindenhof/ui/logged-out?framed=1".to_owned();
        vec![
            Self { portals: vec![portal("Lindenhof flex", 8081), portal("Lindenhof 1e", 8082)], next: next.clone() },
            Self { portals: vec![portal("Lindenhof flex", 8081)], next },
        ]
    }
}

/// The session has ended.
#[derive(Debug, Clone, Serialize)]
pub struct LoggedOutPage {
    /// The portal to go back to.
    pub back: Option<Link>,
    /// The names of the portals whose servers have ended their session.
    pub told: Vec<String>,
    /// Those that have not answered yet.
    pub trying: Vec<String>,
    /// Those that could not.
    pub failed: Vec<String>,
}

impl Page for LoggedOutPage {
    const TEMPLATE: &'static str = "pages/logged_out.html";

    fn samples() -> Vec<Self> {
        let back = Some(Link::new("Lindenhof flex", "http://localhost:8081/"));
        let none = Self { back: None, told: vec![], trying: vec![], failed: vec![] };
        let (flex, one_e, employer) =
            ("Lindenhof flex".to_owned(), "Lindenhof 1e".to_owned(), "Lindenhof Arbeitgeber".to_owned());
        vec![
            none.clone(),
            Self { back: back.clone(), told: vec![flex.clone(), one_e.clone()], ..none.clone() },
            Self { back, told: vec![flex], trying: vec![one_e], failed: vec![employer.clone()] },
            Self { failed: vec![employer], ..none },
        ]
    }
}
