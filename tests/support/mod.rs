//! What tests share: the databases they run on, a whole provider with its people, a browser, a portal, the mailbox.

pub mod browser;
pub mod fund;
#[expect(dead_code, reason = "shared with src/gateways/tests.rs, which plays all of it")]
pub mod gateways;
pub mod hearing;
pub mod journey;
pub mod mailbox;
pub mod operator;
pub mod people;
pub mod portal;
pub mod postgres;
pub mod program;
pub mod served;
pub mod subjects;
pub mod world;

pub use world::World;

/// Runs each flow on SQLite, on PostgreSQL, and mounted under a prefix in a host with a fallback and a policy of its own.
macro_rules! flows {
    ($($(#[$doc:meta])* async fn $name:ident($world:ident) $body:block)*) => {$(
        $(#[$doc])*
        async fn $name($world: &mut $crate::support::World) $body

        mod $name {
            use super::$name as flow;

            #[tokio::test]
            async fn on_sqlite() {
                flow(&mut $crate::support::World::on_sqlite().await).await;
            }

            #[tokio::test]
            async fn mounted_in_a_host() {
                flow(&mut $crate::support::World::mounted().await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                if let Some(mut world) = $crate::support::World::on_postgres().await {
                    flow(&mut world).await;
                }
            }
        }
    )*};
}
pub(crate) use flows;
