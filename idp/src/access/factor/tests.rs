//! Factors against a real database: single use, sharing of tries, and races.

use super::otp::{self, Bound, Channel, Checked, Prepared, Purpose, Resend};
use super::sms::PhoneNumber;
use super::totp::TotpSecret;
use super::{NewFactor, active, insert, password, typed_digits, use_totp_step};
use crate::access::tests::House;
use crate::error::Failure;
use crate::tests::Place;
use poterne_protocol::id::{ChallengeId, FlowId};
use poterne_protocol::secret::Secret;
use std::time::Duration;

fn secret(text: &str) -> Secret {
    Secret::new(text.into())
}

fn sign_in(house: &House) -> Bound {
    let owner = *FlowId::new(house.now(), [7; 10]).as_bytes();
    let target = "+41791234501".to_owned();
    Bound { purpose: Purpose::SignIn, owner, account: Some(house.marie), channel: Channel::Sms, target }
}

async fn started(house: &House, bound: &Bound) -> Prepared {
    let new = Prepared::new(&house.app, &house.realm, house.now(), bound.clone()).unwrap();
    let row = new.clone();
    house.app.db.write(house.realm.id, move |tx| otp::start(tx, &row)).await.unwrap();
    new
}

async fn sent_again(house: &House, id: ChallengeId, bound: &Bound) -> (Resend, Prepared) {
    let new = Prepared::again(&house.app, &house.realm, house.now(), id, bound.clone()).unwrap();
    let (row, realm) = (new.clone(), house.realm.clone());
    (house.app.db.write(house.realm.id, move |tx| otp::resend(tx, &realm, &row)).await.unwrap(), new)
}

async fn checked(house: &House, id: ChallengeId, bound: &Bound, digits: &str) -> Checked {
    let (realm, now, bound, digits) = (house.realm.clone(), house.now(), bound.clone(), digits.to_owned());
    house.app.db.write(house.realm.id, move |tx| otp::check(tx, &realm, now, id, &bound, &digits)).await.unwrap()
}

/// Six digits that are not those of this code.
fn wrong(code: &Prepared) -> &'static str {
    if code.digits() == "000000" { "000001" } else { "000000" }
}

#[test]
fn a_typed_code_is_read_with_spaces_and_hyphens() {
    for (typed, digits) in [
        ("447683", Some("447683")),
        (" 447 683 ", Some("447683")),
        ("447-683", Some("447683")),
        ("44768", None),
        ("4476833", None),
        ("44768a", None),
        ("٤٤٧٦٨٣", None),
        ("", None),
    ] {
        assert_eq!(typed_digits(typed).as_deref(), digits, "{typed}");
    }
}

#[tokio::test]
async fn a_password_is_known_again_however_its_accents_were_typed_and_an_unknown_account_never() {
    let house = House::new(1).await;
    let kept = password::hash(&house.app, &secret("Élodie 33 ﬁnes")).await.unwrap();
    assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
    let verify = async |typed: &str, hash: Option<&str>| password::verify(&house.app, &secret(typed), hash).await.unwrap();
    assert!(verify("E\u{301}lodie 33 fines", Some(&kept)).await);
    assert!(!verify("Elodie 33 fines", Some(&kept)).await);
    assert!(!verify("Élodie 33 ﬁnes", None).await);
    assert!(!verify(&"x".repeat(1_001), Some(&kept)).await);
    let broken = password::verify(&house.app, &secret("x"), Some("md5:x")).await;
    assert!(matches!(broken, Err(Failure::ImpossibleRow(_))));
}

#[tokio::test]
async fn a_password_that_finds_no_turn_is_answered_as_busy() {
    let house = House::new(2).await;
    let permits = u32::try_from(house.app.hashing.available_permits()).unwrap();
    let _all = house.app.hashing.clone().acquire_many_owned(permits).await.unwrap();
    let typed = secret("4@8({[<369&#!1|7+0$5%2");
    let rule = house.realm.document.populations[0].password;
    let judged = password::judge_in_turn(&house.app, rule, &typed, Vec::new());
    let (verified, judged) = tokio::join!(password::verify(&house.app, &typed, None), judged);
    assert!(matches!(verified, Err(Failure::Busy(_))));
    assert!(matches!(judged, Err(Failure::Busy(_))), "judging may take longer than hashing");
}

