//! The terms of use as people read and print them.

use crate::directory::terms::TermsBlock;
use crate::lang::Lang;
use crate::web::render::Page;
use chrono::NaiveDate;
use serde::Serialize;

/// The terms of use, to be read and printed.
#[derive(Debug, Clone, Serialize)]
pub struct TermsPage {
    /// Their title in the page's language.
    pub title: String,
    /// Their version.
    pub version: u32,
    /// The day from which they apply.
    pub effective_from: NaiveDate,
    /// How they stand today.
    pub standing: Standing,
    /// The version in force, where this is another one and there is one.
    pub current_url: Option<String>,
    /// The language of the text, which may lack in the page's.
    pub text_lang: Lang,
    /// Their text. See [`TermsBlock::parse`].
    pub blocks: Vec<TermsBlock>,
}

/// How a version of terms stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is the one that is shown and accepted now.
    InForce,
    /// Its day is still to come.
    ToCome,
    /// Another one took its place, or it was withdrawn.
    Over,
}

impl Standing {
    /// How a version stands today, given the version in force.
    #[must_use]
    pub fn of(number: u32, effective_from: NaiveDate, current: Option<u32>, today: NaiveDate) -> Self {
        match current {
            Some(current) if current == number => Self::InForce,
            _ if today < effective_from => Self::ToCome,
            _ => Self::Over,
        }
    }
}

impl Page for TermsPage {
    const TEMPLATE: &'static str = "pages/terms.html";

    fn samples() -> Vec<Self> {
        let text = "# 1 But\n\nLe portail vous donne accès à vos documents de prévoyance et à vos données personnelles.\n\n\
            # 2 Vos devoirs\n\n- Gardez votre mot de passe et votre téléphone pour vous seul.\n\
            - Terminez toujours la session protégée par «Déconnexion».\n- Annoncez une perte sans attendre.\n\n\
            # 3 Protection des données\n\nLa caisse traite vos données selon la loi fédérale sur la protection des données.";
        let page = TermsPage {
            title: "Conditions d'utilisation du portail".into(),
            version: 3,
            effective_from: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default(),
            standing: Standing::InForce,
            current_url: None,
            text_lang: Lang::Fr,
            blocks: TermsBlock::parse(text),
        };
        let current_url = Some("/lindenhof/ui/terms/insured".to_owned());
        let to_come = TermsPage { standing: Standing::ToCome, current_url: current_url.clone(), ..page.clone() };
        let over = TermsPage { standing: Standing::Over, current_url, ..page.clone() };
        vec![page, to_come, over]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_to_come_in_force_or_over() {
        let day = |month| NaiveDate::from_ymd_opt(2026, month, 1).unwrap();
        assert_eq!(Standing::of(2, day(3), Some(2), day(5)), Standing::InForce);
        assert_eq!(Standing::of(2, day(3), Some(1), day(2)), Standing::ToCome);
        assert_eq!(Standing::of(2, day(3), None, day(2)), Standing::ToCome);
        assert_eq!(Standing::of(2, day(3), Some(3), day(5)), Standing::Over);
        assert_eq!(Standing::of(2, day(3), None, day(5)), Standing::Over, "withdrawn");
    }
}
