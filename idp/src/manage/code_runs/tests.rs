//! Runs of codes: who gets one, what is live after which step, and that a break loses nothing.

use super::*;
use crate::manage::{AccountFactor, EntryStatus, NewPersonAccount};
use crate::onboarding::tests::{Bed, beds};

const SLUG: &str = "lindenhof";

fn order(replace: bool) -> CodeOrder {
    CodeOrder { population: "insured".into(), replace, reason: Some("yearly statement".into()) }
}

impl Bed {
    /// So many people, numbered from 1 on.
    async fn people(&self, many: u32) -> Vec<EntryId> {
        let mut entries = Vec::new();
        for number in 1..=many {
            entries.push(self.person(&number.to_string(), "756.1234.5678.97", "05.03.1980").await);
        }
        entries
    }

    /// A whole run: the codes it made live, as they are printed.
    async fn run(&self, replace: bool) -> (Vec<String>, CodeRun, Committed) {
        let mut run = self.manage.begin_codes(SLUG, order(replace)).await.unwrap();
        let (mut printed, mut sum) = (Vec::new(), Committed::default());
        while let Some(batch) = run.next().await.unwrap() {
            printed.extend(batch.codes().iter().map(|code| code.code.expose().to_owned()));
            let committed = run.commit(batch).await.unwrap();
            sum.live += committed.live;
            sum.replaced += committed.replaced;
            sum.not_live.extend(committed.not_live);
        }
        (printed, run, sum)
    }

    async fn is_live(&self, code: &str) -> bool {
        self.manage.is_code_live(SLUG, code).await.unwrap()
    }
}

#[tokio::test]
async fn everybody_without_account_and_code_gets_one_and_the_others_are_counted() {
    for bed in beds().await {
        let entries = bed.people(7).await;
        let account = NewPersonAccount {
            entry: entries[0],
            email: "one@lac.example".into(),
            name: None,
            password: Secret::new("Chataigne-Rouge-77".into()),
            factor: AccountFactor::Totp,
        };
        bed.manage.add_account(SLUG, account).await.unwrap();
        bed.manage.set_entry_status(SLUG, "2", EntryStatus::Left).await.unwrap();
        bed.manage.set_entry_status(SLUG, "3", EntryStatus::Deceased).await.unwrap();
        let former = bed.issue(entries[3]).await;
        let (printed, run, sum) = bed.run(false).await;
        assert_eq!((printed.len(), sum), (3, Committed { live: 3, ..Committed::default() }));
        assert_eq!(run.passed_over(), PassedOver { has_account: 1, live_code: 1, not_with_the_fund: 2 });
        assert_eq!(run.progress(), (7, 7));
        for code in printed.iter().map(String::as_str).chain([former.expose()]) {
            assert!(bed.is_live(code).await, "{code}");
        }
        let (again, ..) = bed.run(false).await;
        assert_eq!(again.len(), 0, "nobody is left");
        let (replaced, _, sum) = bed.run(true).await;
        assert_eq!((replaced.len(), sum.replaced), (4, 4));
        assert!(!bed.is_live(former.expose()).await && bed.is_live(&replaced[0]).await);
        let events = bed.manage.newest_events(SLUG, 100).await.unwrap();
        let issued: Vec<_> = events.iter().filter(|event| event.kind == "code.issued").collect();
        assert_eq!(issued.len(), 8, "one event for each code");
        let with_reason = issued.iter().filter(|event| event.data.contains("yearly statement"));
        assert_eq!(with_reason.count(), 7);
        assert!(printed.iter().all(|code| !format!("{events:?}").contains(code.as_str())));
    }
}

#[tokio::test]
async fn a_code_that_was_exported_and_not_committed_is_dead_and_a_rerun_issues_another() {
    for bed in beds().await {
        bed.people(3).await;
        let mut broken = bed.manage.begin_codes(SLUG, order(false)).await.unwrap();
        let lost = broken.next().await.unwrap().unwrap();
        for code in lost.codes() {
            assert!(!bed.is_live(code.code.expose()).await, "it is not live before the commit");
        }
        drop(broken);
        let (printed, ..) = bed.run(false).await;
        assert_eq!(printed.len(), 3);
        for code in lost.codes() {
            assert!(!bed.is_live(code.code.expose()).await && !printed.iter().any(|new| new == code.code.expose()));
        }
    }
}

#[tokio::test]
async fn whoever_leaves_or_gets_a_code_between_the_rows_and_the_commit_has_none_of_the_run() {
    for bed in beds().await {
        let entries = bed.people(3).await;
        let mut run = bed.manage.begin_codes(SLUG, order(false)).await.unwrap();
        let batch = run.next().await.unwrap().unwrap();
        let codes = batch.codes().iter().map(|code| (code.whom.registry_no.clone(), code.code.expose().to_owned()));
        let codes: std::collections::BTreeMap<String, String> = codes.collect();
        bed.manage.set_entry_status(SLUG, "1", EntryStatus::Left).await.unwrap();
        let by_hand = bed.issue(entries[1]).await;
        let mut committed = run.commit(batch).await.unwrap();
        committed.not_live.sort();
        assert_eq!(committed, Committed { live: 1, replaced: 0, not_live: vec!["1".into(), "2".into()] });
        assert!(!bed.is_live(&codes["1"]).await && !bed.is_live(&codes["2"]).await && bed.is_live(&codes["3"]).await);
        assert!(bed.is_live(by_hand.expose()).await);
    }
}

#[tokio::test]
async fn an_unknown_population_and_an_empty_reason_are_refused() {
    let bed = beds().await.swap_remove(0);
    let refused = |order| {
        let manage = bed.manage.clone();
        async move { manage.begin_codes(SLUG, order).await.err().expect("it is refused").to_string() }
    };
    assert!(refused(CodeOrder { population: "insurd".into(), ..order(false) }).await.contains("no population insurd"));
    assert!(refused(CodeOrder { reason: Some(" ".into()), ..order(false) }).await.contains("a reason is missing"));
}
