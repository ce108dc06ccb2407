//! A second factor asked of an account on some road: which one, its code, sending again, another one, and whether what was typed is
//! right. Every road shares this, so that no road has tries of its own.

mod answer;
mod asking;
mod code;
pub mod pages;
mod road;
mod rules;
mod scene;

pub use answer::{Answered, answer};
pub use asking::{Asking, Means, forget_tries, means, standings};
pub use code::{Code, Sending, To, pretend};
pub use pages::FactorKind;
pub use road::Road;
pub use rules::{Need, On, Owned};
pub use scene::{Scene, show};
