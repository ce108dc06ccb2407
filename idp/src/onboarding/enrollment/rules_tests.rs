//! A long random walk over enrollments, beside a model that only knows which proofs were given.

use super::draft::*;
use super::rules::*;
use crate::entropy::Entropy;
use crate::settings::FactorKind;
use poterne_protocol::id::{AccountId, ChallengeId};
use poterne_protocol::time::Timestamp;

const LATER: Timestamp = Timestamp::from_secs(1_000);
const NOW: Timestamp = Timestamp::from_secs(1);

/// What was proven, and nothing about states.
#[derive(Debug, Clone, Default)]
struct Model {
    entered: Option<String>,
    confirmed: Option<String>,
    chosen: Option<FactorKind>,
    done: bool,
}

impl Model {
    /// The first proof that is missing.
    fn next(&self, factors: &[FactorKind]) -> Next {
        let chosen = self.chosen.filter(|kind| factors.contains(kind));
        match self {
            Self { done: true, .. } => Next::Page(Step::Done),
            Self { entered: None, .. } => Next::Page(Step::Data),
            Self { entered, confirmed, .. } if entered != confirmed => Next::Page(Step::Email),
            _ if factors.is_empty() => Next::Finish,
            _ if chosen.is_none() => Next::Page(Step::Factor),
            _ => Next::Page(Step::Confirm),
        }
    }

    fn email_is_confirmed(&self) -> bool {
        self.entered.is_some() && self.entered == self.confirmed
    }
}

fn started() -> Draft {
    Draft::Identified { who: Identified { answers: vec![], terms: None } }
}

fn data(email: &str) -> UserData {
    let (email, password_hash) = (email.to_owned(), "$argon2id$".to_owned());
    UserData { email, password_hash, title: None, last_name: None, first_name: None }
}

fn chosen(kind: FactorKind) -> ChosenFactor {
    match kind {
        FactorKind::Sms => ChosenFactor::Sms { number: "+41790000001".into(), challenge: ChallengeId::from_bytes([2; 16]) },
        FactorKind::Totp => ChosenFactor::Totp { secret: vec![7; 20] },
    }
}

/// The draft after a transition, or as it was where that was refused.
fn settled(before: &Draft, outcome: Option<Draft>) -> (Draft, bool) {
    let went = outcome.is_some();
    (outcome.unwrap_or_else(|| before.clone()), went)
}

/// Does one thing to both and checks that the draft allows exactly what the model has proofs for.
fn step(draft: Draft, model: &mut Model, factors: &[FactorKind], entropy: &Entropy) -> Draft {
    let open = !model.done;
    let (draft, went, expected) = match entropy.below(6) {
        0 => {
            let email = ["marie@lac.example", "urs@holz.example"][entropy.below(2) as usize];
            let (draft, went) = settled(&draft, draft.clone().enter_data(data(email), ChallengeId::from_bytes([1; 16])));
            if open && model.entered.as_deref() != Some(email) {
                *model = Model { entered: Some(email.into()), ..Model::default() };
            }
            (draft, went, open)
        }
        1 => {
            let waits = open && model.entered.is_some() && !model.email_is_confirmed();
            let (draft, went) = settled(&draft, draft.clone().confirm_email(NOW));
            if waits {
                model.confirmed = model.entered.clone();
            }
            (draft, went, waits)
        }
        2 => {
            let kind = FactorKind::ALL[entropy.below(2) as usize];
            let may = open && model.email_is_confirmed();
            let (draft, went) = settled(&draft, draft.clone().choose_factor(chosen(kind)));
            if may {
                model.chosen = Some(kind);
            }
            (draft, went, may)
        }
        3 => {
            let waits = open && model.entered.is_some() && !model.email_is_confirmed();
            let (draft, went) = settled(&draft, draft.clone().renew_confirmation(ChallengeId::from_bytes([5; 16])));
            (draft, went, waits)
        }
        _ => return finish(draft, model, factors, entropy),
    };
    assert_eq!(went, expected, "{model:?}");
    draft
}

