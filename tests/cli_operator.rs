//! What else operators do from the command line: clients, accounts, the trail, the outbox, completions.

use crate::support::operator::{Folder, done, ended, is_refused, program};
use crate::support::program::Ground;
use poterne_idp::manage::{AccountFactor, NewPersonAccount, Secret};
use poterne_idp::{EntryId, Lang};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn json(said: &str) -> Value {
    assert_eq!(said.lines().count(), 1, "one line: {said}");
    serde_json::from_str(said).expect("JSON")
}

#[track_caller]
fn fits(said: &str) {
    for line in said.lines() {
        assert!(line.chars().count() <= 80, "wider than a terminal: {line}");
    }
}

#[tokio::test]
async fn a_client_is_added_shown_given_a_new_secret_and_removed() {
    let ground = Ground::fresh();
    let folder = Folder::with_people(&ground, 1).await;
    let client = |words: &[&str], more: &[&str]| folder.poterne(&[&["client"], words, &["--realm", "lindenhof"], more].concat());
    let add = ["--client-id", "wages", "--name", "Wage portal", "--redirect-uri", "https://wages.example/cb", "--first-party"];
    let added = json(&done(client(&["add"], &[&add[..], &["--json"]].concat())));
    assert_eq!(
        (&added["issuer"], &added["token_endpoint_auth_method"]),
        (&"http://localhost:8080/lindenhof".into(), &"client_secret_basic".into())
    );
    let secret = added["client_secret"].as_str().expect("a secret").to_owned();
    is_refused(client(&["add"], &add), &["there is a client wages already"]);
    let far = ["--client-id", "far", "--name", "Far", "--redirect-uri", "http://wages.example/cb"];
    is_refused(
        client(&["add"], &far),
        &["client far: redirect_uris: http://wages.example/cb is http outside loopback: use https"],
    );
    let population = [&add[..], &["--population", "insurd"]].concat();
    is_refused(client(&["add"], &population), &["no population insurd; did you mean insured?"]);
    let export = || done(folder.poterne(&["realm", "export", "lindenhof"]));
    assert!(export().contains("client_id = \"wages\"") && !export().contains(&secret));
    let listed = done(client(&["list"], &[]));
    assert!(listed.contains("wages") && listed.contains("lindenhof-1e  ") && listed.contains("public"), "{listed}");
    fits(&listed);
    let shown = done(client(&["show", "wages"], &[]));
    assert!(
        shown.contains("https://wages.example/cb") && shown.contains("secret            set") && !shown.contains(&secret),
        "{shown}"
    );
    fits(&shown);
    is_refused(client(&["show", "wage"], &[]), &["there is no client wage; did you mean wages?"]);
    let rotated = done(client(&["rotate-secret", "wages"], &["--grace", "2h"]));
    assert!(rotated.contains("The former one works until ") && !rotated.contains(&secret), "{rotated}");
    let rotated = json(&done(client(&["rotate-secret", "wages"], &["--grace", "0", "--json"])));
    assert!(rotated["former_until"].is_null() && rotated["client_secret"].is_string(), "{rotated}");
    is_refused(client(&["rotate-secret", "lindenhof-1e"], &[]), &["lindenhof-1e is public"]);
    is_refused(client(&["remove", "wages"], &[]), &["nothing was changed"]);
    assert!(export().contains("client_id = \"wages\""));
    let removed = json(&done(client(&["remove", "wages"], &["--yes", "--json"])));
    assert_eq!((&removed["client_id"], &removed["grants_ended"]), (&"wages".into(), &0.into()));
    assert!(!export().contains("client_id = \"wages\""));
}

async fn account_of(folder: &Folder, entry: EntryId) {
    let account = NewPersonAccount {
        entry,
        email: "marie.favre@lac.example".into(),
        name: None,
        password: Secret::new("Chataigne-Rouge-77".into()),
        factor: AccountFactor::Totp,
    };
    folder.manage().await.add_account("lindenhof", account).await.expect("an account");
}

