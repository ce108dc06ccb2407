//! The properties over a few thousand inputs, the same in every run.

use super::{TARGETS, Target, programs};

/// Chance that is the same in every run (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(drawn).unwrap() % limit.max(1)
    }
}

/// What parsers stumble over.
const PIECES: [&str; 24] = [
    "\0", "\r\n", "\u{7f}", " ", "\u{a0}", "\u{200b}", "\u{202e}", "\u{30c}", "\u{307}", "ß", "İ", "ﬁ", "Σ", "٣", "%00", "%ff",
    "&", "=", ";", "\"", "\\", ".", "@", "+1",
];

fn changed(dice: &mut Dice, mut input: Vec<u8>, other: &[u8]) -> Vec<u8> {
    for _ in 0..=dice.below(4) {
        let at = dice.below(input.len() + 1);
        match dice.below(6) {
            0 if at < input.len() => input[at] = u8::try_from(dice.below(256)).unwrap(),
            1 => drop(input.splice(at..at, PIECES[dice.below(PIECES.len())].bytes())),
            2 => drop(input.drain(at..(at + dice.below(4)).min(input.len()))),
            3 => input.truncate(at),
            4 => drop(input.splice(at.., other.iter().skip(dice.below(other.len() + 1)).copied())),
            _ => {
                let piece: Vec<u8> = input.iter().skip(at).take(dice.below(8)).copied().collect();
                drop(input.splice(at..at, piece.repeat(dice.below(5))));
            }
        }
    }
    input
}

fn changes_of(target: &Target, rounds: usize) {
    let mut dice = Dice(0x5EED ^ target.name.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))));
    for seed in target.seeds {
        (target.run)(seed.as_bytes());
    }
    for _ in 0..rounds {
        let [one, other] = [0, 1].map(|_| target.seeds[dice.below(target.seeds.len())].as_bytes());
        let input = changed(&mut dice, one.to_vec(), other);
        let held = std::panic::catch_unwind(|| (target.run)(&input));
        assert!(held.is_ok(), "{} does not hold for {:?}", target.name, String::from_utf8_lossy(&input));
    }
}

#[test]
fn what_must_hold_of_every_parser_holds_for_thousands_of_inputs() {
    for target in TARGETS {
        let slow = [
            "claims",
            "client_assertion",
            "client_registration",
            "key_set",
            "outbound_address",
            "phone",
            "realm_document",
            "request_object",
            "signed_token",
        ];
        let slow = slow.contains(&target.name);
        changes_of(target, if slow { 300 } else { 2_000 });
    }
}

#[test]
fn very_long_input_is_read_in_bounded_time() {
    let long = ["a", ".", " ", "é", "=", "&", "%41", "1", "[", "J\u{30c}", ",q=", "{\"a\":"]
        .map(|piece| piece.repeat(64 * 1024 / piece.len()));
    for target in TARGETS {
        for input in &long {
            (target.run)(input.as_bytes());
        }
    }
}

#[test]
fn the_clients_of_the_properties_are_what_they_should_be() {
    assert_eq!(programs::CLIENTS.len(), 2);
    assert!(programs::CLIENTS.iter().all(|client| client.redirect_uris.len() == 3));
    let document = crate::settings::RealmDocument::parse(super::settings::DOCUMENTS[0]);
    assert!(document.is_ok(), "{document:?}");
    assert!(super::files::has_fund());
}

#[test]
fn names_are_in_order_and_no_two_are_the_same() {
    assert!(TARGETS.windows(2).all(|pair| pair[0].name < pair[1].name));
}
