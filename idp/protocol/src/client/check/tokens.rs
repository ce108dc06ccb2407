//! What a client's tokens are for, and how long they live.

use super::Mistake;
use crate::client::Client;
use crate::resource::is_resource;

pub(super) fn check(client: &Client, mistakes: &mut Vec<Mistake>) {
    for (key, resources) in [("resources", &client.resources), ("serves_resources", &client.serves_resources)] {
        for (at, resource) in resources.iter().enumerate() {
            if !is_resource(resource) {
                mistakes.push(Mistake::Resource { key, resource: resource.clone() });
            }
            if resources.iter().take(at).any(|other| other == resource) {
                mistakes.push(Mistake::Twice { key, uri: resource.clone() });
            }
        }
    }
    if client.is_public() && !client.serves_resources.is_empty() {
        mistakes.push(Mistake::PublicResource);
    }
    let lifetimes = [
        ("access_token_seconds", client.access_token_seconds),
        ("id_token_seconds", client.id_token_seconds),
        ("refresh_token_seconds", client.refresh_token_seconds),
    ];
    mistakes.extend(lifetimes.into_iter().filter(|(_, seconds)| *seconds == Some(0)).map(|(key, _)| Mistake::NoLifetime(key)));
}

#[cfg(test)]
mod tests {
    use crate::client::tests::portal;
    use serde_json::json;

    #[test]
    fn rfc8707_2_resources_and_lifetimes_have_their_form() {
        let sound = json!({"resources": ["https://api.example/v1", "urn:files"], "serves_resources": ["https://api.example/v2"],
            "access_token_seconds": 60, "access_token_format": "opaque"});
        assert_eq!(portal(&sound).check(), []);
        for (changes, words) in [
            (json!({"resources": ["/api"]}), "resources: /api is no absolute URI without fragment"),
            (json!({"resources": ["urn:files", "urn:files"]}), "resources: urn:files stands twice"),
            (json!({"serves_resources": ["https://a.example#b"]}), "serves_resources: https://a.example#b is no absolute"),
            (json!({"serves_resources": ["urn:a"], "token_endpoint_auth_method": "none"}), "serves_resources is for clients"),
            (json!({"id_token_seconds": 0}), "id_token_seconds is 0"),
        ] {
            let mistakes: Vec<String> = portal(&changes).check().iter().map(ToString::to_string).collect();
            assert!(matches!(mistakes.as_slice(), [only] if only.starts_with(words)), "{changes}: {mistakes:?}");
        }
    }
}
