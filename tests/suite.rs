//! The one test binary of the product: flows through a whole provider, and the rules of the house.
//!
//! `TEST_POSTGRES` names the PostgreSQL server of this run; `make test` starts one and sets it. Without it the
//! tests run on SQLite alone and say so, except under `CI`, where a missing PostgreSQL is a failure.
#![cfg(test)]

mod attacks;
mod busy;
mod cli_backup;
mod cli_check;
mod cli_codes;
mod cli_grants;
mod cli_invitations;
mod cli_keys;
mod cli_operator;
mod cli_settings;
mod commands;
mod conform;
mod disk;
mod embedding;
mod faults;
mod flows;
mod gateways;
mod house;
mod importing;
mod kills;
mod metadata;
mod operations;
mod outbound;
mod program;
mod protocol_page;
mod races;
mod realms;
mod running;
mod serving;
mod support;