/// One more person in the registry, called Marie Favre as well.
async fn somebody(folder: &Folder, registry_no: &str) -> EntryId {
    let marie = crate::support::people::Person::marie();
    let new = poterne_idp::manage::NewPerson {
        kind: poterne_idp::manage::EntryKind::Person,
        registry_no: registry_no.into(),
        population: "insured".into(),
        last_name: marie.last_name.clone(),
        first_name: Some(marie.first_name.clone()),
        language: Lang::Fr.tag().into(),
        status: "active".into(),
        address_status: "ok".into(),
        identifiers: marie.identifiers(),
    };
    folder.manage().await.add_entry("lindenhof", new).await.expect("she is put in")
}

#[tokio::test]
async fn an_account_is_found_masked_and_only_a_held_back_one_unlocked() {
    let ground = Ground::fresh();
    let folder = Folder::with_people(&ground, 1).await;
    let entry = somebody(&folder, "77").await;
    account_of(&folder, entry).await;
    let find = |words: &[&str]| done(folder.poterne(&[&["account", "find", "--realm", "lindenhof"], words].concat()));
    let said = find(&["--name", "FÀVRE", "--reason", "called"]);
    assert!(said.contains("77  Marie Favre (insured)") && said.contains("m•••@lac.example"), "{said}");
    assert!(said.contains("active · totp · never signed in") && !said.contains("marie.favre"), "{said}");
    fits(&said);
    let found = json(&find(&["--email", "Marie.Favre@lac.example", "--json"]));
    assert_eq!((&found["accounts"][0]["registry_no"], &found["more"]), (&"77".into(), &false.into()));
    assert_eq!(find(&["--registry-no", "1"]), "No such account.\n");
    let unlock = ["account", "unlock", "--realm", "lindenhof", "--registry-no", "77", "--reason", "identified"];
    is_refused(folder.poterne(&unlock), &["no delay holds the account of entry 77 back"]);
    let both = ["account", "find", "--realm", "lindenhof", "--name", "favre", "--email", "m@lac.example"];
    assert_eq!(folder.poterne(&both).output().expect("it starts").status.code(), Some(2));
    let events = folder.manage().await.newest_events("lindenhof", 100).await.expect("the trail");
    assert_eq!(events.iter().filter(|event| event.kind == "account.searched").count(), 3);
}

/// A statement on the folder's database, as somebody with access to it could.
fn sql(folder: &Folder, statement: &str) {
    use diesel::{Connection, RunQueryDsl, SqliteConnection};
    let path = folder.path.join("poterne.sqlite");
    let mut connection = SqliteConnection::establish(path.to_str().expect("a path")).expect("it opens");
    assert_eq!(diesel::sql_query(statement).execute(&mut connection).expect("it runs"), 1, "{statement}");
}

async fn sealed(folder: &Folder) {
    folder.work_until(|manage| async move { manage.unsealed_events("lindenhof").await.expect("the trail") == 0 }).await;
}

#[tokio::test]
async fn a_trail_that_was_changed_or_cut_off_is_found() {
    let ground = Ground::fresh();
    let folder = Folder::with_people(&ground, 4).await;
    sealed(&folder).await;
    let audit = |words: &[&str]| folder.poterne(&[&["audit"], words, &["--realm", "lindenhof"]].concat());
    let file = ground.at("trail.jsonl");
    let out = file.to_str().expect("a path");
    let exported = json(&done(audit(&["export", "--out", out, "--json"])));
    assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    let lines = std::fs::read_to_string(&file).expect("lines");
    assert_eq!((exported["from"].as_i64(), exported["events"].as_u64()), (Some(1), Some(lines.lines().count() as u64)));
    is_refused(audit(&["export", "--out", out]), &["trail.jsonl is there already"]);
    sealed(&folder).await;
    let said = done(audit(&["verify", "--against", out]));
    assert!(said.contains("events hold together") && said.contains("are in the trail as they were"), "{said}");
    let later = ground.at("later.jsonl");
    let later = json(&done(audit(&["export", "--since", "3", "--out", later.to_str().expect("a path"), "--json"])));
    assert_eq!(later["from"], 3);
    let today = ground.at("future.jsonl");
    let none = json(&done(audit(&["export", "--since", "2999-01-01", "--out", today.to_str().expect("a path"), "--json"])));
    assert_eq!((&none["events"], &none["from"]), (&0.into(), &Value::Null));
    // The end cut off: the chain itself cannot know.
    sealed(&folder).await;
    let last = json(&done(audit(&["verify", "--json"])))["events"].as_i64().expect("a number");
    let whole = ground.at("whole.jsonl");
    done(audit(&["export", "--out", whole.to_str().expect("a path")]));
    for sequence in last - 1..=last {
        sql(&folder, &format!("DELETE FROM audit_event WHERE sequence = {sequence}"));
    }
    sql(&folder, "DELETE FROM audit_event WHERE sequence IS NULL");
    assert_eq!(json(&done(audit(&["verify", "--json"])))["events"], last - 2);
    let cut = json(&ended(audit(&["verify", "--against", whole.to_str().expect("a path"), "--json"]), 3));
    assert_eq!(
        (&cut["whole"], &cut["against"]["difference"], &cut["against"]["sequence"]),
        (&false.into(), &"cut_off".into(), &(last - 1).into())
    );
    sql(&folder, "UPDATE audit_event SET actor = 'visitor' WHERE sequence = 2");
    let said = ended(audit(&["verify", "--against", out]), 3);
    assert!(said.contains("The chain breaks at event 2") && said.contains("The trail has another event 2 than"), "{said}");
    let changed = lines.replacen("\"actor\":\"operator\"", "\"actor\":\"visitor\"", 1);
    std::fs::write(&file, changed).expect("written");
    assert_eq!(json(&ended(audit(&["verify", "--against", out, "--json"]), 3))["against"]["difference"], "export");
    std::fs::write(&file, "no event\n").expect("written");
    is_refused(audit(&["verify", "--against", out]), &["trail.jsonl, line 1: no event"]);
}

