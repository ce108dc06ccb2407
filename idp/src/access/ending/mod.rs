//! The end of everything that an account has begun or been given.

mod store;

pub use store::end_everything;
