//! The terms of use as people read and print them.

use crate::web::render::Page;
use serde::Serialize;

/// The terms of use, to be read and printed.
#[derive(Debug, Clone, Serialize)]
pub struct TermsPage {
    /// Their title in the page's language.
    pub title: String,
    /// Their version.
    pub version: u32,
    /// The day they took effect.
    pub effective_from: chrono::NaiveDate,
    /// Their text. See [`TermsBlock::parse`].
    pub blocks: Vec<TermsBlock>,
}

/// A piece of the terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "text")]
pub enum TermsBlock {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// The items of a list.
    List(Vec<String>),
}

impl TermsBlock {
    /// Reads plain text: blocks apart by empty lines; a line with `# ` is a heading by itself, `- ` an item; other
    /// lines join to paragraphs.
    #[must_use]
    pub fn parse(text: &str) -> Vec<Self> {
        let text = text.replace("\r\n", "\n");
        text.split("\n\n").map(str::trim).filter(|block| !block.is_empty()).flat_map(Self::block).collect()
    }

    fn block(block: &str) -> Vec<Self> {
        let Some(headed) = block.strip_prefix("# ") else {
            return vec![Self::body(block)];
        };
        let (heading, rest) = headed.split_once('\n').unwrap_or((headed, ""));
        let heading = Self::Heading(heading.trim().to_owned());
        if rest.is_empty() { vec![heading] } else { vec![heading, Self::body(rest)] }
    }

    fn body(block: &str) -> Self {
        if block.lines().all(|line| line.starts_with("- ")) {
            return Self::List(block.lines().map(|line| line.trim_start_matches("- ").trim().to_owned()).collect());
        }
        Self::Paragraph(block.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl Page for TermsPage {
    const TEMPLATE: &'static str = "pages/terms.html";

    fn samples() -> Vec<Self> {
        let text = "# 1 But\n\nLe portail vous donne accès à vos documents de prévoyance et à vos données personnelles.\n\n\
            # 2 Vos devoirs\n\n- Gardez votre mot de passe et votre téléphone pour vous seul.\n\
            - Terminez toujours la session protégée par «Déconnexion».\n- Annoncez une perte sans attendre.\n\n\
            # 3 Protection des données\n\nLa caisse traite vos données selon la loi fédérale sur la protection des données.";
        vec![TermsPage {
            title: "Conditions d'utilisation du portail".into(),
            version: 3,
            effective_from: chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default(),
            blocks: TermsBlock::parse(text),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_as_headings_lists_and_paragraphs() {
        let blocks = TermsBlock::parse("# 1 But\r\n\r\nPremière\nligne.\n\n- un\n- deux\n\n# 2 Fin\nSitôt\ndessous.\n");
        let expected = vec![
            TermsBlock::Heading("1 But".into()),
            TermsBlock::Paragraph("Première ligne.".into()),
            TermsBlock::List(vec!["un".into(), "deux".into()]),
            TermsBlock::Heading("2 Fin".into()),
            TermsBlock::Paragraph("Sitôt dessous.".into()),
        ];
        assert_eq!(blocks, expected);
    }
}
