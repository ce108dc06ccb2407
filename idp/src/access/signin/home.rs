//! The realm's own page, where people land who cut the address short or whose flow is over.

use super::pages::HomePage;
use crate::directory::client;
use crate::error::Result;
use crate::web::context::Ctx;
use crate::web::render::Link;
use axum::response::Response;
use poterne_protocol::client::Client;

/// Says whose service this is and leads to its portals. Clients of others are not named: who relies on this provider is nobody's
/// business.
pub(super) async fn page(ctx: Ctx) -> Result<Response> {
    let clients = ctx.app.db.read(ctx.realm.id, client::first_party).await?;
    let portals = portals(&ctx, clients);
    ctx.page(&HomePage { portals }, None)
}

/// Links to these clients, in the order of the realm's document; those without a home are left out.
pub(super) fn portals(ctx: &Ctx, mut clients: Vec<Client>) -> Vec<Link> {
    let document = &ctx.realm.document.clients;
    clients.sort_by_key(|client| document.iter().position(|of_it| of_it.client_id == client.client_id).unwrap_or(usize::MAX));
    clients.into_iter().filter_map(|client| Some(Link::new(client.client_name, client.client_uri?))).collect()
}
