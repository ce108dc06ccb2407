//! Whether a new password will do.

use super::{LONGEST, normal_form};
use crate::settings::PasswordRule;
use crate::web::form::Fault;
use poterne_protocol::secret::Secret;
use zxcvbn::matching::patterns::MatchPattern;
use zxcvbn::{Entropy, Score, zxcvbn};

/// This many of the most common passwords are refused by name (NIST SP 800-63B section 3.1.1.2; OWASP ASVS 5.0 6.2.4).
const COMMON: usize = 3_000;
/// A password that fewer guesses find (a million) is too weak, whatever its characters.
const LEAST: Score = Score::Two;
/// Characters by which weakness is told: they are enough for a million guesses, and the work grows with what is typed.
const TELLING: usize = 32;
/// A part of the user name that is shorter than this is no secret given away.
const NAME_PART: usize = 4;

/// What is wrong with a new password; empty when it will do. `context` holds the words of its surroundings (e-mail address, names of
/// fund and portal), which are the first things that are guessed; those with an `@` are user names.
#[must_use]
pub fn judge(rule: &PasswordRule, password: &Secret, context: &[&str]) -> Vec<Fault> {
    if password.expose().is_empty() {
        return vec![Fault::Required];
    }
    let Some(normal) = normal_form(password) else {
        return vec![Fault::TooLong(LONGEST)];
    };
    let normal = normal.expose();
    let mut faults = Vec::new();
    if normal.chars().count() < rule.min_length {
        faults.push(Fault::PasswordShort(u32::try_from(rule.min_length).unwrap_or(u32::MAX)));
    }
    if rule.character_groups && !has_all_groups(normal) {
        faults.push(Fault::PasswordGroups);
    }
    if has_user_name(normal, context) {
        faults.push(Fault::PasswordHasName);
    }
    if faults.is_empty() {
        faults.extend(weakness(normal, context));
    }
    faults
}

/// Digits, lower case, upper case and special characters (V-18).
fn has_all_groups(password: &str) -> bool {
    let groups: [fn(char) -> bool; 4] = [char::is_numeric, char::is_lowercase, char::is_uppercase, |c| !c.is_alphanumeric()];
    groups.into_iter().all(|group| password.chars().any(group))
}

fn has_user_name(password: &str, context: &[&str]) -> bool {
    let password = password.to_lowercase();
    let names = context.iter().map(|word| word.to_lowercase());
    let local_parts = names.filter_map(|name| name.split_once('@').map(|(local, _)| local.to_owned()));
    local_parts.filter(|local| local.chars().count() >= NAME_PART).any(|local| password.contains(&local))
}

fn weakness(password: &str, context: &[&str]) -> Option<Fault> {
    let words: Vec<&str> = context.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric())).collect();
    let inputs: Vec<&str> = context.iter().copied().chain(words).filter(|word| word.chars().count() > 2).collect();
    let telling: String = password.chars().take(TELLING).collect();
    let guess = zxcvbn(&telling, &inputs);
    if is_common(&guess) {
        return Some(Fault::PasswordCommon);
    }
    (guess.score() < LEAST).then_some(Fault::PasswordWeak)
}

/// Whether the whole password stands on the list of common ones.
fn is_common(guess: &Entropy) -> bool {
    let [whole] = guess.sequence() else {
        return false;
    };
    let MatchPattern::Dictionary(found) = &whole.pattern else {
        return false;
    };
    // The list's name is an enum that the library does not export; its text is stable.
    format!("{:?}", found.dictionary_name) == "Passwords" && found.rank <= COMMON
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: [&str; 3] = ["marie.favre@lac.example", "Caisse de pension Lindenhof", "Lindenhof flex"];

    fn judged(rule: PasswordRule, password: &str) -> Vec<Fault> {
        judge(&rule, &Secret::new(password.into()), &CONTEXT)
    }

    #[test]
    fn v_18_a_password_has_eight_characters_of_four_groups() {
        let rule = PasswordRule { min_length: 8, character_groups: true };
        for (password, faults) in [
            ("", vec![Fault::Required]),
            ("Ab1!", vec![Fault::PasswordShort(8)]),
            ("abc", vec![Fault::PasswordShort(8), Fault::PasswordGroups]),
            ("tricycle orange", vec![Fault::PasswordGroups]),
            ("Tricycle orange", vec![Fault::PasswordGroups]),
            ("Tricycle2orange", vec![Fault::PasswordGroups]),
            ("Tricycle 2 orange", vec![]),
            ("Été-2-Sämann", vec![]),
            ("7Pq!x2Lm", vec![]),
            ("Tilleul-Vert-1984", vec![]),
            ("Password1!", vec![Fault::PasswordWeak]),
            ("Zürich,Bern 33 Uhr", vec![]),
        ] {
            assert_eq!(judged(rule, password), faults, "{password}");
        }
    }

    #[test]
    fn s_08_a_password_that_is_easily_guessed_is_refused_and_the_reason_is_named() {
        let rule = PasswordRule { min_length: 8, character_groups: false };
        for (password, faults) in [
            ("password", vec![Fault::PasswordCommon]),
            ("12345678", vec![Fault::PasswordCommon]),
            ("PASSWORD", vec![Fault::PasswordCommon]),
            ("aaaaaaaaaaaa", vec![Fault::PasswordWeak]),
            ("lindenhof", vec![Fault::PasswordWeak]),
            ("Lindenhof1", vec![Fault::PasswordWeak]),
            ("marie.favre99", vec![Fault::PasswordHasName]),
            ("xxMARIE.FAVRExx", vec![Fault::PasswordHasName]),
            ("cheval agrafe pile", vec![]),
        ] {
            assert_eq!(judged(rule, password), faults, "{password}");
        }
    }

    #[test]
    fn a_password_is_counted_by_code_points_of_its_normal_form_and_up_to_a_thousand() {
        let rule = PasswordRule { min_length: 8, character_groups: false };
        assert_eq!(judged(rule, "e\u{301}e\u{301}u\u{308}o"), [Fault::PasswordShort(8)]);
        assert_eq!(judged(rule, &"日月火水木金土 山".repeat(8)), []);
        assert_eq!(judged(rule, &"x7!Kq ".repeat(200)), [Fault::TooLong(1_000)]);
        let long: String = (0..1_000).map(|n| char::from(b'a' + u8::try_from((n * 7 + n / 11) % 26).unwrap())).collect();
        assert_eq!(judged(rule, &long), []);
    }

    #[test]
    fn a_longer_password_is_judged_by_how_it_begins_and_a_name_in_it_is_found_anywhere() {
        let rule = PasswordRule { min_length: 8, character_groups: false };
        let tail = "k7!Wq".repeat(20);
        assert_eq!(judged(rule, &format!("{}{tail}", "a".repeat(32))), [Fault::PasswordWeak]);
        assert_eq!(judged(rule, &format!("cheval agrafe pile{tail}")), []);
        assert_eq!(judged(rule, &format!("{tail}marie.favre")), [Fault::PasswordHasName]);
    }
}
