//! Wing: proving who you are.

pub mod signin;
