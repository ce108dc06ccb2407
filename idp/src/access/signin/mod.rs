//! Signing in: name and password, then a factor.

pub mod pages;

pub use pages::FactorKind;
