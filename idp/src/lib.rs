//! An embeddable OpenID Connect provider for organisations that invite their people by letter.

pub mod access;
pub mod oidc;
pub mod onboarding;
pub mod operations;
pub mod web;
