//! The web: layers, cookies, pages from templates, words in four languages, forms with their errors, style and script.

pub mod agent;
pub mod assets;
pub mod context;
pub mod cookies;
pub mod csp;
pub mod form;
pub mod home;
pub mod layers;
pub mod logos;
pub mod pages;
pub mod posted;
pub mod reference;
pub mod render;
pub mod request;
pub mod words;

#[cfg(test)]
mod tests;
