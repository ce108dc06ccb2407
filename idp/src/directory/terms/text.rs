//! The text of terms as pages show it.

use serde::Serialize;

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
