//! Enrollment: the five steps from an activation code to an account.

pub mod pages;
