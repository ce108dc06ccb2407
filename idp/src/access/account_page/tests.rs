//! The decisions of the account page, and what it reads and changes, against a real database.

use super::rules::{Done, Door, Ending, Safety, Typed, Wish, door, ending, faults, safety, wish};
use crate::access::flow::{self, Goal, NewFlow, Progress};
use crate::access::session::{self, NewSession, Session};
use crate::access::tests::House;
use crate::directory::account::{self, Account};
use crate::lang::Lang;
use crate::settings::FactorKind;
use crate::store::schema::account as accounts;
use crate::urls::AccountPage as Page;
use crate::web::form::Fault;
use diesel::prelude::*;
use poterne_protocol::claims::level::Amr;
use poterne_protocol::id::{AccountId, BrowserId, ChallengeId, FactorId, FlowId, SessionId};
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use std::time::Duration;

impl House {
    /// A session of an account in a browser of its own.
    async fn session(&self, account: AccountId) -> Session {
        let now = self.now();
        let browser = self.app.entropy.handle(|random| BrowserId::new(now, random));
        let until = now.plus(Duration::from_secs(3_600));
        let amr = vec![Amr::Pwd, Amr::Sms];
        let id = SessionId::new(now, self.app.entropy.bytes());
        let new = NewSession { id, account, auth_time: now, amr, expires_at: until, device: None, place: None };
        let realm = self.realm.clone();
        let begin = self.app.db.write(self.realm.id, move |tx| {
            session::settle(tx, None, &browser, now, until)?;
            session::establish(tx, browser.id, &new, realm.policy())
        });
        begin.await.unwrap()
    }

    async fn account(&self) -> Account {
        let id = self.marie;
        self.app.db.read(self.realm.id, move |rx| account::load(rx, id)).await.unwrap().unwrap()
    }

    async fn lives(&self, session: &Session) -> bool {
        let (id, now, realm) = (session.id, self.now(), self.realm.clone());
        let found = self.app.db.read(self.realm.id, move |rx| session::live(rx, id, now, realm.policy()));
        found.await.unwrap().is_some()
    }
}

#[tokio::test]
async fn a_page_opens_to_an_active_account_and_a_change_to_a_fresh_sign_in() {
    let house = House::new(71).await;
    let (session, account) = (house.session(house.marie).await, house.account().await);
    let policy = house.realm.policy();
    let open = |session: &Session, account: &Account, page, seconds| {
        door(Some((session, account)), page, house.now().plus(Duration::from_secs(seconds)), policy)
    };
    assert_eq!(door(None, Page::Overview, house.now(), policy), Door::SignIn);
    assert_eq!(open(&session, &account, Page::Overview, 0), Door::Open);
    assert_eq!(open(&session, &account, Page::Overview, 3_000), Door::Open);
    assert_eq!(open(&session, &account, Page::Password, 600), Door::Open, "ten minutes are fresh");
    assert_eq!(open(&session, &account, Page::Password, 601), Door::ProveAgain);
    let stopped = Account { suspended_at: Some(house.now()), ..account.clone() };
    let left = Account { access_ends_at: Some(house.now()), ..account.clone() };
    for inactive in [stopped, left] {
        assert_eq!(open(&session, &inactive, Page::Overview, 0), Door::SignIn);
        assert_eq!(open(&session, &inactive, Page::Password, 0), Door::SignIn);
    }
}

#[test]
fn a_button_ends_one_session_or_all_and_only_ones_own() {
    let (mine, other) = (SessionId::from_bytes([1; 16]), SessionId::from_bytes([2; 16]));
    let (me, stranger) = (AccountId::from_bytes([3; 16]), AccountId::from_bytes([4; 16]));
    assert_eq!(wish("everywhere"), Some(Wish::Everywhere));
    assert_eq!(wish(&format!("end:{other}")), Some(Wish::End(other)));
    for nothing in ["", "end", "end:", "end:everywhere", "Everywhere"] {
        assert_eq!(wish(nothing), None, "{nothing:?}");
    }
    assert_eq!(ending(Some((mine, me)), mine, me), Ending::This);
    assert_eq!(ending(Some((other, me)), mine, me), Ending::Other);
    assert_eq!(ending(Some((other, stranger)), mine, me), Ending::Nothing);
    assert_eq!(ending(None, mine, me), Ending::Nothing);
}

#[test]
fn the_state_is_told_by_what_there_is() {
    assert_eq!(safety(&[]), Safety::Password);
    assert_eq!(safety(&[FactorKind::Totp]), Safety::Both);
    for done in [Done::Session, Done::Language, Done::Password] {
        assert_eq!(Done::parse(done.as_str()), Some(done));
    }
    assert_eq!(Done::parse("<b>"), None);
}

