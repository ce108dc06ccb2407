//! Wing: from letter to account.

pub mod enrollment;
