//! Feeds the parser that `POTERNE_PARSER` names; `list` prints all names, `seeds` writes what to begin with into the folder that
//! `POTERNE_SEEDS` names.
#![no_main]

#[expect(dead_code, reason = "only the reader of the header is fed, not the layer that calls it")]
#[path = "../../../src/serve/address.rs"]
mod address;

use libfuzzer_sys::fuzz_target;
use poterne_idp::fuzzing::{TARGETS, Target};
use std::path::Path;
use std::sync::OnceLock;

/// What the binary reads beside the library.
const OWN: &[Target] = &[Target {
    name: "forwarded_for",
    run: forwarded_for,
    seeds: &["6.6.6.6, 198.51.100.1", "198.51.100.1:4711, 10.0.0.6", "[2001:db8::1]:80", "unknown, _hidden", "::ffff:10.0.0.5,fe80::1%eth0"],
}];

static CHOSEN: OnceLock<&Target> = OnceLock::new();

/// Only a trusted proxy is believed, and the answer is the peer or stands in the header.
fn forwarded_for(data: &[u8]) {
    use axum::http::{HeaderMap, HeaderValue};
    use std::net::{IpAddr, Ipv4Addr};
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        let Ok(value) = HeaderValue::from_bytes(line) else { return };
        headers.append("x-forwarded-for", value);
    }
    let trusted = ["10.0.0.0/24".parse().expect("a network")];
    let (proxy, stranger) = (IpAddr::from(Ipv4Addr::new(10, 0, 0, 5)), IpAddr::from(Ipv4Addr::new(203, 0, 113, 7)));
    assert_eq!(address::client(stranger, &headers, &trusted), stranger);
    assert_eq!(address::client(proxy, &headers, &[]), proxy);
    let said = address::client(proxy, &headers, &trusted);
    assert!(said == said.to_canonical());
}

fn all() -> impl Iterator<Item = &'static Target> {
    TARGETS.iter().chain(OWN)
}

fn choose() {
    let name = std::env::var("POTERNE_PARSER").unwrap_or_else(|_| "list".to_owned());
    if name == "list" {
        all().for_each(|target| println!("{}", target.name));
        std::process::exit(0);
    }
    if name == "seeds" {
        let folder = std::env::var("POTERNE_SEEDS").expect("POTERNE_SEEDS names a folder");
        for target in all() {
            let folder = Path::new(&folder).join(target.name);
            std::fs::create_dir_all(&folder).expect("the folder can be made");
            for (nth, seed) in target.seeds.iter().enumerate() {
                std::fs::write(folder.join(format!("seed-{nth:02}")), seed).expect("the folder can be written");
            }
        }
        std::process::exit(0);
    }
    let chosen = all().find(|target| target.name == name).unwrap_or_else(|| panic!("no parser is called {name}"));
    // Tables are made at their first use; that is not the input's time.
    chosen.seeds.iter().for_each(|seed| (chosen.run)(seed.as_bytes()));
    CHOSEN.get_or_init(|| chosen);
}

fuzz_target!(
    init: choose(),
    |data: &[u8]| {
        if let Some(target) = CHOSEN.get() {
            (target.run)(data);
        }
    }
);
