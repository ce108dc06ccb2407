//! The page to choose an account on.

use crate::web::form::Form;
use crate::web::render::Page;
use serde::Serialize;

/// An account that is signed in with this browser.
#[derive(Debug, Clone, Serialize)]
pub struct AccountChoice {
    /// The session that its button names.
    pub session: String,
    /// Its login name.
    pub username: String,
    /// The name of its population, by which a person tells their accounts apart.
    pub population: String,
}

/// The accounts to choose from, the one in use first. Its buttons post `session`, or `action` = `other` or `cancel`.
#[derive(Debug, Clone, Serialize)]
pub struct AccountsPage {
    /// It has no fields.
    pub form: Form,
    /// The accounts; never none.
    pub accounts: Vec<AccountChoice>,
}

impl Page for AccountsPage {
    const TEMPLATE: &'static str = "pages/accounts.html";

    fn samples() -> Vec<Self> {
        let form = Form::to("/lindenhof/ui/login/01H8/accounts");
        let account = |session: &str, username: &str, population: &str| AccountChoice {
            session: session.into(),
            username: username.into(),
            population: population.into(),
        };
        let one = account("01HA", "marie.favre@mail.example", "Assurés ou pensionnés");
        let long = "jean-baptiste.d-arbois-de-la-tour-du-pin@courriel-entreprise-internationale.example";
        let all = vec![one.clone(), account("01HB", long, "<Employeurs>"), account("01HC", "m@lac.example", "Partenaires")];
        vec![Self { form: form.clone(), accounts: vec![one] }, Self { form, accounts: all }]
    }
}
