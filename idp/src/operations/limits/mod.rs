//! Limits on tries, counted in the database: a try is taken before it is evaluated, so that parallel guesses share one count.

mod rules;
mod store;

pub use rules::{Counter, Taken, network};
pub use store::{
    count_event, delete_idle, full_until, give_back, is_alarming, is_reached, must_wait, standing, succeed, take_tries, take_try,
};