#[tokio::test]
async fn the_form_of_a_new_password_is_judged_before_any_try() {
    let house = House::new(72).await;
    let population = house.realm.document.population("insured");
    let twice = population.cloned().map(|mut population| {
        population.user_data.repeat_password = true;
        population
    });
    let judge = |current: &str, new: &str, repeated: &str, judged: &[Fault]| {
        let secret = |text: &str| Secret::new(text.to_owned());
        let typed = Typed { current: secret(current), new: secret(new), repeated: secret(repeated) };
        faults(&typed, twice.as_ref(), judged)
    };
    assert_eq!(judge("old", "new", "new", &[]), []);
    assert_eq!(judge("", "new", "new", &[]), [("current", Fault::Required)]);
    assert_eq!(judge("old", "new", "", &[]), [("password_repeat", Fault::Required)]);
    assert_eq!(judge("old", "new", "nwe", &[]), [("password_repeat", Fault::PasswordsDiffer)]);
    assert_eq!(judge("e\u{301}t\u{e9}", "\u{e9}t\u{e9}", "\u{e9}te\u{301}", &[]), [("password", Fault::PasswordSame)]);
    assert_eq!(judge("old", "n", "x", &[Fault::PasswordShort(8)]), [("password", Fault::PasswordShort(8))]);
    assert_eq!(judge(&"x".repeat(1_001), "new", "new", &[]), [("current", Fault::TooLong(1_000))]);
    let typed =
        Typed { current: Secret::new("old".into()), new: Secret::new("new".into()), repeated: Secret::new(String::new()) };
    assert_eq!(faults(&typed, population, &[]), [], "this population does not ask twice");
    assert_eq!(faults(&typed, None, &[]), [("password_repeat", Fault::Required)], "an unknown one does");
}

#[tokio::test]
async fn only_the_verified_password_is_replaced() {
    let house = House::new(73).await;
    let (id, now) = (house.marie, house.now());
    let set = |old: &'static str, new: &'static str| {
        house.app.db.write(house.realm.id, move |tx| account::set_password(tx, id, old, new, now))
    };
    assert!(!set("another", "first").await.unwrap());
    assert!(set("none", "first").await.unwrap());
    assert!(!set("none", "second").await.unwrap(), "whoever verified the one before comes too late");
    assert_eq!(house.account().await.password_hash, "first");
}

#[tokio::test]
async fn all_sessions_of_an_account_end_but_the_one_kept() {
    let house = House::new(74).await;
    let (one, two) = (house.session(house.marie).await, house.session(house.marie).await);
    let (id, now, kept) = (house.marie, house.now(), two.id);
    let end = |except| house.app.db.write(house.realm.id, move |tx| session::end_all(tx, id, except, now));
    let nobody = AccountId::from_bytes([9; 16]);
    let none = house.app.db.write(house.realm.id, move |tx| session::end_all(tx, nobody, None, now)).await.unwrap();
    assert_eq!(none, 0);
    assert_eq!(end(Some(kept)).await.unwrap(), 1);
    assert!(!house.lives(&one).await && house.lives(&two).await);
    assert_eq!(end(None).await.unwrap(), 1);
    assert!(!house.lives(&two).await);
}

/// Somebody else's account.
async fn stranger(house: &House) -> AccountId {
    let id = AccountId::from_bytes([9; 16]);
    let insert = house.app.db.write(house.realm.id, move |tx| {
        let row = (
            accounts::realm.eq(tx.realm()),
            accounts::id.eq(id),
            accounts::population.eq("insured"),
            accounts::email.eq("urs.keller@lac.example"),
            accounts::language.eq("de"),
            accounts::password_hash.eq("none"),
            accounts::password_set_at.eq(Timestamp::from_secs(0)),
            accounts::level.eq("urn:poterne:level:multi"),
            accounts::created_at.eq(Timestamp::from_secs(0)),
        );
        Ok(diesel::insert_into(accounts::table).values(row).execute(tx.conn)?)
    });
    insert.await.unwrap();
    id
}

#[tokio::test]
async fn half_sign_ins_of_an_account_begin_again_and_nobody_elses() {
    let house = House::new(75).await;
    let session = house.session(house.marie).await;
    let (now, realm, marie) = (house.now(), house.realm.clone(), house.marie);
    let half = |account| Progress::Password {
        account,
        proven_at: now,
        factor: FactorId::from_bytes([1; 16]),
        challenge: Some(ChallengeId::from_bytes([2; 16])),
    };
    let done = Progress::Authenticated { session: session.id, at: now };
    let stranger = half(stranger(&house).await);
    let kept = [half(marie), stranger.clone(), done.clone()];
    let ids: Vec<FlowId> = kept.iter().map(|_| FlowId::new(now, house.app.entropy.bytes())).collect();
    let (flows, browser) = (ids.clone(), session.browser);
    let after = house.app.db.write(realm.id, move |tx| {
        for (id, progress) in flows.iter().zip(&kept) {
            let goal = Goal::Account { page: Page::Password, from: None };
            let expires_at = now.plus(Duration::from_secs(60));
            flow::insert(tx, browser, &NewFlow { id: *id, goal, at: now, expires_at })?;
            let loaded = flow::load(tx, *id)?.expect("it was inserted");
            assert!(flow::save(tx, &loaded, progress)?);
        }
        assert_eq!(flow::forget_proofs(tx, marie)?, 1);
        flows.iter().map(|id| Ok(flow::load(tx, *id)?.expect("it stays").progress)).collect::<crate::error::Result<Vec<_>>>()
    });
    assert_eq!(after.await.unwrap(), [Progress::Started, stranger, done]);
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn a_language_is_kept() {
    let house = House::new(76).await;
    let id = house.marie;
    house.app.db.write(house.realm.id, move |tx| account::set_language(tx, id, Lang::It)).await.unwrap();
    assert_eq!(house.account().await.language, Lang::It);
}
