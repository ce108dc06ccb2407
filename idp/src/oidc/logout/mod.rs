//! Signing off.

pub mod pages;
