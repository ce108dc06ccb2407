//! Who may frame the page: pure.

use poterne_protocol::client::Client;
use poterne_protocol::session_state::origin;
use std::collections::BTreeSet;

/// Origins that a header has room for. A realm with more is answered for the one that asks.
const MOST: usize = 100;

/// The https origins to which the realm's clients have answers sent; `asking` is the origin of the page that frames ours, where the browser
/// says so.
pub(super) fn framers(clients: &[Client], asking: Option<&str>) -> Vec<String> {
    let uris = clients.iter().flat_map(|client| &client.redirect_uris);
    let all: BTreeSet<String> = uris.filter_map(|uri| origin(uri)).filter(|origin| origin.starts_with("https://")).collect();
    if all.len() > MOST {
        all.into_iter().filter(|one| Some(one.as_str()) == asking).collect()
    } else {
        all.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn client(uris: &[String]) -> Client {
        serde_json::from_value(json!({"client_id": "flex", "client_name": "Flex", "redirect_uris": uris})).unwrap()
    }

    #[test]
    fn session_management_3_3_the_page_is_framed_by_https_origins_of_clients() {
        let uris = ["https://a.example/cb", "https://a.example/other", "http://127.0.0.1:8081/cb", "ch.example.app:/cb"];
        let clients = [client(&uris.map(str::to_owned)), client(&["https://b.example:8443/cb".to_owned()])];
        assert_eq!(framers(&clients, None), ["https://a.example", "https://b.example:8443"]);
        assert_eq!(framers(&clients, Some("https://evil.example")), ["https://a.example", "https://b.example:8443"]);
        assert!(framers(&[], None).is_empty());
    }

    #[test]
    fn a_realm_of_very_many_clients_answers_for_the_one_that_asks() {
        let uris: Vec<String> = (0..=MOST).map(|nth| format!("https://p{nth}.example/cb")).collect();
        let clients = [client(&uris)];
        assert_eq!(framers(&clients, Some("https://p7.example")), ["https://p7.example"]);
        assert!(framers(&clients, Some("https://evil.example")).is_empty());
        assert!(framers(&clients, None).is_empty());
    }
}
