//! What a person sees while signing in.

use crate::web::form::{Fault, Form};
use crate::web::render::{Link, Page};
use serde::Serialize;

/// Name and password (V-02 to V-06, S-02). Form fields: `username`, `password`; `action` is `next` or `cancel`.
#[derive(Debug, Clone, Serialize)]
pub struct SignInPage {
    /// Values: `username`. The password is never put back.
    pub form: Form,
    /// Where «S'enregistrer →» leads.
    pub register_url: String,
    /// Where «J'ai oublié mon mot de passe →» leads, when the realm offers it.
    pub forgotten_url: Option<String>,
    /// Whether a population of the realm takes an AVS number as user name (V-03).
    pub aliases: bool,
    /// The login name of the session that this browser has, where that is not enough and it is to be proven anew.
    pub again: Option<String>,
}

impl Page for SignInPage {
    const TEMPLATE: &'static str = "pages/signin.html";

    fn samples() -> Vec<Self> {
        let form = Form::to("/lindenhof/ui/login/01H8/password");
        let page = |form| Self {
            form,
            register_url: "/lindenhof/ui/enroll/01H8".into(),
            forgotten_url: None,
            aliases: false,
            again: None,
        };
        vec![
            page(form.clone()),
            page(form.clone().with("username", "marie.favre@mail.example").refused(Fault::WrongLogin)),
            Self {
                forgotten_url: Some("/lindenhof/ui/recovery".into()),
                aliases: true,
                ..page(
                    form.clone()
                        .with("username", "jean-baptiste.d-arbois-de-la-tour-du-pin@courriel-entreprise-internationale.example")
                        .wrong("username", Fault::TooLong(254))
                        .wrong("password", Fault::Required)
                        .refused(Fault::TooManyTries(4)),
                )
            },
            Self { again: Some("marie.favre@mail.example".into()), ..page(form) },
        ]
    }
}

/// The flow is over or was left too long: says so and leads back to the app that asked.
#[derive(Debug, Clone, Serialize)]
pub struct FlowExpiredPage {
    /// The app that asked, where the person can begin again; `None` when it is not known any more: then to
    /// the realm's own page.
    pub back: Option<Link>,
}

impl Page for FlowExpiredPage {
    const TEMPLATE: &'static str = "pages/flow_expired.html";

    fn samples() -> Vec<Self> {
        vec![Self { back: Some(Link::new("Lindenhof flex", "http://localhost:8081/")) }, Self { back: None }]
    }
}

/// The person is signed in already, in another tab for instance, and may just go on.
#[derive(Debug, Clone, Serialize)]
pub struct AlreadySignedInPage {
    /// The login name of the session.
    pub username: String,
    /// Finishes the waiting request, or leads to the app.
    pub onward: Option<Link>,
    /// Where another person may sign in instead.
    pub switch_url: Option<String>,
}

impl Page for AlreadySignedInPage {
    const TEMPLATE: &'static str = "pages/already_signed_in.html";

    fn samples() -> Vec<Self> {
        let onward = Some(Link::new("Lindenhof 1e", "/lindenhof/authorize?request=01H8"));
        vec![
            Self {
                username: "marie.favre@mail.example".into(),
                onward,
                switch_url: Some("/lindenhof/ui/login/01H8/switch".into()),
            },
            Self {
                username: "jean-baptiste.d-arbois@courriel-entreprise-internationale.example".into(),
                onward: None,
                switch_url: None,
            },
        ]
    }
}

/// The portal does not serve this person: for whom it is, and where to go instead. Posts `action` = `other` (another access) or
/// `back` (to the portal, which hears that it was not granted).
#[derive(Debug, Clone, Serialize)]
pub struct NotServedPage {
    /// Where it is posted; it has no fields.
    pub form: Form,
    /// The login name of who is signed in.
    pub username: String,
    /// The portal that asked.
    pub app: String,
    /// The names of the populations that it serves.
    pub served: Vec<String>,
    /// The name of the person's own population.
    pub population: String,
    /// The portals that serve it.
    pub portals: Vec<Link>,
    /// Where the session is ended.
    pub sign_out_url: String,
}

impl Page for NotServedPage {
    const TEMPLATE: &'static str = "pages/not_served.html";

    fn samples() -> Vec<Self> {
        let page = Self {
            form: Form::to("/lindenhof/ui/login/01H8/not-served"),
            username: "marie.favre@mail.example".into(),
            app: "Lindenhof Employeurs".into(),
            served: vec!["Employeur".into()],
            population: "Assurés ou pensionnés".into(),
            portals: vec![
                Link::new("Lindenhof flex", "http://localhost:8081/"),
                Link::new("Lindenhof 1e", "http://localhost:8082/"),
            ],
            sign_out_url: "/lindenhof/ui/logout".into(),
        };
        let username = "jean-baptiste.d-arbois-de-la-tour-du-pin@courriel-entreprise-internationale.example".into();
        vec![page.clone(), Self { username, portals: vec![], ..page }]
    }
}

/// The issuer's own root: who this is, what it is for, and the portals.
#[derive(Debug, Clone, Serialize)]
pub struct HomePage {
    /// The realm's portals.
    pub portals: Vec<Start>,
    /// Somebody else's application, where its name stands in the address.
    pub other: Option<Start>,
}

/// A portal, and where signing in to it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Start {
    /// What the person reads.
    pub name: String,
    /// Where it leads.
    pub url: String,
    /// Where that is, in short.
    pub place: String,
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "pages/home.html";

    fn samples() -> Vec<Self> {
        let start = |name: &str, url: &str, place: &str| Start { name: name.into(), url: url.into(), place: place.into() };
        let portals = vec![
            start("Lindenhof flex", "http://localhost:8081/", "http://localhost:8081/"),
            start("Lindenhof 1e", "http://localhost:8082/login?iss=http%3A%2F%2Flocalhost%3A8080", "http://localhost:8082/login"),
        ];
        let other = start("Budget Suisse", "https://budget.example/login?iss=x", "https://budget.example/login");
        vec![Self { portals, other: None }, Self { portals: vec![], other: None }, Self { portals: vec![], other: Some(other) }]
    }
}