fn finish(draft: Draft, model: &mut Model, factors: &[FactorKind], entropy: &Entropy) -> Draft {
    let shown = [None, Some(FactorKind::Sms), Some(FactorKind::Totp)][entropy.below(3) as usize];
    let enough = match shown {
        None => factors.is_empty(),
        Some(kind) => factors.contains(&kind) && model.chosen == Some(kind),
    };
    let expected = !model.done && model.email_is_confirmed() && enough;
    if let Some(proven) = draft.clone().proven(shown.map_or(FactorProof::Nothing, FactorProof::Right), factors) {
        assert!(expected, "completed without every proof: {model:?} {shown:?} {factors:?}");
        assert_eq!(Some(&proven.confirmed.entered.data.email), model.confirmed.as_ref());
        assert_eq!(proven.factor.as_ref().map(ChosenFactor::kind), shown);
        model.done = true;
        proven.completed(AccountId::from_bytes([8; 16]))
    } else {
        assert!(!expected, "refused in spite of every proof: {model:?} {shown:?} {factors:?}");
        draft
    }
}

#[test]
fn no_walk_skips_a_step_and_none_completes_without_every_proof() {
    let populations: [&[FactorKind]; 4] = [&FactorKind::ALL, &[FactorKind::Sms], &[FactorKind::Totp], &[]];
    let mut completed = 0;
    for seed in 0..2_000 {
        let entropy = Entropy::seeded(seed);
        let (mut draft, mut model) = (started(), Model::default());
        let mut factors = populations[entropy.below(4) as usize];
        for _ in 0..40 {
            if entropy.below(20) == 0 {
                factors = populations[entropy.below(4) as usize];
            }
            draft = step(draft, &mut model, factors, &entropy);
            assert_eq!(next_step(&draft, factors, LATER, NOW), model.next(factors), "seed {seed}: {model:?}");
            let kept = serde_json::to_vec(&draft).unwrap();
            assert!(serde_json::from_slice::<Draft>(&kept).unwrap() == draft, "kept as it is");
        }
        completed += u32::from(model.done);
    }
    assert!(completed > 500, "the walk must get to the end often enough to mean something: {completed}");
}

#[test]
fn an_enrollment_left_too_long_is_over_but_a_finished_one_can_be_looked_at() {
    let draft = settled(&started(), started().enter_data(data("marie@lac.example"), ChallengeId::from_bytes([1; 16]))).0;
    assert_eq!(next_step(&draft, &FactorKind::ALL, LATER, LATER), Next::Expired);
    let done = Draft::Completed { account: AccountId::from_bytes([8; 16]), email: "marie@lac.example".into() };
    assert_eq!(next_step(&done, &FactorKind::ALL, LATER, LATER), Next::Page(Step::Done));
}

#[test]
fn changing_the_address_restarts_confirmation_and_keeps_the_other_entries() {
    let id = ChallengeId::from_bytes([1; 16]);
    let go = |outcome: Option<Draft>| outcome.unwrap_or_else(|| panic!("refused"));
    let draft =
        go(go(go(started().enter_data(data("marie@lac.example"), id)).confirm_email(NOW)).choose_factor(chosen(FactorKind::Sms)));
    let same = go(draft.clone().enter_data(data("marie@lac.example"), id));
    assert_eq!(same.name(), "factor_chosen");
    let other = go(draft.enter_data(data("marie@mail.example"), id));
    assert_eq!(other.name(), "data_entered");
    assert!(other.factor() == Some(&chosen(FactorKind::Sms)), "the number is still there to be confirmed");
    let again = go(go(other.confirm_email(NOW)).choose_factor(chosen(FactorKind::Totp)));
    assert!(again.factor() == Some(&chosen(FactorKind::Totp)));
}

#[test]
fn every_step_has_a_page_and_back_leads_one_step_back() {
    for (step, before) in Step::ALL.into_iter().zip([Step::Identified].into_iter().chain(Step::ALL)).take(5) {
        assert_eq!(step.before(), before);
        assert_eq!(Step::parse(step.path()), Some(step));
    }
    assert_eq!(Step::parse("admin"), None);
}
