//! The house test: reads the sources as text and fails on a broken arrow, an oversized file or a loose end.
//!
//! `docs/HOUSE.md` tells the rules as a newcomer's map; each is one function in `house/rules.rs`, and
//! `house/rules_bite.rs` shows each of them failing on an invented bad source.

mod acceptance;
mod commands;
mod rules;
mod rules_bite;
mod source;

use source::{House, Source};
use std::path::Path;

/// A rule, under the name that messages give it.
type Rule = (&'static str, fn(&House) -> Vec<Breach>);

/// Every rule of the house.
const RULES: &[Rule] = &[
    ("protocol is pure", rules::protocol_is_pure),
    ("store knows only column types", rules::store_knows_only_column_types),
    ("plumbing knows no wing", rules::plumbing_knows_no_wing),
    ("wings stay below idp.rs", rules::wings_stay_below_idp),
    ("rooms meet at their mod.rs", rules::rooms_meet_at_their_mod),
    ("admin enters by manage and kit", rules::admin_enters_by_manage_and_kit),
    ("the portal is a stranger", rules::portal_is_a_stranger),
    ("idp knows no one above it", rules::idp_knows_no_one_above),
    ("only dialect.rs asks which database", rules::only_dialect_asks),
    ("files are small", rules::files_are_small),
    ("nothing is left for later", rules::nothing_left_for_later),
    ("a file says what it is", rules::files_say_what_they_are),
    ("both databases have the same migrations", rules::migrations_match),
    ("every language has the same files", rules::locales_match),
];

/// One broken rule, at one place.
#[derive(Debug, PartialEq, Eq)]
struct Breach {
    path: String,
    line: usize,
    what: String,
}

impl Breach {
    fn at(source: &Source, line: usize, what: impl Into<String>) -> Self {
        Self { path: source.path.clone(), line, what: what.into() }
    }

    fn of(path: &str, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: 1, what: what.into() }
    }
}

#[test]
fn the_house_is_in_order() {
    let house = House::read(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("the sources can be read");
    assert!(
        house.sources.len() >= 5,
        "the house test found only {} sources: is it looking in the right place?",
        house.sources.len()
    );
    for hint in rules::files_worth_splitting(&house) {
        println!("hint: {}: {}", hint.path, hint.what);
    }
    let breaches: Vec<String> = RULES
        .iter()
        .flat_map(|(name, rule)| rule(&house).into_iter().map(move |b| format!("{}:{}: [{name}] {}", b.path, b.line, b.what)))
        .collect();
    assert!(breaches.is_empty(), "\n{}\n\n{} broken; docs/HOUSE.md explains the rules\n", breaches.join("\n"), breaches.len());
}
