//! Clients added, replaced secrets, clients removed; and the document that says the same.

use super::*;
use crate::onboarding::tests::{Bed, beds};

const SLUG: &str = "lindenhof";

fn new(client_id: &str) -> NewClient {
    NewClient {
        client_id: client_id.into(),
        client_name: "Wages".into(),
        kind: ClientKind::Confidential,
        auth_method: None,
        jwks_uri: None,
        redirect_uris: vec!["https://wages.example/callback".into()],
        post_logout_redirect_uris: vec![],
        client_uri: None,
        scope: None,
        sector: None,
        populations: vec![],
        first_party: true,
        native: false,
    }
}

impl Bed {
    async fn refused(&self, client: NewClient) -> String {
        self.manage.add_client(SLUG, client).await.err().expect("it is refused").to_string()
    }

    /// Which of these secrets the client may show now.
    async fn accepted(&self, client_id: &'static str, secrets: &[&Secret]) -> Vec<bool> {
        let now = self.now();
        let found = self.app.db.read(self.realm.id, move |rx| client::by_client_id(rx, client_id)).await.unwrap();
        let live = found.map(|found| found.secrets(now)).unwrap_or_default();
        secrets.iter().map(|secret| live.contains(&secret.digest())).collect()
    }

    async fn kinds(&self, of: &str) -> usize {
        let events = self.manage.newest_events(SLUG, 100).await.unwrap();
        events.iter().filter(|event| event.kind == of).count()
    }
}

#[tokio::test]
async fn a_client_that_is_added_stands_in_the_document_and_its_secret_works() {
    for bed in beds().await {
        let before = bed.manage.document(SLUG).await.unwrap().unwrap();
        let added = bed.manage.add_client(SLUG, new("wages")).await.unwrap();
        let secret = added.secret.unwrap();
        assert_eq!(bed.accepted("wages", &[&secret]).await, [true]);
        let document = bed.manage.document(SLUG).await.unwrap().unwrap();
        assert_eq!(document.clients.len(), before.clients.len() + 1);
        let text = document.to_toml().unwrap();
        assert!(text.contains("client_id = \"wages\"") && !text.contains(secret.expose()), "{text}");
        assert_eq!(RealmDocument::parse(&text).unwrap(), document, "the export can be applied again");
        assert_eq!(bed.manage.apply_realm(document).await.unwrap(), crate::manage::Applied::Unchanged);
        let shown = bed.manage.client(SLUG, "wages").await.unwrap();
        assert_eq!((shown.has_secret, shown.former_secret_until, shown.grants), (true, None, 0));
        assert_eq!(shown.issuer, "http://localhost:8080/lindenhof");
        assert_eq!(bed.kinds("client.added").await, 1);
    }
}

#[tokio::test]
async fn what_cannot_be_a_client_is_refused_with_every_mistake_and_changes_nothing() {
    let bed = beds().await.swap_remove(0);
    let before = bed.manage.document(SLUG).await.unwrap();
    let far = NewClient { redirect_uris: vec!["http://wages.example/callback".into()], ..new("wages") };
    assert!(bed.refused(far).await.contains("http://wages.example/callback is http outside loopback"));
    let twice = vec!["https://a.example/cb".to_owned(); 2];
    assert!(bed.refused(NewClient { redirect_uris: twice, ..new("wages") }).await.contains("stands twice"));
    assert!(bed.refused(new("lindenhof-flex")).await.contains("there is a client lindenhof-flex already"));
    assert!(bed.refused(NewClient { redirect_uris: vec![], ..new("wages") }).await.contains("redirect_uris is empty"));
    let many = NewClient { client_name: " ".into(), populations: vec!["insurd".into()], ..new("wa ges") };
    let said = bed.refused(many).await;
    assert!(said.contains("client_id must be") && said.contains("client_name is empty") && said.contains("insurd"), "{said}");
    let public = NewClient { kind: ClientKind::Public, auth_method: Some(ClientAuthMethod::ClientSecretPost), ..new("wages") };
    assert!(bed.refused(public).await.contains("the method does not fit"));
    let service = NewClient { kind: ClientKind::Service, scope: Some("openid".into()), ..new("wages") };
    assert!(bed.refused(service).await.contains("redirect_uris must be empty"));
    assert_eq!(bed.manage.document(SLUG).await.unwrap(), before);
}

#[tokio::test]
async fn public_clients_have_no_secret_and_services_no_redirect_uri() {
    let bed = beds().await.swap_remove(0);
    let public = NewClient { kind: ClientKind::Public, ..new("page") };
    assert!(bed.manage.add_client(SLUG, public).await.unwrap().secret.is_none());
    let said = bed.manage.rotate_client_secret(SLUG, "page").await.err().unwrap().to_string();
    assert!(said.contains("page is public"), "{said}");
    let own_key = NewClient { auth_method: Some(ClientAuthMethod::PrivateKeyJwt), ..new("signer") };
    assert!(bed.refused(own_key.clone()).await.contains("private_key_jwt needs jwks_uri"));
    let own_key = NewClient { jwks_uri: Some("https://wages.example/jwks".into()), ..own_key };
    assert!(bed.manage.add_client(SLUG, own_key).await.unwrap().secret.is_none());
    assert!(bed.manage.rotate_client_secret(SLUG, "signer").await.is_err());
    let kind = ClientKind::Service;
    let method = Some(ClientAuthMethod::ClientSecretPost);
    let service =
        NewClient { kind, auth_method: method, redirect_uris: vec![], scope: Some("wages.read".into()), ..new("import") };
    let added = bed.manage.add_client(SLUG, service).await.unwrap();
    assert!(added.secret.is_some() && added.client.is_service());
}

