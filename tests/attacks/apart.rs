//! Telling people apart: known, unknown, locked, stopped and half-enrolled people get the same bytes and the same status.

use crate::support::browser::{Browser, Page};
use crate::support::people::Person;
use crate::support::portal::Portal;
use crate::support::{World, flows};

/// A page without what may differ by chance: ids of 22 characters, reference numbers, and what was typed.
pub fn blanked(page: &Page, typed: &[&str]) -> (u16, String) {
    let mut text = page.html.clone();
    for word in typed.iter().filter(|word| !word.is_empty()) {
        text = text.replace(&format!("value=\"{word}\""), "value=\"TYPED\"");
    }
    (page.status, blank_ids(&text))
}

/// Every run of 22 or more characters of base64url stands for an id.
fn blank_ids(text: &str) -> String {
    let (mut out, mut run) = (String::new(), String::new());
    for c in text.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
            run.push(c);
            continue;
        }
        out.push_str(if run.chars().count() == 22 { "ID" } else { &run });
        run.clear();
        out.push(c);
    }
    out
}

/// Whether two answers are the same; shows where they first differ.
#[track_caller]
pub fn same(who: &str, one: &(u16, String), other: &(u16, String)) {
    assert_eq!(one.0, other.0, "{who}: another status");
    let at = one.1.chars().zip(other.1.chars()).take_while(|(a, b)| a == b).count();
    let near = |text: &str| text.chars().skip(at.saturating_sub(60)).take(160).collect::<String>();
    assert!(one.1 == other.1, "{who} differs:\n{}\n--\n{}", near(&one.1), near(&other.1));
}

/// Everybody who is somehow different, by user name.
async fn everybody(world: &mut World, portal: &Portal) -> Vec<(&'static str, String)> {
    let marie = world.marie_with_account(portal).await;
    // Half-enrolled: the address is entered, there is no account.
    let urs = world.invite(Person::urs()).await;
    let mut enrolling = world.browser();
    enrolling.register_at(portal).await;
    enrolling.identify(&urs).await;
    enrolling.give_user_data(&urs.email(), urs.password()).await;
    vec![("known", marie.email()), ("half-enrolled", urs.email()), ("unknown", "personne@post.example".to_owned())]
}

async fn signing_in(world: &World, portal: &Portal, name: &str, times: usize) -> Vec<(u16, String)> {
    let mut browser: Browser = world.browser();
    browser.visit(&portal.sign_in()).await;
    let mut answers = Vec::new();
    for _ in 0..times {
        browser.give_password(name, "Faux-Passe-99!").await;
        answers.push(blanked(&browser.page, &[name]));
    }
    answers
}

flows! {
    async fn at_sign_in_everybody_reads_the_same_up_to_the_delay_and_in_it(world) {
        let flex = world.flex().await;
        let people = everybody(world, &flex).await;
        let mut answers = Vec::new();
        for (who, name) in &people {
            answers.push((who, signing_in(world, &flex, name, 7).await));
        }
        let (_, known) = &answers[0];
        assert!(known[0].1.contains("n&#x27;est pas juste") || known[0].1.contains("n'est pas juste"), "{}", known[0].1);
        assert!(known[6].1.contains("Trop d") , "{}", known[6].1);
        for (who, others) in &answers {
            for (other, known) in others.iter().zip(known) {
                same(who, other, known);
            }
        }
    }

    async fn whose_account_is_stopped_reads_the_same_as_a_wrong_password(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let wrong = signing_in(world, &flex, "personne@post.example", 1).await;
        world.manage().set_entry_status("lindenhof", &marie.registry_no, poterne_idp::manage::EntryStatus::Deceased).await.expect("she is known");
        let mut browser = world.browser();
        browser.visit(&flex.sign_in()).await;
        browser.give_password(&marie.email(), marie.password()).await;
        same("stopped", &blanked(&browser.page, &[&marie.email()]), &wrong[0]);
    }

    async fn at_step_1_every_kind_of_no_is_the_same(world) {
        let (flex, marie, urs) = (world.flex().await, world.invite(Person::marie()).await, world.invite(Person::urs()).await);
        let unknown_code = "2222-2222-2222";
        let mut answers = Vec::new();
        for (who, avs_number, birth_date, code) in [
            ("another's code", &marie.avs_number, &marie.birth_date, urs.code.as_str()),
            ("a wrong birth date", &marie.avs_number, &urs.birth_date, marie.code.as_str()),
            ("a code nobody has", &marie.avs_number, &marie.birth_date, unknown_code),
            ("somebody unknown", &"756.0000.0009.96".to_owned(), &marie.birth_date, marie.code.as_str()),
        ] {
            let mut browser = world.browser();
            browser.register_at(&flex).await;
            let fields = [("avs_number", avs_number.as_str()), ("birth_date", birth_date), ("code", code), ("terms", "yes"), ("action", "next")];
            browser.submit(&fields).await;
            answers.push((who, blanked(&browser.page, &[avs_number, birth_date, code])));
        }
        // Locked: the right answers after too many wrong ones.
        let mut browser = world.browser();
        browser.register_at(&flex).await;
        for _ in 0..6 {
            browser.submit(&[("avs_number", &marie.avs_number), ("birth_date", &marie.birth_date), ("code", unknown_code), ("terms", "yes"), ("action", "next")]).await;
        }
        browser.identify(&marie).await;
        answers.push(("locked", blanked(&browser.page, &[&marie.avs_number, &marie.birth_date, &marie.code])));
        let (_, first) = &answers[0];
        assert!(first.0 == 422 && first.1.contains("reconn"), "{}", first.1);
        for (who, answer) in &answers {
            same(who, answer, first);
        }
    }
}
