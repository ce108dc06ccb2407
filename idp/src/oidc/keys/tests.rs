//! Keys sign what relying parties and we ourselves accept, open only where they lie, and follow one another without a gap.

use super::signer::{RealmSigner, generate_next};
use super::store::load;
use super::worker::tend;
use crate::directory::realm::Realms;
use crate::manage::Rotation;
use crate::oidc::tests::World;
use crate::realm::SigningKeys;
use diesel::RunQueryDsl;
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{ClientId, IssuerUrl};
use poterne_protocol::jose::Algorithm;
use poterne_protocol::jose::jws::{TokenType, mint, verify};
use poterne_protocol::jose::keyset::KeySet;
use poterne_protocol::time::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn loaded(world: &World) -> SigningKeys {
    let (vault, now) = (world.realm().await.vault.clone(), world.now());
    world.read(move |rx| load(rx, &vault, now)).await
}

fn kid(keys: &SigningKeys, algorithm: Algorithm) -> String {
    keys.signers.iter().find(|signer| signer.algorithm() == algorithm).unwrap().kid().to_owned()
}

#[tokio::test]
async fn a_new_realm_signs_with_the_usual_algorithms_and_publishes_the_next_keys_too() {
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
    let keys = generate_next(world.app(), &realm.vault, realm.policy(), &Algorithm::ALL, world.now()).await.unwrap();
    let [one, other, ..] = keys.as_slice() else { panic!("one for each algorithm") };
    assert!(keys.iter().all(|key| RealmSigner::open(&realm.vault, key.id, &key.public, &key.sealed).is_ok()));
    assert!(RealmSigner::open(&realm.vault, other.id, &one.public, &one.sealed).is_err());
    assert!(RealmSigner::open(&realm.vault, one.id, &other.public, &one.sealed).is_err());
}

async fn rotated(world: &World, at_once: bool) -> Rotation {
    world.manage().rotate_signing_keys("lindenhof", at_once).await.unwrap()
}

async fn listed(world: &World, state: &str) -> Vec<String> {
    let keys = world.manage().signing_keys("lindenhof").await.unwrap();
    keys.into_iter().filter(|key| key.state == state).map(|key| key.kid).collect()
}

#[tokio::test]
async fn by_hand_the_next_key_takes_over_once_it_was_published_long_enough() {
    for world in World::everywhere().await {
        let (before, ready) = (loaded(&world).await, world.now().plus(HOUR));
        world.advance(Duration::from_secs(60)).await;
        assert_eq!(rotated(&world, false).await, Rotation::TooEarly { ready_at: ready.to_rfc3339() });
        assert_eq!(kid(&loaded(&world).await, Algorithm::Es256), kid(&before, Algorithm::Es256), "nothing was changed");
        world.advance(HOUR).await;
        assert_eq!(rotated(&world, false).await, Rotation::Rotated { unknown_for_seconds: 0 });
        let after = loaded(&world).await;
        for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
            let kid = kid(&after, algorithm);
            assert!(before.published.find(&kid).is_some(), "it was published before it signs");
            assert!(!before.signers.iter().any(|signer| signer.kid() == kid));
            let former = before.signers.iter().find(|signer| signer.algorithm() == algorithm).unwrap().kid();
            assert!(after.published.find(former).is_some(), "the former one is published for its tokens");
        }
        assert_eq!((listed(&world, "next").await.len(), after.published.keys.len()), (2, 6));
        let former = kid(&before, Algorithm::Rs256);
        world.advance(Duration::from_secs(5 * 60 + 61)).await;
        assert!(tend(world.app(), &*world.realm().await, [1; 16]).await.unwrap());
        let later = loaded(&world).await;
        assert!(later.published.find(&former).is_none() && later.known.find(&former).is_some(), "it reads hints only");
        world.advance(31 * DAY).await;
        assert!(tend(world.app(), &*world.realm().await, [2; 16]).await.unwrap());
        assert!(loaded(&world).await.known.find(&former).is_none(), "forgotten");
        let events = world.events().await;
        let count = |kind: &str| events.iter().filter(|event| *event == kind).count();
        assert_eq!(["key.rotated", "key.published", "key.retired", "key.deleted"].map(count), [2, 2, 2, 2], "{events:?}");
    }
}

