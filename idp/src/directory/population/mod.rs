//! Populations: how identifying fields are written, checked and compared.

mod rules;

pub use rules::{Mistake, format_avs, normal_form};
