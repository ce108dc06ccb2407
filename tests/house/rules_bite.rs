//! Each rule fails on an invented bad source, and lets the good neighbour of that source pass.

use super::{Breach, rules, source::Folders, source::House};

/// What the rule says about one invented file, as `line: what`.
fn said(rule: fn(&House) -> Vec<Breach>, files: &[(&str, &str)]) -> Vec<String> {
    rule(&House::invented(files)).into_iter().map(|b| format!("{}:{}: {}", b.path, b.line, b.what)).collect()
}

#[track_caller]
fn bites(rule: fn(&House) -> Vec<Breach>, path: &str, text: &str) {
    assert_eq!(said(rule, &[(path, text)]).len(), 1, "one breach expected in {path}: {text}\n{:?}", said(rule, &[(path, text)]));
}

#[track_caller]
fn passes(rule: fn(&House) -> Vec<Breach>, path: &str, text: &str) {
    assert_eq!(said(rule, &[(path, text)]), Vec::<String>::new(), "{path}: {text}");
}

#[test]
fn a_breach_names_file_and_line() {
    let said = said(rules::protocol_is_pure, &[("idp/protocol/src/pkce.rs", "//! PKCE.\n\nuse axum::Router;\n")]);
    assert_eq!(said, ["idp/protocol/src/pkce.rs:3: the protocol crate may not use `axum::Router`: it has no I/O"]);
}

#[test]
fn protocol_with_a_clock_thread_or_database_is_seen() {
    bites(rules::protocol_is_pure, "idp/protocol/src/grant.rs", "fn f() { tokio::spawn(g()); }");
    bites(rules::protocol_is_pure, "idp/protocol/src/grant.rs", "use diesel::prelude::*;");
    passes(rules::protocol_is_pure, "idp/protocol/src/columns.rs", "use diesel::prelude::*;");
    passes(
        rules::protocol_is_pure,
        "idp/protocol/src/id.rs",
        "#[cfg_attr(feature = \"diesel\", derive(diesel::AsExpression))] struct Id;",
    );
    passes(rules::protocol_is_pure, "idp/protocol/src/id.rs", "// axum::Router is elsewhere\nconst A: &str = \"axum::Router\";");
}

#[test]
fn store_that_knows_rules_or_rooms_is_seen() {
    bites(rules::store_knows_only_column_types, "idp/src/store/writer.rs", "use crate::onboarding::code::Code;");
    bites(rules::store_knows_only_column_types, "idp/src/store/writer.rs", "use crate::web::pages;");
    bites(rules::store_knows_only_column_types, "idp/src/store/writer.rs", "use poterne_protocol::pkce::Challenge;");
    passes(
        rules::store_knows_only_column_types,
        "idp/src/store/writer.rs",
        "use poterne_protocol::{id::RealmId, time::Timestamp};",
    );
}

#[test]
fn plumbing_that_looks_up_is_seen() {
    bites(rules::plumbing_knows_no_wing, "idp/src/web/pages.rs", "use crate::directory::realm::Realm;");
    bites(rules::plumbing_knows_no_wing, "idp/src/web/layers.rs", "use super::super::access::session;");
    bites(rules::plumbing_knows_no_wing, "idp/src/clock.rs", "fn f() { crate::idp::Idp::builder(); }");
    passes(rules::plumbing_knows_no_wing, "idp/src/web/pages.rs", "use crate::store::Tx; use super::csp;");
}

#[test]
fn a_wing_that_reaches_for_the_roof_is_seen() {
    bites(rules::wings_stay_below_idp, "idp/src/oidc/token/routes.rs", "use crate::idp::Idp;");
    bites(rules::wings_stay_below_idp, "idp/src/access/signin/routes.rs", "use crate::kit::form;");
    passes(rules::wings_stay_below_idp, "idp/src/access/signin/routes.rs", "use crate::web::form;");
}

#[test]
fn a_room_entered_by_the_window_is_seen() {
    let store = ("idp/src/onboarding/code/store.rs", "//! Codes.");
    let enters = |path, text| said(rules::rooms_meet_at_their_mod, &[store, (path, text)]).len();
    assert_eq!(enters("idp/src/access/signin/rules.rs", "use crate::onboarding::code::store::find;"), 1);
    assert_eq!(enters("idp/src/access/signin/rules.rs", "use crate::onboarding::{code::{self, store}};"), 1);
    assert_eq!(enters("idp/src/access/signin/rules.rs", "use crate::onboarding::code as c; fn f() { c::store::find(); }"), 1);
    assert_eq!(enters("idp/src/onboarding/letter.rs", "use super::code::store::find;"), 1, "rooms of the same wing too");
    assert_eq!(enters("idp/src/access/signin/rules.rs", "use crate::onboarding::code::{find, Code};"), 0);
    let private = ("idp/src/onboarding/code.rs", "mod store;\npub use store::store;");
    let namesake = |text| said(rules::rooms_meet_at_their_mod, &[store, private, ("idp/src/access/signin/rules.rs", text)]).len();
    assert_eq!(namesake("use crate::onboarding::code::store;"), 0, "an item of the module's name");
    assert_eq!(namesake("use crate::onboarding::code::store::find;"), 1, "the module itself");
    assert_eq!(
        enters("idp/src/onboarding/code/routes.rs", "use super::store::find; use crate::onboarding::code::store::keep;"),
        0
    );
    assert_eq!(
        enters("idp/src/access/signin/rules.rs", "mod tests { use crate::onboarding::code::store::find; }"),
        0,
        "tests may look in"
    );
}

