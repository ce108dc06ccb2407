//! Plumbing: pages, words, forms and assets.

pub mod assets;
pub mod form;
pub mod pages;
pub mod render;
pub mod words;
