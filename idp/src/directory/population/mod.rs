//! Populations: how identifying fields are written, checked and compared.

mod rules;

pub use rules::{Mistake, fold_company_name, format_avs, normal_form};