#[tokio::test]
async fn the_outbox_is_listed_masked_and_a_dead_letter_sent_again() {
    let ground = Ground::fresh();
    let folder = Folder::with_people(&ground, 1).await;
    let entry = somebody(&folder, "77").await;
    account_of(&folder, entry).await;
    let reset = ["account", "reset-factor", "--realm", "lindenhof", "--registry-no", "77", "--reason", "phone lost"];
    done(folder.poterne(&reset));
    let message = |words: &[&str]| folder.poterne(&[&["message"], words, &["--realm", "lindenhof"]].concat());
    let state = |state: &str| json(&done(message(&["list", "--state", state, "--json"])));
    let waiting = state("queued");
    let (id, to) = (waiting[0]["id"].as_str().expect("an id").to_owned(), &waiting[0]["to"]);
    assert_eq!((to, waiting.as_array().map(Vec::len)), (&Value::from("m•••@lac.example"), Some(1)));
    sql(&folder, "UPDATE message SET state = 'dead', attempts = 8, error = 'HTTP 503'");
    assert_eq!(state("queued"), Value::Array(vec![]));
    let said = done(message(&["list", "--state", "dead", "--channel", "mail"]));
    assert!(said.contains(&id) && said.contains("m•••@lac.example") && said.contains("last try: HTTP 503"), "{said}");
    assert!(!said.contains("marie.favre"));
    fits(&said);
    assert_eq!(done(message(&["list", "--channel", "sms"])), "No such message.\n");
    let again = json(&done(message(&["retry", "--all-dead", "--json"])));
    assert_eq!((&again["queued"], &again["expired"], &again["erased"]), (&1.into(), &0.into(), &0.into()));
    done(message(&["retry", &id]));
    folder
        .work_until(|manage| async move {
            let messages = manage.messages("lindenhof").await.expect("messages");
            messages.iter().all(|message| message.state == poterne_idp::manage::MessageState::Delivered)
        })
        .await;
    is_refused(message(&["retry", &id]), &["is delivered"]);
    is_refused(message(&["retry", "nonsense"]), &["nonsense is no message's id"]);
    sql(&folder, "UPDATE message SET state = 'dead', expires_at = 1");
    is_refused(message(&["retry", &id]), &["has expired: it is not sent any more"]);
    let again = json(&done(message(&["retry", "--all-dead", "--json"])));
    assert_eq!((&again["queued"], &again["expired"]), (&0.into(), &1.into()));
}

#[test]
fn shells_complete_the_commands() {
    for (shell, word) in [("bash", "rotate-secret"), ("zsh", "rotate-secret"), ("fish", "rotate-secret")] {
        let mut command = program();
        command.args(["completions", shell]);
        let said = done(command);
        assert!(said.contains(word) && !said.contains("reference of all"), "{shell}");
    }
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/COMMANDS.md").is_file());
}
