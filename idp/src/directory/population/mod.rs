//! Populations: how identifying fields are written, checked and compared.

mod rules;

pub use rules::{Mistake, date_of, fold_company_name, format_avs, normal_form};
