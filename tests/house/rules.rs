//! The rules, one function each: they take the house and return what is broken.

use super::{
    Breach,
    source::{Folders, House, Mention, Source},
};
use std::collections::BTreeSet;

/// The five wings of `poterne-idp`.
const WINGS: &[&str] = &["oidc", "access", "onboarding", "directory", "operations"];
/// Rooms that only hold rooms: `crate::access::factor::totp` is entered like `crate::access::session`.
const GROUPS: &[(&str, &str)] = &[("access", "factor")];
/// What pure rules never touch.
const IMPURE: &[&str] =
    &["axum", "tokio", "tower", "tower_http", "reqwest", "minijinja", "rand", "poterne_idp", "poterne_admin", "poterne_portal"];
/// Files may have this many lines, tests apart.
const MOST_LINES: usize = 500;
/// From here on a file is worth splitting.
const MANY_LINES: usize = 300;

fn within<'a>(house: &'a House, folder: &'a str) -> impl Iterator<Item = &'a Source> {
    house.sources.iter().filter(move |s| s.path.starts_with(folder))
}

/// A breach for each use in `sources` for which `why` gives a reason.
fn judge<'a>(sources: impl Iterator<Item = &'a Source>, why: impl Fn(&Source, &Mention) -> Option<String>) -> Vec<Breach> {
    sources.flat_map(|s| s.uses().filter_map(|m| why(s, m).map(|what| Breach::at(s, m.line, what))).collect::<Vec<_>>()).collect()
}

fn segment(mention: &Mention, at: usize) -> &str {
    mention.path.get(at).map_or("", String::as_str)
}

/// The part of `poterne-idp` that a path leads to: `web` for `crate::web::csrf`.
fn part(mention: &Mention) -> &str {
    if segment(mention, 0) == "crate" { segment(mention, 1) } else { "" }
}

fn written(mention: &Mention) -> String {
    mention.path.join("::")
}

/// `protocol` is functions over plain data; only `columns.rs` may name diesel.
pub(super) fn protocol_is_pure(house: &House) -> Vec<Breach> {
    judge(within(house, "idp/protocol/src/"), |source, mention| {
        let head = segment(mention, 0);
        let diesel = head == "diesel" && !source.path.ends_with("/columns.rs");
        (diesel || IMPURE.contains(&head))
            .then(|| format!("the protocol crate may not use `{}`: it has no I/O", written(mention)))
    })
}

/// `store` carries bytes: it may know ids, digests, sealed bytes and times, but no rule, wing or page.
pub(super) fn store_knows_only_column_types(house: &House) -> Vec<Breach> {
    judge(within(house, "idp/src/store/"), |_, mention| {
        let above = WINGS.contains(&part(mention)) || ["web", "idp", "kit", "host", "settings"].contains(&part(mention));
        let rule = segment(mention, 0) == "poterne_protocol" && !["id", "secret", "time"].contains(&segment(mention, 1));
        (above || rule || segment(mention, 0) == "axum").then(|| format!("store may not use `{}`", written(mention)))
    })
}

/// Plumbing is used by wings, never the other way.
pub(super) fn plumbing_knows_no_wing(house: &House) -> Vec<Breach> {
    const PLUMBING: &[&str] =
        &["web", "settings", "host", "clock", "entropy", "secret", "vault", "urls", "error", "figures", "outbound", "kit"];
    let plumbing = within(house, "idp/src/").filter(|s| s.module().first().is_some_and(|m| PLUMBING.contains(&m.as_str())));
    judge(plumbing, |_, mention| {
        let up = WINGS.contains(&part(mention)) || part(mention) == "idp";
        up.then(|| format!("`{}` is above: plumbing may not use a wing", written(mention)))
    })
}

/// `idp.rs` is where the parts meet and `kit.rs` is for others: no wing looks up to them.
pub(super) fn wings_stay_below_idp(house: &House) -> Vec<Breach> {
    let wings = within(house, "idp/src/").filter(|s| s.module().first().is_some_and(|m| WINGS.contains(&m.as_str())));
    judge(wings, |_, mention| {
        let up = ["idp", "kit"].contains(&part(mention));
        up.then(|| format!("a wing may not use `{}`: only the other way round", written(mention)))
    })
}

/// The room that a path inside a wing belongs to, without `crate`.
fn room(path: &[String]) -> Vec<String> {
    let [wing, first, ..] = path else { return path.to_vec() };
    let grouped = GROUPS.contains(&(wing.as_str(), first.as_str()));
    path.iter().take(if grouped { 3 } else { 2 }).cloned().collect()
}

/// Another room is used through what its `mod.rs` exports, never through its inner files.
pub(super) fn rooms_meet_at_their_mod(house: &House) -> Vec<Breach> {
    judge(within(house, "idp/src/"), |source, mention| {
        if !WINGS.contains(&part(mention)) {
            return None;
        }
        let target: Vec<String> = mention.path.iter().skip(1).cloned().collect();
        let theirs = room(&target);
        let inner: Vec<String> = target.iter().take(theirs.len() + 1).cloned().collect();
        let item = target.len() == inner.len() && house.exports_namesake(&inner);
        let enters = inner.len() > theirs.len() && house.has_idp_module(&inner) && !item && !source.module().starts_with(&theirs);
        enters.then(|| format!("`{}` is inside another room: export it from `{}`", written(mention), theirs.join("::")))
    })
}

