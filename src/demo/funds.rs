//! The demo's funds: each a document and its people, and nothing else.

use poterne_idp::RealmDocument;

/// A fund of the demo.
pub struct Fund {
    /// Its realm's short name.
    pub slug: &'static str,
    document: &'static str,
    /// The people and organisations it knows, as TOML.
    pub people: &'static str,
}

/// Every fund, the first one first on the start page.
pub const FUNDS: [Fund; 2] = [
    Fund {
        slug: "lindenhof",
        document: include_str!("../../examples/lindenhof.toml"),
        people: include_str!("../../examples/lindenhof-people.toml"),
    },
    Fund {
        slug: "saentima",
        document: include_str!("../../examples/saentima.toml"),
        people: include_str!("../../examples/saentima-people.toml"),
    },
];

impl Fund {
    /// Its realm's document, with the portals' usual addresses.
    ///
    /// # Errors
    /// In words, for a document that does not read.
    pub fn document(&self) -> Result<RealmDocument, String> {
        RealmDocument::parse(self.document).map_err(|mistakes| mistakes.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fund_is_called_as_in_its_document() {
        for fund in &FUNDS {
            assert_eq!(fund.document().unwrap().slug, fund.slug);
        }
    }
}
