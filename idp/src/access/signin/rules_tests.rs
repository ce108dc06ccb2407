//! Tables of the decisions, and a walk over every order of proofs.

use super::*;
use crate::access::flow::Goal;
use crate::access::tests::request;
use poterne_protocol::id::{ClientRowId, FlowId, SessionId};
use std::collections::VecDeque;

const HERE: BrowserId = BrowserId::from_bytes([1; 16]);
const THERE: BrowserId = BrowserId::from_bytes([2; 16]);
const MARIE: AccountId = AccountId::from_bytes([3; 16]);
const URS: AccountId = AccountId::from_bytes([4; 16]);
const PHONE: Owned = Owned { id: FactorId::from_bytes([5; 16]), kind: FactorKind::Sms };
const APP: Owned = Owned { id: FactorId::from_bytes([6; 16]), kind: FactorKind::Totp };

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

fn password_of(account: AccountId, factor: Owned) -> Progress {
    Progress::Password { account, proven_at: at(0), factor: factor.id, challenge: None }
}

fn authenticated() -> Progress {
    Progress::Authenticated { session: SessionId::from_bytes([7; 16]), at: at(0) }
}

fn flow(progress: Progress, finished: bool) -> Flow {
    Flow {
        id: FlowId::from_bytes([8; 16]),
        browser: HERE,
        goal: Goal::Portal { client: ClientRowId::from_bytes([9; 16]), request: Box::new(request()) },
        progress,
        consented_at: None,
        chosen_at: None,
        version: 1,
        expires_at: at(3_600),
        finished_at: finished.then(|| at(10)),
    }
}

#[test]
fn a_request_is_led_to_where_its_flow_stands() {
    let started = || flow(Progress::Started, false);
    let password = || flow(password_of(MARIE, PHONE), false);
    let done = || flow(authenticated(), false);
    for (flow, browser, session_lives, now, expected) in [
        (None, Some(HERE), false, 0, Stand::Gone),
        (Some(started()), Some(HERE), false, 0, Stand::Password),
        (Some(started()), Some(HERE), false, 3_600, Stand::Over),
        (Some(started()), Some(THERE), false, 0, Stand::Elsewhere),
        (Some(started()), None, false, 0, Stand::Elsewhere),
        (Some(started()), None, false, 3_600, Stand::Over),
        (Some(password()), Some(HERE), false, 0, Stand::Factor),
        (Some(password()), Some(THERE), false, 0, Stand::Elsewhere),
        (Some(password()), Some(HERE), false, 3_600, Stand::Over),
        (Some(done()), Some(HERE), true, 0, Stand::Done),
        // The session ended meanwhile: sent on, the authorization endpoint would only send back.
        (Some(done()), Some(HERE), false, 0, Stand::Password),
        (Some(done()), Some(THERE), true, 0, Stand::Elsewhere),
        (Some(flow(authenticated(), true)), Some(HERE), true, 20, Stand::Finished),
        (Some(flow(Progress::Started, true)), Some(HERE), false, 5_000, Stand::Finished),
        (Some(flow(authenticated(), true)), Some(THERE), true, 20, Stand::Over),
        (Some(flow(authenticated(), true)), None, false, 20, Stand::Over),
    ] {
        assert_eq!(stand(flow.as_ref(), browser, session_lives, at(now)), expected, "{browser:?} at {now}: {flow:?}");
    }
}

#[test]
fn a_proof_counts_for_its_own_account_in_its_own_flow_while_that_is_active() {
    let person = |account, active| Person { account, active, need: Need::Factor(PHONE.id), factors: &[PHONE, APP] };
    let session = |method| Next::Session(vec![Amr::Pwd, method, Amr::Mfa]);
    for (progress, proof, person, expected) in [
        (Progress::Started, Proof::Password, person(MARIE, true), Next::Factor(PHONE.id)),
        (Progress::Started, Proof::Password, person(MARIE, false), Next::Refuse),
        (Progress::Started, Proof::Factor(PHONE.id), person(MARIE, true), Next::Refuse),
        (password_of(MARIE, PHONE), Proof::Factor(PHONE.id), person(MARIE, true), session(Amr::Sms)),
        (password_of(MARIE, PHONE), Proof::Factor(APP.id), person(MARIE, true), session(Amr::Otp)),
        (password_of(MARIE, PHONE), Proof::Factor(PHONE.id), person(MARIE, false), Next::Refuse),
        (password_of(MARIE, PHONE), Proof::Factor(FactorId::from_bytes([0; 16])), person(MARIE, true), Next::Refuse),
        (password_of(URS, PHONE), Proof::Factor(PHONE.id), person(MARIE, true), Next::Refuse),
        (authenticated(), Proof::Factor(PHONE.id), person(MARIE, true), Next::Refuse),
    ] {
        assert_eq!(next_step(&progress, proof, &person), expected, "{progress:?} {proof:?} {person:?}");
    }
}

/// What a person really proved in a flow, beside what the flow says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Proven {
    passwords: Vec<AccountId>,
    factors: Vec<(AccountId, FactorId)>,
}

/// B3-31, B3-33: over every order of right proofs of two people up to five long, whatever the accounts need, a session comes only to
/// an account whose password was proven in this flow, and whose factor was proven after it, where it needs one.
#[test]
fn b3_31_no_path_reaches_a_session_without_what_it_needs() {
    let mut sessions = 0;
    for (active, need) in [
        (true, Need::Factor(PHONE.id)),
        (true, Need::Nothing),
        (true, Need::Unmet),
        (false, Need::Factor(PHONE.id)),
        (false, Need::Nothing),
    ] {
        let people = [
            Person { account: MARIE, active, need, factors: &[PHONE] },
            Person { account: URS, active: true, need: Need::Factor(APP.id), factors: &[APP] },
        ];
        let mut open = VecDeque::from([(Progress::Started, Proven::default(), 0)]);
        while let Some((progress, proven, depth)) = open.pop_front() {
            for person in &people {
                for proof in [Proof::Password, Proof::Factor(PHONE.id), Proof::Factor(APP.id)] {
                    let mut proven = proven.clone();
                    match proof {
                        Proof::Password => proven.passwords.push(person.account),
                        Proof::Factor(factor) => proven.factors.push((person.account, factor)),
                    }
                    let progress = match next_step(&progress, proof, person) {
                        Next::Refuse => progress.clone(),
                        Next::Factor(factor) => {
                            proven.factors.clear();
                            Progress::Password { account: person.account, proven_at: at(0), factor, challenge: None }
                        }
                        Next::Session(methods) => {
                            sessions += 1;
                            assert!(person.active);
                            assert!(proven.passwords.contains(&person.account), "{proven:?}");
                            assert!(methods.contains(&Amr::Pwd));
                            let own = |(account, factor): &(_, _)| {
                                *account == person.account && person.factors.iter().any(|owned| owned.id == *factor)
                            };
                            let second = proven.factors.iter().any(own) && methods.contains(&Amr::Mfa);
                            assert!(second || person.need == Need::Nothing, "{proven:?} {person:?}");
                            authenticated()
                        }
                    };
                    if depth < 4 {
                        open.push_back((progress, proven, depth + 1));
                    }
                }
            }
        }
    }
    assert!(sessions > 100, "the walk must reach sessions: {sessions}");
}
