//! Who may frame the page: pure.

use poterne_protocol::session_state::origin;
use std::collections::BTreeSet;

/// Origins that a header has room for. A realm with more is answered for the one that asks.
const MOST: usize = 100;

/// The https origins of these redirect URIs.
pub(super) fn origins(uris: &[String]) -> BTreeSet<String> {
    uris.iter().filter_map(|uri| origin(uri)).filter(|origin| origin.starts_with("https://")).collect()
}

/// Those that the answer names, of the origins to which the realm's clients have answers sent; `asking` is the origin of the page that frames
/// ours, where the browser says so.
pub(super) fn framers(all: &BTreeSet<String>, asking: Option<&str>) -> Vec<String> {
    if all.len() > MOST {
        asking.filter(|asking| all.contains(*asking)).map(str::to_owned).into_iter().collect()
    } else {
        all.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_management_3_3_the_page_is_framed_by_https_origins_of_clients() {
        let uris = [
            "https://a.example/cb",
            "https://a.example/other",
            "http://127.0.0.1:8081/cb",
            "ch.example.app:/cb",
            "https://b.example:8443/cb",
        ];
        let all = origins(&uris.map(str::to_owned));
        assert_eq!(framers(&all, None), ["https://a.example", "https://b.example:8443"]);
        assert_eq!(framers(&all, Some("https://evil.example")), ["https://a.example", "https://b.example:8443"]);
        assert!(framers(&BTreeSet::new(), None).is_empty());
    }

    #[test]
    fn a_realm_of_very_many_clients_answers_for_the_one_that_asks() {
        let uris: Vec<String> = (0..=MOST).map(|nth| format!("https://p{nth}.example/cb")).collect();
        let clients = origins(&uris);
        assert_eq!(framers(&clients, Some("https://p7.example")), ["https://p7.example"]);
        assert!(framers(&clients, Some("https://evil.example")).is_empty());
        assert!(framers(&clients, None).is_empty());
    }
}
