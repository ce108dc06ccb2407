//! `poterne account grants` and `poterne account revoke-grant`: who has access to an account, and its end, while the provider runs.

use crate::support::fund::{Fund, Said};
use crate::support::people::Person;
use serde_json::{Value, json};

/// `poterne account …` about Marie's entry.
fn about_marie(fund: &Fund, command: &str, more: &[&str]) -> Said {
    let marie = Person::marie().registry_no;
    let said = fund.run(&[&["account", command, "--realm", "lindenhof", "--registry-no", &marie], more].concat());
    assert!(said.out.lines().all(|line| line.chars().count() <= 80) || more.contains(&"--json"), "{}", said.out);
    said
}

/// The events of a kind, without what is of no matter here.
async fn events(fund: &Fund, kind: &str) -> Vec<Value> {
    let events = fund.manage().await.newest_events("lindenhof", 1_000).await.expect("the trail");
    events.iter().filter(|event| event.kind == kind).map(|event| serde_json::from_str(&event.data).expect("JSON")).collect()
}

#[tokio::test]
async fn who_has_access_is_listed_and_access_taken_back_ends_every_token_at_once() {
    let fund = Fund::lindenhof("", Fund::by_password_alone);
    let _serving = fund.serve().await;
    let (flex, refresh) = fund.marie_signed_in().await;
    let tokens = flex.refresh(&refresh).await;
    assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 200);

    let said = about_marie(&fund, "grants", &["--reason", "asked who has access"]);
    said.ends(0, &["(lindenhof-flex, the fund's own)", "openid", "since ", ", last used "]);
    let listed = about_marie(&fund, "grants", &["--json"]).ends(0, &[]).json();
    assert_eq!(listed["whom"]["registry_no"], Person::marie().registry_no);
    let [grant] = listed["grants"].as_array().expect("grants").as_slice() else { panic!("{listed}") };
    assert_eq!((&grant["client_id"], &grant["first_party"]), (&json!("lindenhof-flex"), &json!(true)));
    let members = ["claims", "client_id", "client_name", "first_party", "last_used_at", "scope", "since"];
    assert!(grant.as_object().expect("an object").keys().eq(members), "{grant}");
    let read = events(&fund, "account.grants_read").await;
    assert!(read.len() == 2 && read.iter().any(|details| details["reason"] == "asked who has access"), "{read:?}");

    let client = ["--client-id", "lindenhof-flex"];
    about_marie(&fund, "revoke-grant", &client).ends(2, &["--reason"]);
    about_marie(&fund, "revoke-grant", &[&client[..], &["--reason", " "]].concat()).ends(1, &["reason"]);
    about_marie(&fund, "revoke-grant", &["--client-id", "lindenhof-1e", "--reason", "called"])
        .ends(1, &["lindenhof-1e has no access to the account of entry"]);
    assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 200, "nothing was changed yet");
    assert_eq!(events(&fund, "consent.withdrawn").await.len(), 0);

    let revoke = [&client[..], &["--reason", "asked for it on the phone", "--json"]].concat();
    let ended = about_marie(&fund, "revoke-grant", &revoke).ends(0, &[]).json();
    assert_eq!((&ended["client_id"], &ended["grants_ended"]), (&json!("lindenhof-flex"), &json!(1)), "{ended}");
    assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401);
    let refused = flex.refresh(&refresh).await;
    assert_eq!((refused.status, &refused.json["error"]), (400, &json!("invalid_grant")), "{refused:?}");
    let withdrawn = events(&fund, "consent.withdrawn").await;
    assert!(withdrawn.len() == 1 && withdrawn[0]["reason"] == "asked for it on the phone", "{withdrawn:?}");

    about_marie(&fund, "grants", &[]).ends(0, &["Nobody has access to the account of Marie Favre."]);
    about_marie(&fund, "revoke-grant", &revoke).ends(1, &["has no access"]);
    assert_eq!(events(&fund, "consent.withdrawn").await.len(), 1, "only once");
}

#[tokio::test]
async fn nobodys_grants_are_neither_listed_nor_taken_back() {
    let fund = Fund::lindenhof("", Fund::by_password_alone);
    let unknown = ["account", "grants", "--realm", "lindenhof", "--registry-no", "99999"];
    fund.run(&unknown).ends(1, &["99999"]);
    fund.register(&Person::marie()).await;
    about_marie(&fund, "grants", &[]).ends(1, &["account"]);
    about_marie(&fund, "revoke-grant", &["--client-id", "lindenhof-flex", "--reason", "called"]).ends(1, &["account"]);
    fund.run(&["account", "grants", "--realm", "nobody", "--registry-no", "1"]).ends(1, &["there is no realm nobody"]);
    assert!(events(&fund, "account.grants_read").await.is_empty() && events(&fund, "consent.withdrawn").await.is_empty());
}