#[tokio::test]
async fn a_replaced_secret_is_good_until_its_time_is_over_and_no_longer() {
    for bed in beds().await {
        let first = bed.manage.add_client(SLUG, new("wages")).await.unwrap().secret.unwrap();
        let day = Duration::from_secs(86_400);
        let (second, until) = bed.manage.replace_client_secret(SLUG, "wages", day).await.unwrap();
        assert_eq!(until, Some(bed.now().plus(day)));
        assert_eq!(bed.accepted("wages", &[&first, &second]).await, [true, true]);
        bed.clock.advance(day);
        assert_eq!(bed.accepted("wages", &[&first, &second]).await, [false, true]);
        let (third, _) = bed.manage.replace_client_secret(SLUG, "wages", day).await.unwrap();
        let (fourth, _) = bed.manage.replace_client_secret(SLUG, "wages", day).await.unwrap();
        assert_eq!(bed.accepted("wages", &[&second, &third, &fourth]).await, [false, true, true], "two at most");
        let fifth = bed.manage.rotate_client_secret(SLUG, "wages").await.unwrap();
        assert_eq!(bed.accepted("wages", &[&third, &fourth, &fifth]).await, [false, false, true]);
        assert_eq!(bed.kinds("client.secret_rotated").await, 4);
    }
}

#[tokio::test]
async fn a_removed_client_is_gone_and_comes_back_only_as_a_new_one() {
    for bed in beds().await {
        let first = bed.manage.add_client(SLUG, new("wages")).await.unwrap().secret.unwrap();
        assert_eq!(bed.manage.remove_client(SLUG, "wages").await.unwrap(), 0);
        assert!(bed.manage.client(SLUG, "wages").await.unwrap_err().to_string().contains("no client wages"));
        assert!(bed.manage.remove_client(SLUG, "wages").await.is_err());
        assert!(!bed.manage.document(SLUG).await.unwrap().unwrap().clients.iter().any(|client| client.client_id == "wages"));
        let second = bed.manage.add_client(SLUG, new("wages")).await.unwrap().secret.unwrap();
        assert_eq!(bed.accepted("wages", &[&first, &second]).await, [false, true]);
        assert_eq!(bed.kinds("client.removed").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clients_added_at_once_are_all_there() {
    for bed in beds().await {
        let adding: Vec<_> = (0..6)
            .map(|number| {
                let manage = bed.manage.clone();
                tokio::spawn(async move { manage.add_client(SLUG, new(&format!("wages-{number}"))).await.map(drop) })
            })
            .collect();
        for added in adding {
            added.await.unwrap().unwrap();
        }
        let document = bed.manage.document(SLUG).await.unwrap().unwrap();
        assert_eq!(document.clients.iter().filter(|client| client.client_id.starts_with("wages-")).count(), 6);
    }
}

#[tokio::test]
async fn a_client_that_an_applied_document_removed_comes_back_without_its_secrets() {
    for bed in beds().await {
        let secret = bed.manage.add_client(SLUG, new("wages")).await.unwrap().secret.unwrap();
        let with = bed.manage.document(SLUG).await.unwrap().unwrap();
        let mut without = with.clone();
        without.clients.retain(|client| client.client_id != "wages");
        bed.manage.apply_realm(without).await.unwrap();
        bed.manage.apply_realm(with).await.unwrap();
        assert_eq!(bed.accepted("wages", &[&secret]).await, [false]);
        assert!(!bed.manage.client(SLUG, "wages").await.unwrap().has_secret);
    }
}

#[tokio::test]
async fn a_secret_that_is_brought_along_is_taken_once_and_must_not_be_guessable() {
    for bed in beds().await {
        let drawn = bed.manage.add_client(SLUG, new("wages")).await.unwrap().secret.unwrap();
        let brought = Secret::new("Kept-where-the-portal-keeps-it-0123456789".into());
        let set = || bed.manage.set_client_secret(SLUG, "wages", &brought, Duration::ZERO);
        assert_eq!(set().await.unwrap(), SetSecret::Set { former_until: None });
        assert_eq!(bed.accepted("wages", &[&drawn, &brought]).await, [false, true]);
        assert_eq!(set().await.unwrap(), SetSecret::Unchanged);
        assert_eq!(bed.kinds("client.secret_rotated").await, 1, "what changes nothing is no event");
        for bad in ["too-short", "with a blank in it, which headers mangle", "ünïcödé-ünïcödé-ünïcödé-ünïcödé-ünïcödé"]
        {
            let refused = bed.manage.set_client_secret(SLUG, "wages", &Secret::new(bad.into()), Duration::ZERO).await;
            assert!(refused.unwrap_err().to_string().contains("32 to 256"), "{bad}");
        }
        let public = bed.manage.set_client_secret(SLUG, "lindenhof-1e", &brought, Duration::ZERO).await;
        assert!(public.unwrap_err().to_string().contains("public"));
    }
}
