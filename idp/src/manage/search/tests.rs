//! Accounts found with nothing in clear that is not needed, and unlocked.

use super::*;
use crate::manage::{AccountFactor, Decision, NewPersonAccount};
use crate::onboarding::tests::{Bed, beds};
use crate::operations::limits::{self, Counter};
use poterne_protocol::id::BrowserId;
use poterne_protocol::secret::Secret;

const SLUG: &str = "lindenhof";

impl Bed {
    /// Marie Favre with an account, as entry 7.
    async fn marie(&self) {
        let entry = self.person("7", "756.1234.5678.97", "05.03.1980").await;
        let account = NewPersonAccount {
            entry,
            email: "marie.favre@lac.example".into(),
            name: None,
            password: Secret::new("Chataigne-Rouge-77".into()),
            factor: AccountFactor::Sms { phone: "079 000 00 01".into() },
        };
        self.manage.add_account(SLUG, account).await.unwrap();
    }

    async fn found(&self, search: AccountSearch) -> Vec<FoundAccount> {
        self.manage.find_accounts(SLUG, search, Some("called")).await.unwrap().accounts
    }

    async fn by_number(&self) -> FoundAccount {
        self.found(AccountSearch::RegistryNo("7".into())).await.swap_remove(0)
    }

    /// So many wrong passwords of strangers.
    async fn wrong_passwords(&self, many: u32) {
        let (realm, now) = (self.realm.clone(), self.now());
        let tries = move |tx: &mut Tx<'_>| {
            let account = account::by_email(tx, "marie.favre@lac.example")?.unwrap();
            let subject = signin::password_tries_of(tx, &realm, account.id, BrowserId::from_bytes([0; 16]))?;
            (0..many).try_for_each(|_| limits::take_try(tx, Counter::Password, subject, now, realm.policy()).map(drop))
        };
        self.app.db.write(self.realm.id, tries).await.unwrap();
    }
}

#[test]
fn names_are_found_without_accents_and_capitals() {
    for (name, folded) in [("Zoé MÜLLER", "zoe muller"), ("Ｆａｖｒｅ", "favre"), ("Łukasz", "łukasz"), ("O'Neil", "o'neil")]
    {
        assert_eq!(fold(name), folded);
    }
}

#[tokio::test]
async fn an_account_is_found_by_number_address_and_part_of_the_name_and_the_trail_says_whose_was_read() {
    for bed in beds().await {
        bed.marie().await;
        let marie = bed.by_number().await;
        assert_eq!((marie.whom.name.as_str(), marie.email.as_str()), ("Marie Favre", "m•••@lac.example"));
        assert_eq!((marie.state, marie.factors.as_slice()), (AccountState::Active, &[FactorKind::Sms][..]));
        for search in [
            AccountSearch::Email(" Marie.Favre@LAC.example".into()),
            AccountSearch::Name("FAV".into()),
            AccountSearch::Name("favré mar".into()),
        ] {
            assert_eq!(bed.found(search.clone()).await, std::slice::from_ref(&marie), "{search:?}");
        }
        assert_eq!(bed.found(AccountSearch::Name("meier".into())).await, []);
        assert_eq!(bed.found(AccountSearch::Email("marie@lac.example".into())).await, []);
        let refused = |search| {
            let manage = bed.manage.clone();
            async move { manage.find_accounts(SLUG, search, None).await.unwrap_err().to_string() }
        };
        assert!(refused(AccountSearch::Name(" f ".into())).await.contains("at least 2 characters"));
        assert!(refused(AccountSearch::Email("marie".into())).await.contains("no e-mail address"));
        assert!(refused(AccountSearch::RegistryNo("8".into())).await.contains("no entry 8"));
        let events = bed.manage.newest_events(SLUG, 100).await.unwrap();
        let searched: Vec<_> = events.iter().filter(|event| event.kind == "account.searched").collect();
        assert_eq!(searched.len(), 6, "those that looked, found or not");
        assert!(searched.iter().all(|event| event.data.contains("called") && !event.data.to_lowercase().contains("fav")));
    }
}

#[tokio::test]
async fn an_unlocked_account_has_its_tries_again_and_one_that_nothing_holds_back_is_refused() {
    for bed in beds().await {
        bed.marie().await;
        let unlock = || bed.manage.unlock_account(SLUG, "7", "identified");
        assert!(unlock().await.unwrap_err().to_string().contains("no delay holds"));
        bed.wrong_passwords(5).await;
        let until = bed.now().plus(std::time::Duration::from_secs(60));
        assert_eq!(bed.by_number().await.state, AccountState::Locked(Some(until)));
        assert_eq!(unlock().await.unwrap().name, "Marie Favre");
        assert_eq!(bed.by_number().await.state, AccountState::Active);
        for _ in 0..100 {
            bed.wrong_passwords(1).await;
            bed.clock.advance(std::time::Duration::from_secs(3600));
        }
        assert_eq!(bed.by_number().await.state, AccountState::Locked(None), "nothing but an operator ends it");
        assert!(bed.manage.unlock_account(SLUG, "7", "").await.unwrap_err().to_string().contains("a reason is missing"));
        unlock().await.unwrap();
        assert_eq!(bed.by_number().await.state, AccountState::Active);
        bed.manage.decide_account(SLUG, "7", Decision::Suspend, "stolen").await.unwrap();
        assert_eq!(bed.by_number().await.state, AccountState::Suspended);
        bed.manage.decide_account(SLUG, "7", Decision::Deactivate, "given up").await.unwrap();
        assert_eq!(bed.by_number().await.state, AccountState::Deactivated);
        let events = bed.manage.newest_events(SLUG, 400).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.kind == "account.unlocked").count(), 2);
    }
}