#[tokio::test]
async fn a_compromised_key_gives_way_at_once_and_its_tokens_are_worth_nothing() {
    let world = World::new().await;
    let before = loaded(&world).await;
    let leaked = kid(&before, Algorithm::Es256);
    let refused = |kid: String| {
        let manage = world.manage();
        async move { manage.retire_signing_key("lindenhof", &kid).await.unwrap_err().to_string() }
    };
    assert!(refused(leaked.clone()).await.contains("key rotate"), "the one that signs is never retired");
    assert!(refused(String::new()).await.contains("no key") && refused("nobody".into()).await.contains("no key"));
    world.advance(Duration::from_secs(60)).await;
    assert_eq!(rotated(&world, true).await, Rotation::Rotated { unknown_for_seconds: 3540 });
    assert!(refused(leaked.clone()).await.contains("live until"));
    let whole = world.manage().withdraw_signing_key("lindenhof", &leaked[..20]).await.unwrap();
    let after = loaded(&world).await;
    assert!(whole == leaked && after.published.find(&leaked).is_none() && after.known.find(&leaked).is_none());
    let next = listed(&world, "next").await;
    world.manage().retire_signing_key("lindenhof", &next[0]).await.unwrap();
    let renewed = listed(&world, "next").await;
    assert!(renewed.len() == 2 && !renewed.contains(&next[0]), "another next key is published");
    assert!(world.manage().keys_sign().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_key_that_leaks_while_it_signs_gives_way_to_the_next_one_and_a_next_one_to_another() {
    for world in World::everywhere().await {
        let (before, next) = (loaded(&world).await, listed(&world, "next").await);
        let leaked = kid(&before, Algorithm::Rs256);
        world.manage().withdraw_signing_key("lindenhof", &leaked).await.unwrap();
        let after = loaded(&world).await;
        assert!(after.known.find(&leaked).is_none() && next.contains(&kid(&after, Algorithm::Rs256)), "the next one signs");
        assert_eq!(kid(&after, Algorithm::Es256), kid(&before, Algorithm::Es256), "the other algorithm goes on");
        assert_eq!((listed(&world, "current").await.len(), listed(&world, "next").await.len()), (2, 2));
        let token = mint(&*before.signers[0], TokenType::IdToken, &json!({"sub": "marie"})).unwrap();
        assert!(before.signers[0].kid() == leaked && verify::<Value>(&token, TokenType::IdToken, &after.known).is_err());
        let next = listed(&world, "next").await;
        world.manage().withdraw_signing_key("lindenhof", &next[0]).await.unwrap();
        let renewed = listed(&world, "next").await;
        assert!(renewed.len() == 2 && !renewed.contains(&next[0]), "another next key is published");
        assert!(world.manage().withdraw_signing_key("lindenhof", &leaked).await.is_err(), "it is gone");
        assert!(world.manage().keys_sign().await.unwrap().is_empty());
        let events = world.events().await;
        assert_eq!(events.iter().filter(|event| *event == "key.withdrawn").count(), 2, "{events:?}");
    }
}

async fn apply_algorithms(world: &World, algorithms: &[Algorithm]) -> Result<(), String> {
    let mut document = world.manage().document("lindenhof").await.unwrap().unwrap();
    document.signing_algorithms = algorithms.to_vec();
    world.manage().apply_realm(document).await.map(drop).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_realm_has_keys_of_exactly_the_algorithms_of_its_document() {
    for world in World::everywhere().await {
        apply_algorithms(&world, &Algorithm::ALL).await.unwrap();
        let all = loaded(&world).await;
        assert_eq!((all.signers.len(), all.published.keys.len()), (5, 10), "a new algorithm signs at once");
        let realm = world.realm().await;
        assert!(Algorithm::ALL.into_iter().all(|algorithm| realm.signer(algorithm).is_some()));
        assert!(world.manage().keys_sign().await.unwrap().is_empty(), "what each signs verifies");
        let gone = kid(&all, Algorithm::EdDsa);
        apply_algorithms(&world, &[Algorithm::Rs256, Algorithm::Es256]).await.unwrap();
        let fewer = loaded(&world).await;
        assert_eq!((fewer.signers.len(), listed(&world, "next").await.len()), (2, 2));
        assert!(fewer.published.find(&gone).is_some(), "its tokens live");
        world.advance(Duration::from_secs(5 * 60 + 61)).await;
        tend(world.app(), &*world.realm().await, [1; 16]).await.unwrap();
        let later = loaded(&world).await;
        assert!(later.published.find(&gone).is_none() && later.published.keys.len() == 4);
        apply_algorithms(&world, &[Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa]).await.unwrap();
        assert_ne!(kid(&loaded(&world).await, Algorithm::EdDsa), gone, "it comes back with a new key");
        let refusal = apply_algorithms(&world, &[Algorithm::Rs256]).await.unwrap_err();
        assert!(refusal.contains("access_token_signed_response_alg ES256"), "{refusal}");
    }
}

#[tokio::test]
async fn tokens_that_may_live_longer_keep_their_key_published_longer() {
    let world = World::new().await;
    let mut document = world.manage().document("lindenhof").await.unwrap().unwrap();
    let former = kid(&loaded(&world).await, Algorithm::Rs256);
    for seconds in [7200, 300] {
        document.policy.id_token_seconds = seconds;
        world.manage().apply_realm(document.clone()).await.unwrap();
    }
    world.advance(HOUR).await;
    rotated(&world, false).await;
    for (minutes, published) in [(119, true), (3, false)] {
        world.advance(Duration::from_secs(minutes * 60)).await;
        tend(world.app(), &*world.realm().await, [1; 16]).await.unwrap();
        assert_eq!(loaded(&world).await.published.find(&former).is_some(), published, "after {minutes} minutes more");
    }
}

#[tokio::test]
async fn a_realm_that_lost_its_keys_is_told_and_gets_new_ones() {
    let world = World::new().await;
    world
        .write(|tx| {
            diesel::sql_query("DELETE FROM signing_key").execute(tx.conn)?;
            crate::directory::realm::raise_generation(tx, tx.realm())
        })
        .await;
    world.advance(Duration::from_secs(2)).await;
    let unusable = world.manage().keys_usable().await.unwrap();
    assert!(unusable.len() == 1 && unusable[0].why.contains("RS256 and ES256"), "{unusable:?}");
    tend(world.app(), &*world.realm().await, [1; 16]).await.unwrap();
    world.advance(Duration::from_secs(2)).await;
    assert!(world.manage().keys_sign().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_rotate_at_the_same_time_rotate_once() {
    for world in World::everywhere().await {
        let (realm, mut nth) = (world.realm().await, 0);
        for round in 1..=4 {
            world.advance(91 * DAY).await;
            let mut holder = || {
                nth += 1;
                [nth; 16]
            };
            let tended = [holder(), holder(), holder()].map(|holder| tend(world.app(), &realm, holder));
            for done in futures_util::future::join_all(tended).await {
                assert!(!matches!(done, Err(crate::error::Failure::Internal(_))), "{done:?}");
            }
            assert_eq!((listed(&world, "current").await.len(), listed(&world, "next").await.len()), (2, 2));
            let rotations = world.events().await.iter().filter(|event| *event == "key.rotated").count();
            assert_eq!(rotations, 2 * round, "each key once a round");
        }
    }
}

/// A key set as a relying party keeps it, until when it may.
struct Cached {
    keys: KeySet,
    until: Timestamp,
}

async fn fetched(world: &World) -> Cached {
    let answer = world.ask("GET", "/jwks", &[], "").await;
    let control = answer.header(&axum::http::header::CACHE_CONTROL).to_owned();
    let seconds: u64 = control.strip_prefix("public, max-age=").unwrap().parse().unwrap();
    Cached { keys: serde_json::from_str(&answer.body).unwrap(), until: world.now().plus(Duration::from_secs(seconds)) }
}

/// Three processes, each with its own memory of the realm up to a second old: two sign and rotate by schedule, one answers for the key
/// set; now and then the operator rotates too. Whoever keeps a key set no longer than it may reads every token that lives, without
/// ever asking again for a key that it does not know.
#[tokio::test]
async fn keys_rotate_again_and_again_and_no_verification_fails() {
    for world in World::everywhere().await {
        let mut document = world.manage().document("lindenhof").await.unwrap().unwrap();
        document.policy.signing_key_days = 1;
        world.manage().apply_realm(document).await.unwrap();
        let processes = [Realms::new(load), Realms::new(load)];
        let (mut caches, mut tokens, mut signed_by) = (Vec::<Cached>::new(), Vec::<(String, Timestamp)>::new(), BTreeSet::new());
        let (mut read, end, mut step) = (0, world.now().plus(8 * DAY), 0_u64);
        while world.now() < end {
            step += 1;
            caches.push(fetched(&world).await);
            if step.is_multiple_of(97) {
                rotated(&world, false).await;
            }
            for (at, realms) in processes.iter().enumerate() {
                let realm = realms.by_slug(world.app(), "lindenhof").await.unwrap().unwrap();
                if step % 2 == u64::try_from(at).unwrap() {
                    tend(world.app(), &realm, [u8::try_from(at).unwrap(); 16]).await.unwrap();
                }
                for signer in &realm.signing.signers {
                    let lives_until = world.now().plus(realm.policy().longest_token());
                    let token = mint(&**signer, TokenType::IdToken, &json!({ "exp": lives_until.secs() })).unwrap();
                    signed_by.insert(signer.kid().to_owned());
                    tokens.push((token, lives_until));
                }
            }
            caches.push(fetched(&world).await);
            for (token, _) in &tokens {
                for cached in &caches {
                    read += 1;
                    let found = verify::<Value>(token, TokenType::IdToken, &cached.keys);
                    assert!(found.is_ok(), "step {step}: {found:?}");
                }
            }
            // A second apart, while the memories are stale; minutes apart, while caches are; hours apart.
            let pause = [1, 1, 240, 299, 600, 5400][usize::try_from(step % 6).unwrap()];
            world.advance(Duration::from_secs(pause)).await;
            caches.retain(|cached| world.now() <= cached.until);
            tokens.retain(|(_, until)| world.now() <= *until);
        }
        assert!(signed_by.len() >= 16 && read > 10_000, "{} keys signed, {read} tokens were read", signed_by.len());
        assert!(loaded(&world).await.published.keys.len() <= 6, "former keys go");
    }
}
