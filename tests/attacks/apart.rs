//! Telling people apart: known, unknown, locked, stopped and half-enrolled people get the same bytes, headers and cookies.

use super::everywhere::{PASSWORD, account, somebody};
use crate::support::browser::Browser;
use crate::support::people::Person;
use crate::support::portal::Portal;
use crate::support::world::SLUG;
use crate::support::{World, flows};
use poterne_idp::manage::{Decision, EntryStatus};

const WRONG: &str = "Faux-Passe-99!";
const DAY: u64 = 86_400;

/// Everything that a browser was answered on the way to its page, without what differs by chance (ids, secrets) and what was typed.
fn answered(browser: &Browser, typed: &[&str]) -> String {
    let mut answers = Vec::new();
    for page in &browser.trail {
        let headers = page.headers.iter().filter(|(name, _)| !["content-length", "x-request-id"].contains(&name.as_str()));
        let mut headers: Vec<String> =
            headers.map(|(name, value)| format!("{name}: {}", value.to_str().expect("text"))).collect();
        headers.sort();
        answers.push(format!("{}\n{}\n\n{}\n", page.status, headers.join("\n"), page.html));
    }
    let mut all = answers.concat();
    for word in typed.iter().filter(|word| !word.is_empty()) {
        all = all.replace(word, "TYPED");
    }
    blank_ids(&all)
}

/// Runs of 22 or 43 characters of base64url stand for ids and secrets.
fn blank_ids(text: &str) -> String {
    let (mut out, mut run) = (String::new(), String::new());
    for c in text.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
            run.push(c);
            continue;
        }
        out.push_str(if [22, 43].contains(&run.len()) { "ID" } else { &run });
        run.clear();
        out.push(c);
    }
    out
}

/// Whether two answers are the same; shows where they first differ.
#[track_caller]
fn same(who: &str, one: &str, other: &str) {
    let at = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let near = |text: &str| text.chars().skip(at.saturating_sub(80)).take(200).collect::<String>();
    assert!(one == other, "{who} differs:\n{}\n--\n{}", near(one), near(other));
}

/// Everybody who is somehow different; what they have in common is the password.
async fn everybody(world: &World, portal: &Portal, first: usize) -> Vec<(&'static str, Person)> {
    let manage = world.manage();
    let people = [
        "known",
        "left",
        "deceased",
        "suspended",
        "given up",
        "factor-reset",
        "locked",
        "half-enrolled",
        "in the registry",
        "unknown",
    ];
    let people: Vec<_> = people.into_iter().enumerate().map(|(at, who)| (who, somebody(first + at))).collect();
    for (_, person) in &people[..7] {
        account(world, person).await;
    }
    let no = |at: usize| people[at].1.registry_no.clone();
    manage.set_entry_status(SLUG, &no(1), EntryStatus::Left).await.expect("she left");
    // Her account works for a while still, and then no more.
    world.wait(93 * DAY);
    manage.set_entry_status(SLUG, &no(2), EntryStatus::Deceased).await.expect("he died");
    manage.decide_account(SLUG, &no(3), Decision::Suspend, "test").await.expect("suspended");
    manage.decide_account(SLUG, &no(4), Decision::Deactivate, "test").await.expect("given up");
    manage.reset_factor(SLUG, &no(5), "test").await.expect("without factor");
    let mut browser = world.browser();
    browser.visit(&portal.sign_in()).await;
    for _ in 0..LOCK_AFTER {
        browser.give_password(&people[6].1.email(), WRONG).await;
    }
    let half = world.invite(people[7].1.clone()).await;
    let mut enrolling = world.browser();
    enrolling.register_at(portal).await;
    enrolling.identify(&half).await;
    enrolling.give_user_data(&half.email(), PASSWORD).await;
    enrolling.page.says("Code de confirmation");
    world.register(&people[8].1).await;
    people
}

/// Failures in a row that lock, here: sooner than a delay, so that both can be seen.
const LOCK_AFTER: u32 = 9;

/// A fund that locks soon; after `free` failures there is a delay.
async fn locking_soon(world: &World, free: u32) {
    let mut document = world.document();
    (document.policy.free_tries, document.policy.lock_after) = (free, LOCK_AFTER);
    world.manage().apply_realm(document).await.expect("the document is applied");
}

/// The two ways to type a person's name.
fn names(person: &Person) -> [String; 2] {
    [person.email(), person.avs_number.clone()]
}

