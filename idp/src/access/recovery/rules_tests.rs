//! Tables of the decisions, and a walk over every order of proofs.

use super::*;
use crate::settings::FactorKind;
use std::collections::VecDeque;

const HERE: BrowserId = BrowserId::from_bytes([1; 16]);
const THERE: BrowserId = BrowserId::from_bytes([2; 16]);
const PHONE: Owned = Owned { id: FactorId::from_bytes([5; 16]), kind: FactorKind::Sms };
const APP: Owned = Owned { id: FactorId::from_bytes([6; 16]), kind: FactorKind::Totp };
const REQUESTED: Progress = Progress::Requested { challenge: ChallengeId::from_bytes([7; 16]) };
const MAIL: Progress = Progress::MailConfirmed { factor: Some(PHONE.id), challenge: None };
const FACTOR: Progress = Progress::FactorConfirmed { factor: PHONE.id };

fn person(stands: bool, need: Need, factors: &[Owned]) -> Person<'_> {
    Person { stands, need, factors }
}

#[test]
fn a_request_is_led_to_where_its_reset_stands() {
    let marie = person(true, Need::Factor(PHONE.id), &[PHONE]);
    let changed = person(false, Need::Factor(PHONE.id), &[PHONE]);
    let plain = person(true, Need::Nothing, &[]);
    let bare = person(true, Need::Unmet, &[]);
    let facts = |progress, finished| Facts { browser: HERE, progress, expires_at: Timestamp::from_secs(3_600), finished };
    for (facts, browser, person, now, expected) in [
        (None, Some(HERE), Some(&marie), 0, Stand::Elsewhere),
        (Some(facts(REQUESTED, false)), Some(THERE), Some(&marie), 0, Stand::Elsewhere),
        (Some(facts(REQUESTED, false)), None, Some(&marie), 0, Stand::Elsewhere),
        (Some(facts(FACTOR, true)), Some(THERE), Some(&marie), 0, Stand::Elsewhere),
        (Some(facts(REQUESTED, false)), Some(HERE), Some(&marie), 3_599, Stand::Code),
        (Some(facts(REQUESTED, false)), Some(HERE), Some(&marie), 3_600, Stand::Over),
        // Nobody has the name: it looks the same.
        (Some(facts(REQUESTED, false)), Some(HERE), None, 0, Stand::Code),
        (Some(facts(REQUESTED, false)), Some(HERE), Some(&changed), 0, Stand::Code),
        (Some(facts(MAIL, false)), Some(HERE), None, 0, Stand::Over),
        (Some(facts(MAIL, false)), Some(HERE), Some(&changed), 0, Stand::Over),
        (Some(facts(MAIL, false)), Some(HERE), Some(&marie), 0, Stand::Factor),
        (Some(facts(MAIL, false)), Some(HERE), Some(&plain), 0, Stand::Password),
        (Some(facts(MAIL, false)), Some(HERE), Some(&bare), 0, Stand::Letter),
        (Some(facts(FACTOR, false)), Some(HERE), Some(&marie), 0, Stand::Password),
        (Some(facts(FACTOR, false)), Some(HERE), Some(&changed), 0, Stand::Over),
        // The operator took the factor away meanwhile.
        (Some(facts(FACTOR, false)), Some(HERE), Some(&bare), 0, Stand::Over),
        (Some(facts(FACTOR, true)), Some(HERE), Some(&changed), 9_999, Stand::Done),
    ] {
        let at = Timestamp::from_secs(now);
        assert_eq!(stand(facts, browser, person, at), expected, "{facts:?} {browser:?} {person:?} at {now}");
    }
}

/// V-06, ASVS 6.4.3: over every order of proofs up to six long, whatever the account needs, a password is set only after the code from
/// the mail and then, where there is or should be one, a factor of the account.
#[test]
fn v_06_no_path_sets_a_password_without_what_it_needs() {
    let mut set = 0;
    for (stands, need, factors) in [
        (true, Need::Factor(PHONE.id), &[PHONE][..]),
        (true, Need::Factor(PHONE.id), &[PHONE, APP]),
        (true, Need::Nothing, &[]),
        (true, Need::Unmet, &[]),
        (false, Need::Factor(PHONE.id), &[PHONE]),
        (false, Need::Nothing, &[]),
    ] {
        let person = person(stands, need, factors);
        let mut open = VecDeque::from([(REQUESTED, Vec::new())]);
        while let Some((progress, proofs)) = open.pop_front() {
            for proof in [Proof::Mail, Proof::Factor(PHONE.id), Proof::Factor(APP.id), Proof::NewPassword] {
                assert_eq!(next_step(&progress, proof, None), Next::Refuse, "a name that nobody has leads nowhere");
                let mut proofs: Vec<Proof> = proofs.clone();
                proofs.push(proof);
                let progress = match (next_step(&progress, proof, Some(&person)), proof) {
                    (Next::Refuse, _) => progress,
                    (Next::Factor(factor), _) => Progress::MailConfirmed { factor: Some(factor), challenge: None },
                    (Next::Password, Proof::Factor(factor)) => Progress::FactorConfirmed { factor },
                    (Next::Password | Next::Letter, _) => Progress::MailConfirmed { factor: None, challenge: None },
                    (Next::Set, _) => {
                        set += 1;
                        assert!(stands && need != Need::Unmet, "{person:?}");
                        let mail = proofs.iter().position(|proof| *proof == Proof::Mail).expect("the mail was read");
                        let own = |proof: &Proof| factors.iter().any(|owned| *proof == Proof::Factor(owned.id));
                        assert!(need == Need::Nothing || proofs[mail..].iter().any(own), "{proofs:?}");
                        continue;
                    }
                };
                if proofs.len() < 6 {
                    open.push_back((progress, proofs));
                }
            }
        }
    }
    assert!(set > 20, "the walk must reach a new password: {set}");
}
