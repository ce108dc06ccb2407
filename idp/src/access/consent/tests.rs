//! The words for what a client gets, and the rows of what was allowed.

use super::rules::things;
use super::store::{forget, give};
use super::{accesses, end_access, forget_account, remembered};
use crate::access::tests::House;
use crate::directory::{account, client};
use crate::lang::Lang;
use crate::store::schema::oauth_grant as g;
use crate::tests::Place;
use crate::web::words;
use diesel::prelude::*;
use poterne_protocol::claims;
use poterne_protocol::consent::Agreed;
use poterne_protocol::id::{AccountId, ClientRowId, GrantId};
use poterne_protocol::scope::{self, Scope};
use poterne_protocol::time::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

fn agreed(scope: &str, claims: &[&str]) -> Agreed {
    Agreed { scope: Scope::parse(scope).unwrap(), claims: claims.iter().map(|name| (*name).to_owned()).collect() }
}

#[test]
fn every_scope_and_every_claim_has_plain_words_of_its_own_in_every_language() {
    let all = agreed(&scope::SUPPORTED.join(" "), &[]);
    let names: BTreeSet<String> = scope::SUPPORTED.into_iter().flat_map(claims::names_of).map(str::to_owned).collect();
    let by_name = Agreed { claims: names, ..Agreed::default() };
    for thing in things(&all, None).into_iter().chain(things(&by_name, None)) {
        assert!(!thing.key.ends_with("-other"), "{} has no words", thing.name);
        for lang in Lang::ALL {
            assert!(words::t(lang, &thing.key, &[]).is_ok(), "{lang:?} {}", thing.key);
        }
    }
    assert_eq!(
        things(&agreed("openid x", &["y"]), None).iter().map(|thing| thing.key.as_str()).collect::<Vec<_>>(),
        ["consent-scope-openid", "consent-scope-other", "consent-claim-other"]
    );
}

#[test]
fn what_is_asked_for_beyond_the_earlier_is_called_new() {
    let asked = agreed("openid email offline_access", &["name", "gender"]);
    let new = |earlier: Option<&Agreed>| {
        let things = things(&asked, earlier);
        assert_eq!(things.last().map(|thing| thing.name.as_str()), Some("offline_access"), "the gravest comes last");
        things.into_iter().filter(|thing| thing.is_new).map(|thing| thing.name).collect::<Vec<_>>()
    };
    assert_eq!(new(None), Vec::<String>::new());
    assert_eq!(new(Some(&agreed("openid", &[]))), ["email", "gender", "name", "offline_access"]);
    assert_eq!(new(Some(&agreed("openid profile offline_access", &["email"]))), ["email"], "profile opens both names");
    assert_eq!(new(Some(&agreed("openid email offline_access", &["gender"]))), ["name"]);
}

impl House {
    async fn flex(&self) -> ClientRowId {
        let (clients, now) = (self.realm.document.clients.clone(), self.now());
        let row = ClientRowId::new(now, self.app.entropy.bytes());
        let add = self.app.db.write(self.realm.id, move |tx| client::apply_document(tx, &clients, &[row], now));
        add.await.unwrap();
        row
    }

    /// A grant of Marie's that outlives her sessions.
    async fn offline_grant(&self, client: ClientRowId, revoked_at: Option<Timestamp>) {
        let (account, now) = (self.marie, self.now());
        let id = GrantId::new(now, self.app.entropy.bytes());
        let insert = self.app.db.write(self.realm.id, move |tx| {
            let who = (g::realm.eq(tx.realm()), g::id.eq(id), g::account.eq(account), g::client.eq(client), g::sub.eq("s"));
            let what = (g::sid.eq("s"), g::scope.eq("openid offline_access"), g::claims.eq(Some(r#"{"userinfo":["name"]}"#)));
            let how = (g::auth_time.eq(now), g::acr.eq("urn:poterne:level:single"), g::amr.eq("pwd"));
            let until = now.plus(Duration::from_secs(86_400));
            let when = (g::created_at.eq(now), g::expires_at.eq(until), g::revoked_at.eq(revoked_at));
            diesel::insert_into(g::table).values((who, what, how, when)).execute(tx.conn)?;
            Ok(())
        });
        insert.await.unwrap();
    }

    /// Who has access to Marie's account: what they get, since when, last when.
    async fn accesses(&self) -> Vec<(String, Agreed, Timestamp, Option<Timestamp>)> {
        let (id, now, realm) = (self.marie, self.now(), self.realm.clone());
        let look = self.app.db.read(self.realm.id, move |rx| {
            let account = account::load(rx, id)?.unwrap();
            accesses(rx, &account, now, realm.policy())
        });
        let found = look.await.unwrap().into_iter();
        found.map(|access| (access.client.client_id, access.agreed, access.since, access.last_used)).collect()
    }
}

#[tokio::test]
async fn what_was_allowed_is_kept_per_account_and_client_until_it_is_taken_back() {
    for place in Place::all() {
        let house = House::on(place, 41).await;
        let (marie, flex, now) = (house.marie, house.flex().await, house.now());
        let later = now.plus(Duration::from_secs(60));
        let kept = house.app.db.write(house.realm.id, move |tx| {
            assert_eq!(remembered(tx, marie, flex)?, None);
            give(tx, marie, flex, &agreed("openid", &["email", "name"]), now)?;
            give(tx, marie, flex, &agreed("openid email", &[]), later)?;
            assert_eq!(remembered(tx, AccountId::from_bytes([1; 16]), flex)?, None);
            remembered(tx, marie, flex)
        });
        let kept = kept.await.unwrap().unwrap();
        assert_eq!((kept.given_at, kept.updated_at), (now, later));
        assert_eq!(kept.agreed, agreed("openid email", &["name"]));
        let gone = house.app.db.write(house.realm.id, move |tx| {
            let gone = (forget(tx, marie, flex)?, forget(tx, marie, flex)?, remembered(tx, marie, flex)?);
            give(tx, marie, flex, &agreed("openid", &[]), now)?;
            forget_account(tx, marie)?;
            Ok((gone, remembered(tx, marie, flex)?))
        });
        assert_eq!(gone.await.unwrap(), ((true, false, None), None));
    }
}

#[tokio::test]
async fn who_has_access_is_told_and_loses_it_whole() {
    for place in Place::all() {
        let house = House::on(place, 42).await;
        let (marie, flex, begin) = (house.marie, house.flex().await, house.now());
        assert_eq!(house.accesses().await, []);
        house.offline_grant(flex, Some(begin)).await;
        assert_eq!(house.accesses().await, [], "what was revoked gives access to nothing");
        house.clock.advance(Duration::from_secs(60));
        house.offline_grant(flex, None).await;
        let since = house.now();
        let all = agreed("openid offline_access", &["name"]);
        assert_eq!(house.accesses().await, [("flex".to_owned(), all.clone(), since, Some(since))]);
        house.clock.advance(Duration::from_secs(60));
        let now = house.now();
        let end = |account| house.app.db.write(house.realm.id, move |tx| end_access(tx, account, flex, now));
        assert_eq!(end(AccountId::from_bytes([9; 16])).await.unwrap(), None, "nobody else's");
        assert_eq!(house.accesses().await.len(), 1);
        assert_eq!((end(marie).await.unwrap(), end(marie).await.unwrap()), (Some(1), None));
        assert_eq!(house.accesses().await, []);
        house.offline_grant(flex, None).await;
        house.clock.advance(Duration::from_secs(86_400));
        assert_eq!(house.accesses().await, [], "nor does what has expired");
    }
}
