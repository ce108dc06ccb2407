//! Accounts made by command: where the settings allow it, and nowhere else.

use super::*;
use crate::onboarding::tests::{Bed, beds};
use crate::settings::SecondFactor;
use serde_json::json;

const SLUG: &str = "lindenhof";

fn person(email: &str, claims: &Value) -> NewPersonByCommand {
    NewPersonByCommand {
        population: "visitor".into(),
        registry_no: None,
        email: email.into(),
        password: Secret::new("x7 Kamille, Tuer!".into()),
        claims: claims.as_object().unwrap().clone(),
    }
}

fn alice() -> NewPersonByCommand {
    person("Alice@op.example", &json!({"family_name": "Meier", "given_name": "Alice", "locale": "en-GB"}))
}

/// The fund with a population of visitors, whose accounts are made by command.
async fn open(bed: &Bed) {
    let mut document = bed.manage.document(SLUG).await.unwrap().unwrap();
    let mut visitor = document.populations[0].clone();
    (visitor.key, visitor.factors, visitor.second_factor) = ("visitor".into(), vec![], SecondFactor::None);
    visitor.accounts_by_command = true;
    document.populations.push(visitor);
    assert_eq!(document.mistakes(), Vec::<String>::new());
    bed.manage.apply_realm(document).await.unwrap();
}

async fn kinds(bed: &Bed) -> Vec<String> {
    let mut events: Vec<_> = bed.manage.newest_events(SLUG, 3).await.unwrap().into_iter().map(|event| event.kind).collect();
    events.sort();
    events
}

#[tokio::test]
async fn an_account_by_command_has_an_entry_and_its_events_and_is_found() {
    for bed in beds().await {
        open(&bed).await;
        let made = bed.manage.create_person(SLUG, alice()).await.unwrap();
        assert_eq!(made, PersonMade::Made("alice@op.example".into()));
        let seen = kinds(&bed).await;
        assert!(seen.contains(&"account.created".to_owned()) && seen.contains(&"registry.added".to_owned()), "{seen:?}");
        let wanted = crate::manage::AccountSearch::Email("alice@op.example".into());
        let found = bed.manage.find_accounts(SLUG, wanted, Some("test")).await.unwrap();
        let [account] = found.accounts.as_slice() else { panic!("{}", found.accounts.len()) };
        assert_eq!((account.whom.name.as_str(), account.whom.population.as_str()), ("Alice Meier", "visitor"));
        assert!(account.factors.is_empty());
        let before = bed.manage.newest_events(SLUG, 100).await.unwrap().len();
        let again = NewPersonByCommand { registry_no: Some("77".into()), ..alice() };
        assert_eq!(bed.manage.create_person(SLUG, again).await.unwrap(), PersonMade::HasAccount);
        assert_eq!(bed.manage.newest_events(SLUG, 100).await.unwrap().len(), before);
        let entry = bed.manage.entry_of(&bed.manage.realm(SLUG).await.unwrap(), "77").await;
        assert!(entry.is_err(), "no entry without its account");
    }
}

#[tokio::test]
async fn v6_3_4_no_account_is_made_by_command_where_the_settings_do_not_say_so() {
    for bed in beds().await {
        let before = bed.manage.newest_events(SLUG, 100).await.unwrap().len();
        let insured = NewPersonByCommand { population: "insured".into(), ..alice() };
        let refused = bed.manage.create_person(SLUG, insured).await.unwrap_err().to_string();
        assert!(refused.contains("accounts_by_command"), "{refused}");
        assert_eq!(bed.manage.newest_events(SLUG, 100).await.unwrap().len(), before);
        // And it cannot be said where a second factor is asked, which no command proves.
        let mut document = bed.manage.document(SLUG).await.unwrap().unwrap();
        document.populations[0].accounts_by_command = true;
        assert!(document.mistakes()[0].contains("accounts_by_command"), "{:?}", document.mistakes());
    }
}

#[tokio::test]
async fn what_cannot_be_an_account_is_refused_in_words_and_leaves_nothing() {
    for bed in beds().await {
        open(&bed).await;
        bed.manage.create_person(SLUG, alice()).await.unwrap();
        let claims = json!({"family_name": "Meier"});
        for (person, words) in [
            (
                NewPersonByCommand { registry_no: Some("alice@op.example".into()), ..person("a@op.example", &claims) },
                "has an entry",
            ),
            (person("nobody", &claims), "is no address"),
            (NewPersonByCommand { password: Secret::new("short".into()), ..person("b@op.example", &claims) }, "PasswordShort"),
            (person("c@op.example", &json!({})), "family_name is missing"),
            (person("d@op.example", &json!({"family_name": 7})), "family_name is no text"),
            (person("e@op.example", &json!({"family_name": " "})), "is empty"),
            (person("f@op.example", &json!({"family_name": "M", "locale": "xx"})), "no language xx"),
            (person("g@op.example", &json!({"family_name": "M", "sub": "me"})), "sub"),
            (person("h@op.example", &json!({"family_name": "M", "birthdate": "yesterday"})), "birthdate"),
        ] {
            let before = bed.manage.newest_events(SLUG, 100).await.unwrap().len();
            let refused = bed.manage.create_person(SLUG, person).await.unwrap_err().to_string();
            assert!(refused.contains(words), "{words}: {refused}");
            assert_eq!(bed.manage.newest_events(SLUG, 100).await.unwrap().len(), before, "{words}");
        }
    }
}
