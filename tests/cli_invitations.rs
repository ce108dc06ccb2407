//! `poterne client invite` and its like, with a client that registers at the provider that runs.

use crate::support::fund::Fund;
use serde_json::{Value, json};

const REALM: [&str; 2] = ["--realm", "lindenhof"];

fn client<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [&["client"], words, &REALM].concat()
}

async fn register(fund: &Fund, token: &str) -> (u16, Value) {
    let metadata = json!({"client_name": "Budget", "redirect_uris": ["https://budget.example/callback"]});
    let request = reqwest::Client::new().post(format!("{}/register", fund.issuer())).bearer_auth(token);
    let request = request.header("content-type", "application/json").body(metadata.to_string());
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn an_initial_access_token_by_command_registers_a_client_in_the_provider_that_runs() {
    let fund = Fund::lindenhof("", str::to_owned);
    fund.run(&client(&["invite", "--label", "Budget"])).ends(1, &["no client may register", "[registration]"]);
    fund.apply(|document| format!("{document}\n[registration]\n")).ends(0, &[]);
    let _serving = fund.serve().await;

    let made = fund.run(&client(&["invite", "--label", "Budget", "--json"])).ends(0, &[]).json();
    let token = made["initial_access_token"].as_str().expect("a token");
    assert_eq!(made["registration_endpoint"], format!("{}/register", fund.issuer()));
    let (status, registered) = register(&fund, token).await;
    assert_eq!(status, 201, "{registered}");
    assert_eq!(register(&fund, token).await.0, 401, "one use");
    let client_id = registered["client_id"].as_str().expect("a name");

    let listed = fund.run(&client(&["list"]));
    listed.ends(0, &["ORIGIN", client_id, "registration", "document"]);
    let invited = fund.run(&client(&[
        "invite",
        "--label",
        "A label that is much longer than it needs to be",
        "--uses",
        "5",
        "--valid",
        "1h",
    ]));
    invited.ends(0, &["5 clients may register until", "shown once"]);
    let invitations = fund.run(&client(&["invitations"]));
    invitations.ends(0, &["used", "good", "Budget"]);
    for said in [&listed.out, &invited.out, &invitations.out] {
        assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    }
    let all = fund.run(&client(&["invitations", "--json"])).ends(0, &[]).json();
    let id = all[0]["id"].as_str().expect("an id");
    assert!(!invitations.out.contains(token) && all[0]["state"] == "good");
    fund.run(&client(&["uninvite", id])).ends(0, &[id]);
    fund.run(&client(&["uninvite", id])).ends(1, &["no initial access token"]);
    fund.run(&client(&["uninvite", "nonsense"])).ends(1, &["no initial access token"]);
    fund.run(&client(&["invite", "--label", "x", "--uses", "0"])).ends(1, &["1 to 10000"]);

    fund.apply(|document| format!("{document}\n[registration]\nopen = true\n")).ends(0, &[]);
    fund.run(&client(&["show", client_id])).ends(0, &["Budget"]);
    fund.run(&client(&["remove", client_id, "--yes"])).ends(0, &["is removed"]);
    fund.run(&client(&["show", client_id])).ends(1, &["there is no client"]);
}
