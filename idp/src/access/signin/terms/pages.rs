//! The page that asks to accept the terms of use.

use crate::directory::terms::TermsBlock;
use crate::lang::Lang;
use crate::web::form::{Fault, Form};
use crate::web::render::Page;
use chrono::NaiveDate;
use serde::Serialize;

/// The terms of use, to be accepted before the portal gets anything. Form field: `terms`; `action` is `next` or `refuse`.
#[derive(Debug, Clone, Serialize)]
pub struct AcceptTermsPage {
    /// Values: `session`, `version` and `language`, which say to whom the page showed what. The tick is never put back.
    pub form: Form,
    /// The version to accept.
    pub version: u32,
    /// The day from which it applies.
    pub effective_from: NaiveDate,
    /// The version that the person accepted before; `None` for whoever accepts for the first time.
    pub earlier_url: Option<String>,
    /// Whether these are other terms than the ones on the page that was posted.
    pub renewed: bool,
    /// The same terms on a page of their own, to be printed.
    pub terms_url: String,
    /// The language of the text, which may lack in the page's.
    pub text_lang: Lang,
    /// The text.
    pub blocks: Vec<TermsBlock>,
}

impl Page for AcceptTermsPage {
    const TEMPLATE: &'static str = "pages/accept_terms.html";

    fn samples() -> Vec<Self> {
        let text = "# 1 But\n\nLe portail vous donne accès à vos documents de prévoyance et à vos données personnelles.\n\n\
            # 2 Vos devoirs\n\n- Gardez votre mot de passe et votre téléphone pour vous seul.\n\
            - Terminez toujours la session protégée par «Déconnexion».\n- Annoncez une perte sans attendre.\n\n\
            # 3 Protection des données\n\nLa caisse traite vos données selon la loi fédérale sur la protection des données.\n\n\
            # 4 Modifications\n\nUne nouvelle version vous est présentée à la connexion et doit être acceptée.";
        let form = Form::to("/lindenhof/ui/login/01H8/terms").with("session", "01H9").with("version", "3").with("language", "fr");
        let first = Self {
            form: form.clone(),
            version: 3,
            effective_from: NaiveDate::from_ymd_opt(2026, 11, 1).unwrap_or_default(),
            earlier_url: None,
            renewed: false,
            terms_url: "/lindenhof/ui/terms/insured/3".into(),
            text_lang: Lang::Fr,
            blocks: TermsBlock::parse(text),
        };
        let again = Self { earlier_url: Some("/lindenhof/ui/terms/insured/2".into()), ..first.clone() };
        let renewed = Self { renewed: true, ..again.clone() };
        let unticked = Self { form: form.wrong("terms", Fault::TermsNotAccepted), ..first.clone() };
        vec![first, again, renewed, unticked]
    }
}