#[tokio::test]
async fn a_sent_code_is_right_once() {
    let house = House::new(3).await;
    let bound = sign_in(&house);
    let code = started(&house, &bound).await;
    assert_eq!(checked(&house, code.id(), &bound, wrong(&code)).await, Checked::Wrong { left: 4 });
    assert_eq!(checked(&house, code.id(), &bound, code.digits()).await, Checked::Right);
    assert_eq!(checked(&house, code.id(), &bound, code.digits()).await, Checked::Spent);
}

#[tokio::test]
async fn a_code_is_right_only_for_what_it_was_sent_for() {
    let house = House::new(4).await;
    let bound = sign_in(&house);
    let code = started(&house, &bound).await;
    let strangers = [
        Bound { purpose: Purpose::ConfirmPhone, ..bound.clone() },
        Bound { owner: [9; 16], ..bound.clone() },
        Bound { channel: Channel::Mail, ..bound.clone() },
    ];
    for stranger in strangers {
        assert_eq!(checked(&house, code.id(), &stranger, code.digits()).await, Checked::Spent, "{stranger:?}");
    }
    let moved = Bound { target: "+41791234502".into(), ..bound.clone() };
    assert_eq!(checked(&house, code.id(), &moved, code.digits()).await, Checked::Wrong { left: 4 });
    let other = started(&house, &bound).await;
    if other.digits() != code.digits() {
        assert_eq!(checked(&house, other.id(), &bound, code.digits()).await, Checked::Wrong { left: 4 });
    }
    assert_eq!(checked(&house, code.id(), &bound, code.digits()).await, Checked::Right);
}

#[tokio::test]
async fn b3_37_sending_again_gives_no_further_tries() {
    let house = House::new(5).await;
    let bound = sign_in(&house);
    let first = started(&house, &bound).await;
    assert!(matches!(sent_again(&house, first.id(), &bound).await.0, Resend::TooSoon { .. }));
    for left in [4, 3, 2] {
        assert_eq!(checked(&house, first.id(), &bound, wrong(&first)).await, Checked::Wrong { left });
    }
    house.clock.advance(Duration::from_secs(60));
    let (sent, second) = sent_again(&house, first.id(), &bound).await;
    assert_eq!(sent, Resend::Sent);
    let neither = ["000000", "000001", "000002"].into_iter().find(|d| ![first.digits(), second.digits()].contains(d)).unwrap();
    for left in [1, 0] {
        assert_eq!(checked(&house, first.id(), &bound, neither).await, Checked::Wrong { left });
    }
    assert_eq!(checked(&house, first.id(), &bound, second.digits()).await, Checked::Spent);
    assert_eq!(sent_again(&house, first.id(), &bound).await.0, Resend::Spent);
}

#[tokio::test]
async fn an_older_code_stays_right_in_its_own_time() {
    let house = House::new(6).await;
    let bound = sign_in(&house);
    let first = started(&house, &bound).await;
    house.clock.advance(Duration::from_secs(300));
    let (_, second) = sent_again(&house, first.id(), &bound).await;
    house.clock.advance(Duration::from_secs(299));
    let early = started(&house, &bound).await;
    assert_eq!(checked(&house, early.id(), &bound, early.digits()).await, Checked::Right);
    house.clock.advance(Duration::from_secs(1));
    if first.digits() != second.digits() {
        assert_eq!(checked(&house, first.id(), &bound, first.digits()).await, Checked::Wrong { left: 4 });
    }
    house.clock.advance(Duration::from_secs(300));
    assert_eq!(checked(&house, first.id(), &bound, second.digits()).await, Checked::Expired);
    assert_eq!(sent_again(&house, first.id(), &bound).await.0, Resend::Sent);
}