#[test]
fn factors_are_rooms_of_their_own() {
    let files = [("idp/src/access/factor/totp.rs", "//! TOTP."), ("idp/src/access/factor/sms/store.rs", "//! SMS.")];
    let enters = |text| said(rules::rooms_meet_at_their_mod, &[files[0], files[1], ("idp/src/access/signin.rs", text)]).len();
    assert_eq!(enters("use crate::access::factor::totp::check;"), 0);
    assert_eq!(enters("use crate::access::factor::sms::store::find;"), 1);
}

#[test]
fn admin_in_the_cellar_is_seen() {
    bites(rules::admin_enters_by_manage_and_kit, "admin/src/lib.rs", "use poterne_idp::store::Db;");
    bites(rules::admin_enters_by_manage_and_kit, "admin/src/lib.rs", "use diesel::prelude::*;");
    passes(rules::admin_enters_by_manage_and_kit, "admin/src/lib.rs", "use poterne_idp::{kit::page, manage::Overview};");
}

#[test]
fn a_portal_with_a_key_to_the_house_is_seen() {
    bites(rules::portal_is_a_stranger, "examples/portal/src/lib.rs", "use poterne_idp::Idp;");
    passes(rules::portal_is_a_stranger, "examples/portal/src/lib.rs", "use openidconnect::core::CoreClient;");
}

#[test]
fn idp_that_knows_its_hosts_is_seen() {
    bites(rules::idp_knows_no_one_above, "idp/src/idp.rs", "use poterne_admin::router;");
    passes(rules::idp_knows_no_one_above, "idp/src/idp.rs", "use poterne_protocol::id::RealmId;");
}

#[test]
fn asking_which_database_is_seen() {
    bites(rules::only_dialect_asks, "idp/src/onboarding/code/store.rs", "use diesel::SqliteConnection;");
    bites(rules::only_dialect_asks, "idp/src/store/read.rs", "match c { Connection::Postgres(c) => f(c), _ => g() }");
    bites(rules::only_dialect_asks, "idp/src/store/read.rs", "#[cfg(feature = \"postgres\")]\nfn f() {}");
    passes(rules::only_dialect_asks, "idp/src/store/dialect.rs", "match c { Connection::Postgres(c) => f(c), _ => g() }");
    bites(rules::only_dialect_asks, "idp/src/store/writer.rs", "fn f(c: &mut diesel::SqliteConnection) {}");
    passes(rules::only_dialect_asks, "idp/src/store/mod.rs", "#[cfg(feature = \"postgres\")]\nmod postgres;");
}

#[test]
fn a_hall_of_501_lines_is_seen() {
    let long = "//! Long.\n".repeat(501);
    bites(rules::files_are_small, "idp/src/web/layers.rs", &long);
    bites(rules::files_worth_splitting, "idp/src/web/layers.rs", &long);
    passes(rules::files_are_small, "idp/src/web/tests.rs", &long);
    let mostly_tests = format!("//! Short.\n#[cfg(test)]\nmod tests {{\n{}}}\n", "// a test\n".repeat(600));
    passes(rules::files_are_small, "idp/src/web/layers.rs", &mostly_tests);
}

#[test]
fn loose_ends_are_seen() {
    bites(rules::nothing_left_for_later, "src/main.rs", "//! T\n// TODO: tomorrow");
    bites(rules::nothing_left_for_later, "src/main.rs", "fn f() { todo!() }");
    bites(rules::nothing_left_for_later, "src/main.rs", "fn f() { std::unimplemented!(\"x\") }");
    passes(rules::nothing_left_for_later, "src/main.rs", "let todo = todo != done; /* mastodont: todo */");
}

#[test]
fn a_file_without_a_word_about_itself_is_seen() {
    bites(rules::files_say_what_they_are, "idp/src/urls.rs", "use url::Url;");
    passes(rules::files_say_what_they_are, "idp/src/urls.rs", "\n//! Every path.\n");
    passes(rules::files_say_what_they_are, "idp/src/onboarding/code/tests.rs", "use super::*;");
}

fn folders(of: &[(&str, &[&str])]) -> Folders {
    of.iter().map(|(folder, names)| ((*folder).to_owned(), names.iter().map(|n| (*n).to_owned()).collect())).collect()
}

#[test]
fn a_migration_for_one_database_only_is_seen() {
    let mut house = House::invented(&[]);
    house.migrations = folders(&[("sqlite", &["0001_house", "0002_letters"]), ("postgres", &["0001_house"])]);
    assert_eq!(rules::migrations_match(&house), [Breach::of("migrations/postgres", "lacks `0002_letters`")]);
    house.migrations = folders(&[("sqlite", &["0001_house"])]);
    assert_eq!(rules::migrations_match(&house).len(), 1);
}

#[test]
fn a_text_that_speaks_only_french_is_seen() {
    let mut house = House::invented(&[]);
    house.locales = folders(&[("de", &[]), ("fr", &["wizard.ftl"]), ("it", &["wizard.ftl"]), ("en", &["wizard.ftl"])]);
    assert_eq!(rules::locales_match(&house), [Breach::of("templates/locales/de", "lacks `wizard.ftl`")]);
}
