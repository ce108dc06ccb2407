//! Codes as people type them, to the last second of their last day, and redeemed once.

use super::rules::*;
use super::store::*;
use crate::entropy::Entropy;
use crate::error::Failure;
use crate::onboarding::tests::{Bed, beds};
use chrono::{NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use poterne_protocol::id::{AccountId, CodeId, EnrollmentId};
use poterne_protocol::time::Timestamp;
use std::time::Duration;

/// The codes of the demo's letters.
const DEMO: [&str; 4] = ["CZ6E-P34V-K5DM", "M3YJ-834F-F49E", "4KF3-VM5Z-9PP9", "MZ3M-ME39-3KWK"];
const LETTERS: &str = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";

fn normal(typed: &str) -> Result<String, CodeMistake> {
    read(typed, true).map(|code| code.expose().to_owned())
}

#[test]
fn s_05_a_code_is_read_however_it_is_spaced_and_in_small_letters_too() {
    for typed in ["CZ6E-P34V-K5DM", "cz6e p34v k5dm", " CZ6EP34VK5DM ", "cz6e–p34v–k5dm", "C Z 6 E P 3 4 V K 5 D M"] {
        assert_eq!(normal(typed).as_deref(), Ok("CZ6EP34VK5DM"), "{typed}");
    }
    for code in DEMO {
        assert!(normal(code).is_ok(), "{code}");
        assert_eq!(grouped(&read(code, true).unwrap()).expose(), code);
    }
}

#[test]
fn s_05_what_is_wrong_with_a_typed_code_is_named() {
    for (typed, mistake) in [
        ("", CodeMistake::Missing),
        (" - ", CodeMistake::Missing),
        ("CZ6E-P34V-K5D0", CodeMistake::Alphabet),
        ("CZ6E-P34V-K5DO", CodeMistake::Alphabet),
        ("CZ6E-P34V-K1DM", CodeMistake::Alphabet),
        ("cz6e-p34v-kidm", CodeMistake::Alphabet),
        ("cz6e-p34v-kldm", CodeMistake::Alphabet),
        ("CZ6E-P34V-K5Dé", CodeMistake::Alphabet),
        ("CZ6E-P34V-K5D", CodeMistake::Length),
        ("CZ6E-P34V-K5DMM", CodeMistake::Length),
        ("CZ6E-P34V-K5DN", CodeMistake::CheckCharacter),
        ("CZ6E-P43V-K5DM", CodeMistake::CheckCharacter),
    ] {
        assert_eq!(normal(typed), Err(mistake), "{typed}");
    }
    assert_eq!(normal(&"2".repeat(5000)), Err(CodeMistake::Length));
    assert_eq!(normal(&format!("{}CZ6EP34VK5DM", " ".repeat(300))), Err(CodeMistake::Missing));
}

#[test]
fn codes_brought_along_from_an_older_system_have_no_check_character() {
    for code in ["4KTT78ZDTZ6M", "7BZM2FYSWQX6", "UGYDEHEXESE6"] {
        assert!(read(code, false).is_ok(), "{code}");
    }
    assert!(read("CZ6E-P34V-K5DN", false).is_ok());
}

#[test]
fn every_single_wrong_character_is_noticed() {
    for code in DEMO {
        let right: Vec<char> = code.chars().filter(|c| *c != '-').collect();
        for at in 0..right.len() {
            for letter in LETTERS.chars() {
                let mut typed = right.clone();
                typed[at] = letter;
                let typed: String = typed.into_iter().collect();
                assert_eq!(read(&typed, true).is_ok(), letter == right[at], "{typed} for {code}");
            }
        }
    }
}

#[test]
fn every_swap_of_neighbours_is_noticed() {
    // The check is linear: a swap of any two values at any two neighbouring places stands for all codes.
    let letters: Vec<char> = LETTERS.chars().collect();
    let entropy = Entropy::seeded(11);
    for at in 0..11 {
        for one in &letters {
            for other in letters.iter().filter(|other| *other != one) {
                let code = with_pair(&entropy, at, *one, *other);
                let mut swapped = code.clone();
                swapped.swap(at, at + 1);
                assert!(read(&code.iter().collect::<String>(), true).is_ok());
                assert!(read(&swapped.iter().collect::<String>(), true).is_err(), "{code:?} at {at}");
            }
        }
    }
}

/// A right code that has these two characters at these places.
fn with_pair(entropy: &Entropy, at: usize, one: char, other: char) -> Vec<char> {
    let letters: Vec<char> = LETTERS.chars().collect();
    let mut code: Vec<char> = generate(entropy, true).expose().chars().collect();
    (code[at], code[at + 1]) = (one, other);
    // The character that makes the check fit: the last one, or the first where the pair holds the last.
    let free = if at == 10 { 0 } else { 11 };
    for letter in letters {
        code[free] = letter;
        if read(&code.iter().collect::<String>(), true).is_ok() {
            return code;
        }
    }
    panic!("no character fits");
}

#[test]
fn made_codes_are_right_and_use_every_letter() {
    let entropy = Entropy::seeded(5);
    let codes: Vec<String> = (0..400).map(|_| generate(&entropy, true).expose().to_owned()).collect();
    assert!(codes.iter().all(|code| read(code, true).is_ok()));
    assert!(LETTERS.chars().all(|letter| codes.iter().any(|code| code.contains(letter))));
    let plain: Vec<String> = (0..400).map(|_| generate(&entropy, false).expose().to_owned()).collect();
    assert!(plain.iter().all(|code| read(code, false).is_ok()));
    assert!(plain.iter().any(|code| read(code, true).is_err()));
}

fn at(zone: Tz, local: &str) -> Timestamp {
    let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M:%S").unwrap();
    Timestamp::from_micros(zone.from_local_datetime(&local).earliest().unwrap().timestamp_micros())
}

#[test]
fn c_14_a_code_is_valid_to_the_last_second_of_its_last_day() {
    use chrono_tz::{America::Sao_Paulo, Asia::Beirut, Europe::Zurich};
    for (zone, issued, days, last_second) in [
        (Zurich, "2026-01-05 00:00:00", 150, "2026-06-04 23:59:59"),
        (Zurich, "2026-01-05 23:59:59", 150, "2026-06-04 23:59:59"),
        (Zurich, "2026-06-05 12:00:00", 150, "2026-11-02 23:59:59"),
        (Zurich, "2026-03-28 12:00:00", 1, "2026-03-29 23:59:59"),
        (Zurich, "2026-10-24 12:00:00", 1, "2026-10-25 23:59:59"),
        (Zurich, "2026-10-25 02:30:00", 0, "2026-10-25 23:59:59"),
        (Zurich, "2028-02-28 08:00:00", 1, "2028-02-29 23:59:59"),
        // Midnight is skipped on the next day: 00:00 becomes 01:00.
        (Sao_Paulo, "2018-11-02 10:00:00", 1, "2018-11-03 23:59:59"),
        (Beirut, "2022-03-25 10:00:00", 1, "2022-03-26 23:59:59"),
    ] {
        let end = end_of_validity(at(zone, issued), days, zone);
        assert_eq!(end, at(zone, last_second).plus(Duration::from_secs(1)), "{issued} + {days} in {zone}");
    }
}

#[tokio::test]
async fn a_new_code_ends_the_former_one_and_one_live_code_is_left() {
    for bed in beds().await {
        let entry = bed.person("1", "756.0000.0000.19", "12.03.1984").await;
        let first = bed.issue(entry).await;
        let second = bed.issue(entry).await;
        let digest_of = |code| digests(&bed.realm.vault, &read(code, true).unwrap());
        let (first, second) = (digest_of(first.expose()), digest_of(second.expose()));
        let found = bed.app.db.read(bed.realm.id, move |rx| Ok((by_digest(rx, &first)?, by_digest(rx, &second)?)));
        let (Some(first), Some(second)) = found.await.unwrap() else { panic!("both are kept") };
        assert_eq!(first.state, CodeState::Revoked { reason: Revocation::Replaced, replaced_by: Some(second.id) });
        assert!(second.is_live(bed.now()) && !first.is_live(bed.now()));
    }
}

#[tokio::test]
async fn a_code_is_redeemed_once_however_many_try() {
    for bed in beds().await {
        let entry = bed.person("1", "756.0000.0000.19", "12.03.1984").await;
        let (code, draft) = (bed.issued_id(entry).await, EnrollmentId::from_bytes([3; 16]));
        bed.app.db.write(bed.realm.id, move |tx| hold(tx, code, draft)).await.unwrap();
        let tries: Vec<_> = (0..100).map(|_| tokio::spawn(try_to_redeem(bed.clone(), code, draft))).collect();
        let mut won = 0;
        for one in tries {
            match one.await.unwrap() {
                Ok(true) => won += 1,
                Ok(false) | Err(Failure::Busy(_)) => {}
                Err(failure) => panic!("{failure}"),
            }
        }
        assert_eq!(won, 1);
    }
}

async fn try_to_redeem(bed: Bed, code: CodeId, draft: EnrollmentId) -> Result<bool, Failure> {
    let now = bed.now();
    bed.app.db.write(bed.realm.id, move |tx| redeem(tx, code, draft, now)).await
}

#[tokio::test]
async fn an_expired_a_withdrawn_or_another_drafts_code_is_not_redeemed() {
    for bed in beds().await {
        let entry = bed.person("1", "756.0000.0000.19", "12.03.1984").await;
        let (code, draft) = (bed.issued_id(entry).await, EnrollmentId::from_bytes([3; 16]));
        let redeem_at = |now, draft| bed.app.db.write(bed.realm.id, move |tx| redeem(tx, code, draft, now));
        assert!(!redeem_at(bed.now(), draft).await.unwrap(), "held by nobody");
        bed.app.db.write(bed.realm.id, move |tx| hold(tx, code, draft)).await.unwrap();
        assert!(!redeem_at(bed.now(), EnrollmentId::from_bytes([4; 16])).await.unwrap(), "held by another");
        assert!(!redeem_at(bed.now().plus(Duration::from_secs(200 * 86_400)), draft).await.unwrap(), "expired");
        let now = bed.now();
        let gone = bed.app.db.write(bed.realm.id, move |tx| revoke_of_entry(tx, entry, Revocation::Left, now));
        assert_eq!(gone.await.unwrap(), [code]);
        assert!(!redeem_at(bed.now(), draft).await.unwrap(), "withdrawn");
        let unknown = AccountId::from_bytes([9; 16]);
        let named = bed.app.db.write(bed.realm.id, move |tx| name_redeemer(tx, code, unknown)).await;
        assert!(named.is_err(), "an account that does not exist redeemed nothing");
    }
}
