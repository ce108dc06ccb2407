//! Conditions that are lost between the first step and the last, and the operator's own ways to an account.

use crate::manage::{AccountFactor, EntryStatus, NewPersonAccount};
use crate::onboarding::tests::beds;
use poterne_protocol::secret::Secret;

fn account(entry: poterne_protocol::id::EntryId, email: &str) -> NewPersonAccount {
    let password = Secret::new("Tilleul-Vert-1984".into());
    NewPersonAccount {
        entry,
        email: email.into(),
        name: None,
        password,
        factor: AccountFactor::Sms { phone: "079 123 45 01".into() },
    }
}

#[tokio::test]
async fn the_operator_makes_one_account_per_person_and_address() {
    for bed in beds().await {
        let marie = bed.person("1", "756.0000.0000.19", "12.03.1984").await;
        let urs = bed.person("2", "756.0000.0000.26", "29.02.1968").await;
        let add = async |person| bed.manage.add_account("lindenhof", person).await;
        assert!(add(account(marie, "marie@post.example")).await.unwrap().is_none());
        assert!(add(account(marie, "marie@autre.example")).await.is_err(), "a second account of the same person");
        assert!(add(account(urs, "Marie@post.example")).await.is_err(), "a taken address");
        let weak = NewPersonAccount { password: Secret::new("urs".into()), ..account(urs, "urs@post.example") };
        assert!(add(weak).await.is_err(), "a weak password");
        let app = NewPersonAccount { factor: AccountFactor::Totp, ..account(urs, "urs@post.example") };
        assert_eq!(add(app).await.unwrap().unwrap().expose().len(), 32, "20 bytes in base32");
    }
}

#[tokio::test]
async fn whoever_left_or_died_has_no_usable_code_and_gets_none() {
    for bed in beds().await {
        for (no, status) in [("1", EntryStatus::Left), ("2", EntryStatus::Deceased)] {
            let entry = bed.person(no, "756.0000.0000.19", "12.03.1984").await;
            let code = bed.issue(entry).await;
            assert!(bed.manage.is_code_live("lindenhof", code.expose()).await.unwrap());
            bed.manage.set_entry_status("lindenhof", no, status).await.unwrap();
            assert!(!bed.manage.is_code_live("lindenhof", code.expose()).await.unwrap());
            assert!(bed.manage.issue_code("lindenhof", entry).await.is_err());
        }
    }
}

#[tokio::test]
async fn a_code_brought_along_is_checked_and_issued_once() {
    for bed in beds().await {
        let marie = bed.person("1", "756.0000.0000.19", "12.03.1984").await;
        let urs = bed.person("2", "756.0000.0000.26", "29.02.1968").await;
        let given = async |entry, code| bed.manage.issue_given_code("lindenhof", entry, code).await;
        assert!(given(marie, "CZ6E-P34V-K5DN").await.is_err(), "a wrong check character");
        given(marie, "cz6e p34v k5dm").await.unwrap();
        assert!(given(urs, "CZ6E-P34V-K5DM").await.is_err(), "another's code");
        assert!(bed.manage.is_code_live("lindenhof", "CZ6EP34VK5DM").await.unwrap());
    }
}