/// Does the same with everybody's browser, and compares what they are answered with what the first one is.
struct Together {
    people: Vec<(&'static str, String, Browser)>,
}

impl Together {
    fn new(world: &World, names: &[(&'static str, String)]) -> Self {
        Self { people: names.iter().map(|(who, name)| (*who, name.clone(), world.browser())).collect() }
    }

    /// Posts the page's form with these fields; `NAME` is each one's own.
    async fn submit(&mut self, what: &str, fields: &[(&str, &str)]) -> String {
        for (_, name, browser) in &mut self.people {
            let fields: Vec<_> =
                fields.iter().map(|(key, value)| (*key, if *value == "NAME" { name.as_str() } else { value })).collect();
            browser.submit(&fields).await;
        }
        self.compared(what)
    }

    async fn visit(&mut self, what: &str, url: &str) -> String {
        for (_, _, browser) in &mut self.people {
            browser.visit(url).await;
        }
        self.compared(what)
    }

    /// What all of them read.
    fn compared(&self, what: &str) -> String {
        let first = answered(&self.people[0].2, &[&self.people[0].1]);
        for (who, name, browser) in &self.people {
            same(&format!("{what}: {who} ({name})"), &answered(browser, &[name]), &first);
        }
        self.people[0].2.page.text()
    }
}

fn by(people: &[(&'static str, Person)], way: usize) -> Vec<(&'static str, String)> {
    people.iter().map(|(who, person)| (*who, names(person)[way].clone())).collect()
}

/// Everything that may be asked of a reset without a code from the mail.
async fn through_a_reset(world: &World, portal: &Portal, names: &[(&'static str, String)]) {
    let ask: &[(&str, &str)] = &[("username", "NAME"), ("action", "next")];
    let code: &[(&str, &str)] = &[("code", "000000"), ("action", "next")];
    let resend: &[(&str, &str)] = &[("action", "resend")];
    let mut all = Together::new(world, names);
    all.visit("the portal", &portal.sign_in()).await;
    for (_, _, browser) in &mut all.people {
        browser.follow("J'ai oublié mon mot de passe").await;
    }
    assert!(all.compared("the page").contains("Mot de passe oublié"));
    assert!(all.submit("asking", ask).await.contains("Si un accès existe pour"));
    for wrong in ["", "12", "000000"] {
        all.submit("a wrong code", &[("code", wrong), ("action", "next")]).await;
    }
    assert!(all.submit("sending again at once", resend).await.contains("peut être demandé"));
    for _ in 0..3 {
        all.submit("a wrong code", code).await;
    }
    assert!(all.submit("no tries left", code).await.contains("Trop d'essais avec ce code"));
    let mut again = Together::new(world, names);
    again.visit("the page again", &format!("{}/ui/recovery", world.issuer)).await;
    assert!(again.submit("asking again at once", ask).await.contains("Un nouveau code peut être demandé"));
    world.wait(61);
    assert!(all.submit("sending again", resend).await.contains("un nouveau code vient d'être envoyé"));
    all.submit("a wrong code of the second mail", code).await;
    world.wait(601);
    all.submit("a code that is too late", code).await;
    for _ in 0..3 {
        world.wait(61);
        again.visit("the page again", &format!("{}/ui/recovery", world.issuer)).await;
        again.submit("asking once more", ask).await;
    }
    world.wait(61);
    again.visit("the page again", &format!("{}/ui/recovery", world.issuer)).await;
    assert!(again.submit("asking too often", ask).await.contains("trop de codes aujourd'hui"));
    assert!(all.submit("sending too often", resend).await.contains("code"));
    world.wait(3601);
    assert!(all.submit("when its time is over", code).await.contains("a pris fin"));
}

/// Step 1, and what it answered.
async fn identifying(world: &World, portal: &Portal, person: &Person) -> String {
    let mut browser = world.browser();
    browser.register_at(portal).await;
    browser.identify(person).await;
    assert_eq!(browser.page.status, 422, "{}", browser.page.text());
    let typed = [&person.avs_number, &person.birth_date, &person.code].map(|typed| format!("value=\"{typed}\""));
    answered(&browser, &typed.each_ref().map(String::as_str))
}

flows! {
    async fn at_sign_in_everybody_reads_the_same_up_to_the_delay_and_in_it(world) {
        let flex = world.flex().await;
        for (way, first) in [(0, 20_000), (1, 20_100)] {
            // Others for the other name: all names of an account count together.
            locking_soon(world, 1_000).await;
            let names = by(&everybody(world, &flex, first).await, way);
            let mut all = Together::new(world, &names);
            all.visit("the page", &flex.sign_in()).await;
            assert!(all.submit("wrong", &[("username", "NAME"), ("password", WRONG), ("action", "next")]).await.contains("n'est pas juste"));
            // The right one does not help whoever may not sign in.
            let mut known = Together { people: vec![all.people.remove(0)] };
            known.submit("wrong again", &[("username", "NAME"), ("password", WRONG), ("action", "next")]).await;
            all.submit("right", &[("username", "NAME"), ("password", PASSWORD), ("action", "next")]).await;
            // From now on there is a delay, but not for whoever is locked: their page is the one before.
            locking_soon(world, 5).await;
            let mut delayed = Together::new(world, &names.iter().filter(|(who, _)| *who != "locked").cloned().collect::<Vec<_>>());
            delayed.visit("the page", &flex.sign_in()).await;
            let mut last = String::new();
            for _ in 0..5 {
                last = delayed.submit("wrong", &[("username", "NAME"), ("password", WRONG), ("action", "next")]).await;
            }
            assert!(last.contains("Trop d'essais"), "{last}");
            world.wait(3601);
        }
    }

    async fn at_the_reset_everybody_reads_the_same_by_address_and_by_number(world) {
        locking_soon(world, 1_000).await;
        let flex = world.flex().await;
        let people = everybody(world, &flex, 20_200).await;
        for way in [0, 1] {
            through_a_reset(world, &flex, &by(&people, way)).await;
            world.wait(2 * DAY);
        }
        let mut told = Vec::new();
        for (who, person) in &people {
            let resets = world.mailbox.to(&person.email()).iter().filter(|mail| mail.subject.contains("nouveau mot de passe")).count();
            told.extend((resets > 0).then_some(*who));
        }
        assert!(told.iter().all(|who| ["known", "locked", "factor-reset"].contains(who)), "no code leaves for {told:?}");
        let known = &people[0].1.email();
        for _ in 0..500 {
            if world.mailbox.to(known).iter().any(|mail| mail.subject.contains("nouveau mot de passe")) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("no code left for whoever is known");
    }

    async fn at_step_1_every_kind_of_no_is_the_same(world) {
        let (flex, marie, urs) = (world.flex().await, world.invite(Person::marie()).await, world.invite(Person::urs()).await);
        let unknown = "2222-2222-2222";
        let with = |person: &Person, code: &str| Person { code: code.to_owned(), ..person.clone() };
        let stranger = somebody(21_000);
        let replaced = world.invite(somebody(21_001)).await;
        world.reissue(&replaced).await;
        let (left, deceased) = (world.invite(somebody(21_002)).await, world.invite(somebody(21_003)).await);
        world.manage().set_entry_status(SLUG, &left.registry_no, EntryStatus::Left).await.expect("she left");
        world.manage().set_entry_status(SLUG, &deceased.registry_no, EntryStatus::Deceased).await.expect("he died");
        account(world, &somebody(21_004)).await;
        let letter = world.manage().reset_factor(SLUG, &somebody(21_004).registry_no, "test").await.expect("a letter");
        let half = world.invite(somebody(21_005)).await;
        let mut enrolling = world.browser();
        enrolling.register_at(&flex).await;
        enrolling.identify(&half).await;
        let kinds = [
            ("another's code", with(&marie, &urs.code)),
            ("a wrong birth date", Person { birth_date: urs.birth_date.clone(), ..marie.clone() }),
            ("a code nobody has", with(&somebody(21_006), unknown)),
            ("somebody unknown", with(&stranger, &marie.code)),
            ("another's replaced code", with(&somebody(21_007), &replaced.code)),
            ("another's code of a lost factor", with(&somebody(21_008), letter.code.expose())),
            ("another's code that is in use", with(&somebody(21_009), &half.code)),
            ("who left, with their own code", left),
            ("who died, with their own code", deceased),
        ];
        let mut answers = Vec::new();
        for (who, person) in &kinds {
            answers.push((*who, identifying(world, &flex, person).await));
        }
        // Locked: the right answers after too many wrong ones.
        for _ in 0..6 {
            identifying(world, &flex, &with(&marie, unknown)).await;
        }
        answers.push(("locked", identifying(world, &flex, &marie).await));
        // Somebody's spent code tells a stranger nothing of its end either.
        world.wait(151 * DAY);
        answers.push(("another's expired code", identifying(world, &flex, &with(&somebody(21_010), &urs.code)).await));
        let (_, first) = &answers[0];
        assert!(first.contains("reconn"), "{first}");
        for (who, answer) in &answers {
            same(who, answer, first);
        }
    }

    async fn in_steps_2_and_3_a_taken_address_reads_like_a_free_one(world) {
        let flex = world.flex().await;
        account(world, &somebody(22_000)).await;
        let (half, mut browser) = (world.invite(somebody(22_001)).await, world.browser());
        browser.register_at(&flex).await;
        browser.identify(&half).await;
        browser.give_user_data(&half.email(), PASSWORD).await;
        let addresses = [("free", somebody(22_002).email()), ("taken", somebody(22_000).email()), ("half-enrolled", half.email())];
        let mut all = Together::new(world, &addresses);
        for (at, (_, _, browser)) in all.people.iter_mut().enumerate() {
            let person = world.invite(Person { birth_date: half.birth_date.clone(), ..somebody(22_010 + at) }).await;
            browser.register_at(&flex).await;
            browser.identify(&person).await;
            browser.page.says("Mot de passe");
        }
        let data = [("email", "NAME"), ("password", PASSWORD), ("password_repeat", PASSWORD), ("action", "next")];
        assert!(all.submit("step 2", &data).await.contains("Code de confirmation"));
        all.submit("sending again at once", &[("action", "resend")]).await;
        for _ in 0..4 {
            all.submit("a wrong code", &[("code", "000000"), ("action", "next")]).await;
        }
        assert!(all.submit("no tries left", &[("code", "000000"), ("action", "next")]).await.contains("Trop d'essais"));
        world.wait(61);
        all.submit("sending again", &[("action", "resend")]).await;
        all.submit("a wrong code", &[("code", "000000"), ("action", "next")]).await;
    }
}
