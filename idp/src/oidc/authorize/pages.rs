//! The page that carries an answer to a portal in a form (Form Post Response Mode section 2).

use crate::web::render::Page;
use poterne_protocol::authorize::reply::Field;
use serde::Serialize;

/// Posts itself where scripts run; else the person presses its button. It holds secrets, so it has no `Debug`.
#[derive(Serialize)]
pub struct FormPostPage {
    /// The portal's name.
    pub app: String,
    /// Its redirect URI.
    pub action: String,
    /// What is posted.
    pub fields: Vec<Hidden>,
}

/// A hidden field.
#[derive(Serialize)]
pub struct Hidden {
    /// The parameter.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

impl FormPostPage {
    /// A page for an answer.
    pub fn new(app: String, action: &str, fields: &[Field]) -> Self {
        let hidden = |field: &Field| Hidden { name: field.name, value: field.value.expose().to_owned() };
        Self { app, action: action.to_owned(), fields: fields.iter().map(hidden).collect() }
    }
}

impl Page for FormPostPage {
    const TEMPLATE: &'static str = "pages/form_post.html";

    fn samples() -> Vec<Self> {
        let hidden = |name, value: &str| Hidden { name, value: value.to_owned() };
        let state = "a\"><script>alert(1)</script>&amp;".repeat(8);
        vec![
            Self {
                app: "Lindenhof flex".into(),
                action: "https://flex.example/cb?tab=1&x=2".into(),
                fields: vec![
                    hidden("code", "01H8.secret"),
                    hidden("state", &state),
                    hidden("iss", "https://id.example/lindenhof"),
                ],
            },
            Self {
                app: "Portail des employeurs de la Caisse de pension du canton et de ses communes".into(),
                action: "https://flex.example/cb".into(),
                fields: vec![hidden("error", "access_denied"), hidden("iss", "https://id.example/lindenhof")],
            },
        ]
    }
}
