//! What operators write: a realm's document.

use super::text;
use crate::settings::RealmDocument;

pub(super) const DOCUMENTS: &[&str] = &[
    r##"
slug = "lac"
name = "Caisse du Lac"
languages = ["fr", "de"]
contact = { phone = "+41 21 555 01 10", email = "aide@lac.example", hours = { fr = "8 h" } }
branding = { colour = "#114477", mark = "L" }
sender = { email = "noreply@lac.example", sms = "CPLac" }

[[population]]
key = "insured"
name = { fr = "Assurés", de = "Versicherte" }
code = { label = { fr = "Code", de = "Code" }, valid_days = 150 }
factors = ["sms", "totp"]
password = { min_length = 8 }

[[population.identifier]]
field = "avs_number"
kind = "avs_number"

[[client]]
client_id = "flex"
client_name = "Flex"
redirect_uris = ["https://flex.example/cb"]
"##,
    "slug = \"token\"\nname = \" \"\nlanguages = []",
];

/// A document that is accepted survives its own text; a refused one is refused in words.
pub(super) fn realm_document(data: &[u8]) {
    let Some(written) = text(data) else { return };
    match RealmDocument::parse(written) {
        Ok(document) => {
            let again = document.to_toml().map(|text| RealmDocument::parse(&text));
            assert!(matches!(&again, Ok(Ok(again)) if *again == document), "{again:?}");
        }
        Err(mistakes) => assert!(!mistakes.is_empty() && mistakes.iter().all(|mistake| !mistake.is_empty())),
    }
}