/// `admin` manages through the library, never through its rooms or its database.
pub(super) fn admin_enters_by_manage_and_kit(house: &House) -> Vec<Breach> {
    judge(within(house, "admin/src/"), |_, mention| {
        let inside = segment(mention, 0) == "poterne_idp" && !["manage", "kit"].contains(&segment(mention, 1));
        let around = ["diesel", "poterne_protocol", "poterne_portal"].contains(&segment(mention, 0));
        (inside || around).then(|| format!("admin may use poterne_idp::manage and ::kit only, not `{}`", written(mention)))
    })
}

/// The example portal meets the provider over HTTP alone, as any relying party does.
pub(super) fn portal_is_a_stranger(house: &House) -> Vec<Breach> {
    judge(within(house, "examples/portal/"), |_, mention| {
        segment(mention, 0).starts_with("poterne_").then(|| format!("a relying party may not use `{}`", written(mention)))
    })
}

/// binary -> admin -> idp, never back.
pub(super) fn idp_knows_no_one_above(house: &House) -> Vec<Breach> {
    judge(within(house, "idp/src/"), |_, mention| {
        let up = ["poterne", "poterne_admin", "poterne_portal"].contains(&segment(mention, 0));
        up.then(|| format!("idp may not use `{}`", written(mention)))
    })
}

/// One query code for both databases: the differences live in one file, and in the engine behind each.
pub(super) fn only_dialect_asks(house: &House) -> Vec<Breach> {
    const MAY: &[&str] = &["idp/src/store/dialect.rs", "idp/src/store/sqlite.rs", "idp/src/store/postgres.rs"];
    const NAMES: &[&str] = &["SqliteConnection", "PgConnection", "Sqlite", "Pg", "Postgres"];
    let others = || within(house, "idp/src/").filter(|s| !MAY.contains(&s.path.as_str()) && !s.is_tests());
    let mut found = judge(others(), |_, mention| {
        let named = mention.path.iter().skip(1).any(|s| NAMES.contains(&s.as_str()));
        named.then(|| format!("`{}`: ask store/dialect.rs instead", written(mention)))
    });
    for source in others() {
        let asks = |line: &str| line.contains("feature = \"postgres\"") || line.contains("feature = \"sqlite\"");
        // The engine's own file is left out as a whole where its database is not compiled in.
        let lines = source.text.lines().zip(source.text.lines().skip(1).chain([""])).enumerate();
        let asking = lines.filter(|(_, (line, next))| asks(line) && !next.trim().starts_with("mod "));
        found.extend(asking.map(|(n, _)| Breach::at(source, n + 1, "which database is compiled in: only store/dialect.rs asks")));
    }
    found
}

/// At most 500 lines, tests apart.
pub(super) fn files_are_small(house: &House) -> Vec<Breach> {
    let long = house.sources.iter().filter(|s| !s.is_tests() && s.lines > MOST_LINES);
    long.map(|s| Breach::at(s, s.lines, format!("{} lines, tests apart: {MOST_LINES} at the outside", s.lines))).collect()
}

/// Not a rule, a hint: files of more than 300 lines.
pub(super) fn files_worth_splitting(house: &House) -> Vec<Breach> {
    let long = house.sources.iter().filter(|s| !s.is_tests() && s.lines > MANY_LINES);
    long.map(|s| Breach::at(s, s.lines, format!("{} lines: worth splitting", s.lines))).collect()
}

/// What is in the house works: nothing is promised for another day.
pub(super) fn nothing_left_for_later(house: &House) -> Vec<Breach> {
    let mut found = Vec::new();
    for source in &house.sources {
        for (n, line) in source.text.lines().enumerate() {
            let words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            for word in words.filter(|w| ["TODO", "FIXME", "XXX", "HACK"].contains(w)) {
                found.push(Breach::at(source, n + 1, format!("`{word}`: do it, or open an issue")));
            }
        }
        for (line, name) in source.macros.iter().filter(|(_, name)| ["todo", "unimplemented"].contains(&name.as_str())) {
            found.push(Breach::at(source, *line, format!("`{name}!` in a source")));
        }
    }
    found
}

/// Every file begins with `//!`: the idea it holds. Tests are told by their names.
pub(super) fn files_say_what_they_are(house: &House) -> Vec<Breach> {
    let silent = house.sources.iter().filter(|s| !s.is_tests() && !s.text.trim_start().starts_with("//!"));
    silent.map(|s| Breach::at(s, 1, "a file begins with a `//!` line that says what it holds")).collect()
}

/// The same migrations, under the same numbers and names.
pub(super) fn migrations_match(house: &House) -> Vec<Breach> {
    same_children("migrations", &["sqlite", "postgres"], &house.migrations)
}

/// A text that exists in one language exists in all.
pub(super) fn locales_match(house: &House) -> Vec<Breach> {
    same_children("templates/locales", &["de", "fr", "it", "en"], &house.locales)
}

/// Once there is one folder, there are all the expected ones, each with every name that any of them has.
fn same_children(top: &str, expected: &[&str], folders: &Folders) -> Vec<Breach> {
    let absent = expected.iter().filter(|folder| !folders.is_empty() && !folders.contains_key(**folder));
    let mut found: Vec<Breach> = absent.map(|folder| Breach::of(top, format!("lacks the folder `{folder}`"))).collect();
    let all: BTreeSet<&String> = folders.values().flatten().collect();
    for (folder, names) in folders {
        let missing = all.iter().filter(|name| !names.contains(**name));
        found.extend(missing.map(|name| Breach::of(&format!("{top}/{folder}"), format!("lacks `{name}`"))));
    }
    found
}