#[tokio::test]
async fn a_factor_lies_sealed_and_is_read_back() {
    let house = House::new(7).await;
    let number = PhoneNumber::from_kept("+41791234501".into());
    let app = TotpSecret::generate(&house.app.entropy);
    let sms = NewFactor::sms(&house.app, &house.realm, house.now(), house.marie, &number).unwrap();
    let totp = NewFactor::totp(&house.app, &house.realm, house.now(), house.marie, &app, 5).unwrap();
    let marie = house.marie;
    let both = [sms, totp];
    let kept = house.app.db.write(house.realm.id, move |tx| {
        both.iter().try_for_each(|new| insert(tx, new))?;
        active(tx, marie)
    });
    let kept = kept.await.unwrap();
    let find = |kind| kept.iter().find(|factor| factor.kind == kind).unwrap();
    let sms = find(crate::settings::FactorKind::Sms);
    let totp = find(crate::settings::FactorKind::Totp);
    assert_eq!(sms.number(&house.realm).unwrap(), number);
    assert_eq!(totp.secret(&house.realm).unwrap().as_bytes(), app.as_bytes());
    assert_eq!(totp.last_step, 5);
    assert!(sms.secret(&house.realm).is_err());
}

/// A hundred at once: exactly one wins.
async fn one_wins<F: Future<Output = bool> + Send + 'static>(use_once: impl Fn() -> F) {
    let uses: Vec<_> = (0..100).map(|_| tokio::spawn(use_once())).collect();
    let mut won = 0;
    for one in uses {
        won += usize::from(one.await.unwrap());
    }
    assert_eq!(won, 1);
}

async fn one_totp_step_is_won_once(place: Place) {
    let house = House::on(place, 8).await;
    let app = TotpSecret::generate(&house.app.entropy);
    let new = NewFactor::totp(&house.app, &house.realm, house.now(), house.marie, &app, 5).unwrap();
    let id = new.id();
    house.app.db.write(house.realm.id, move |tx| insert(tx, &new)).await.unwrap();
    one_wins(|| {
        let (db, realm, now) = (house.app.db.clone(), house.realm.id, house.now());
        async move { db.write(realm, move |tx| use_totp_step(tx, id, 6, now)).await.unwrap() }
    })
    .await;
}

async fn one_sent_code_is_won_once(place: Place) {
    let house = House::on(place, 9).await;
    let bound = sign_in(&house);
    let code = started(&house, &bound).await;
    one_wins(|| {
        let (db, realm, now, bound, code) = (house.app.db.clone(), house.realm.clone(), house.now(), bound.clone(), code.clone());
        async move {
            let checked = db.write(realm.id, move |tx| otp::check(tx, &realm, now, code.id(), &bound, code.digits()));
            checked.await.unwrap() == Checked::Right
        }
    })
    .await;
}

async fn five_of_a_hundred_guesses_are_evaluated(place: Place) {
    let house = House::on(place, 10).await;
    let bound = sign_in(&house);
    let code = started(&house, &bound).await;
    let guesses: Vec<_> = (0..100)
        .map(|_| {
            let (db, realm, now, bound, code) =
                (house.app.db.clone(), house.realm.clone(), house.now(), bound.clone(), code.clone());
            async move { db.write(realm.id, move |tx| otp::check(tx, &realm, now, code.id(), &bound, wrong(&code))).await }
        })
        .collect();
    let answers = futures_util::future::join_all(guesses).await;
    let evaluated = answers.into_iter().filter(|answer| matches!(answer, Ok(Checked::Wrong { .. }))).count();
    assert_eq!(evaluated, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn race_one_totp_step_is_won_once() {
    for place in Place::all() {
        one_totp_step_is_won_once(place).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn race_one_sent_code_is_won_once() {
    for place in Place::all() {
        one_sent_code_is_won_once(place).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn race_five_of_a_hundred_guesses_are_evaluated() {
    for place in Place::all() {
        five_of_a_hundred_guesses_are_evaluated(place).await;
    }
}
