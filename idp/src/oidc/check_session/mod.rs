//! Session management (OpenID Connect Session Management 1.0): portals watch from a frame whether the person at this browser is still the one
//! who signed in. Off unless the realm's document turns it on, because many browsers show frames no cookies: there it says «changed».

mod cookie;
mod routes;
mod rules;

pub use cookie::{forget, remember, state_at};
pub use routes::routes;
