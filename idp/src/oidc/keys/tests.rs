//! Keys sign what relying parties and we ourselves accept, open only where they lie, and follow one another without a gap.

use super::signer::RealmSigner;
use super::{generate_next, load, rotate};
use crate::oidc::tests::World;
use crate::operations::audit::{Actor, Event};
use crate::realm::SigningKeys;
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{ClientId, IssuerUrl};
use poterne_protocol::jose::Algorithm;
use poterne_protocol::jose::jws::{TokenType, mint, verify};
use serde_json::{Value, json};
use std::time::Duration;

async fn loaded(world: &World) -> SigningKeys {
    let (vault, now) = (world.realm().await.vault.clone(), world.now());
    world.read(move |rx| load(rx, &vault, now)).await
}

fn kid(keys: &SigningKeys, algorithm: Algorithm) -> String {
    keys.signers.iter().find(|signer| signer.algorithm() == algorithm).unwrap().kid().to_owned()
}

#[tokio::test]
async fn a_new_realm_signs_with_both_algorithms_and_publishes_the_next_keys_too() {
    let world = World::new().await;
    let keys = loaded(&world).await;
    assert_eq!((keys.signers.len(), keys.published.keys.len()), (2, 4));
    let set: CoreJsonWebKeySet = serde_json::from_value(serde_json::to_value(&keys.published).unwrap()).unwrap();
    for (signer, alg) in
        keys.signers.iter().zip([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, CoreJwsSigningAlgorithm::EcdsaP256Sha256])
    {
        let claims = json!({"iss": "https://i.example", "sub": "marie", "aud": "flex", "exp": 4_000_000_000_i64, "iat": 1});
        let token = mint(&**signer, TokenType::IdToken, &claims).unwrap();
        assert_eq!(verify::<Value>(&token, TokenType::IdToken, &keys.published).unwrap(), claims);
        let issuer = IssuerUrl::new("https://i.example".into()).unwrap();
        let verifier = CoreIdTokenVerifier::new_public_client(ClientId::new("flex".into()), issuer, set.clone());
        let token: CoreIdToken = token.parse().unwrap();
        let nonce = |_: Option<&openidconnect::Nonce>| Ok(());
        assert_eq!(token.claims(&verifier.set_allowed_algs([alg]), nonce).unwrap().subject().as_str(), "marie");
    }
}

#[tokio::test]
async fn a_private_key_opens_in_its_own_row_only() {
    let world = World::new().await;
    let realm = world.realm().await;
    let keys = generate_next(world.app(), &realm.vault, Duration::ZERO, world.now()).await.unwrap();
    let [one, other] = keys.as_slice() else { panic!("one for each algorithm") };
    assert!(RealmSigner::open(&realm.vault, one.id, &one.public, &one.sealed).is_ok());
    assert!(RealmSigner::open(&realm.vault, other.id, &one.public, &one.sealed).is_err());
    assert!(RealmSigner::open(&realm.vault, one.id, &other.public, &one.sealed).is_err());
}

#[tokio::test]
async fn the_next_key_takes_over_by_rotation_once_it_was_published_long_enough() {
    let world = World::new().await;
    let lead = Duration::from_secs(3600);
    let before = loaded(&world).await;
    world.advance(Duration::from_secs(60)).await;
    turn(&world, lead).await;
    let waiting = loaded(&world).await;
    assert_eq!(kid(&waiting, Algorithm::Es256), kid(&before, Algorithm::Es256), "published a minute ago: too early");
    assert_eq!(waiting.published.keys.len(), 6);
    world.advance(lead).await;
    let after = loaded(&world).await;
    for algorithm in Algorithm::ALL {
        let kid = kid(&after, algorithm);
        assert!(before.published.find(&kid).is_some(), "it was published before it signs");
        assert!(!before.signers.iter().any(|signer| signer.kid() == kid));
        assert!(after.published.find(before.signers.iter().find(|s| s.algorithm() == algorithm).unwrap().kid()).is_some());
    }
    world.advance(Duration::from_secs(31 * 24 * 3600)).await;
    turn(&world, lead).await;
    let later = loaded(&world).await;
    assert!(later.published.find(&kid(&before, Algorithm::Rs256)).is_none(), "long retired");
    assert!(later.published.find(&kid(&after, Algorithm::Rs256)).is_some(), "retired just now");
    assert_ne!(kid(&later, Algorithm::Rs256), kid(&after, Algorithm::Rs256));
}

#[tokio::test]
async fn a_key_that_nobody_rotates_is_followed_by_the_next_one() {
    let world = World::new().await;
    let before = loaded(&world).await;
    world.advance(Duration::from_secs(91 * 24 * 3600)).await;
    let after = loaded(&world).await;
    assert_eq!(after.signers.len(), 2);
    assert_ne!(kid(&before, Algorithm::Rs256), kid(&after, Algorithm::Rs256));
}

async fn turn(world: &World, lead: Duration) {
    let (realm, now) = (world.realm().await, world.now());
    let fresh = generate_next(world.app(), &realm.vault, lead, now).await.unwrap();
    let event = Event::new(world.app(), now, "key.rotated", Actor::Operator);
    world.write(move |tx| rotate(tx, &fresh, lead, now, &event)).await;
}
