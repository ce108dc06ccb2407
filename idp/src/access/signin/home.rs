//! The realm's own page, where people land who cut the address short or whose flow is over, and where a sign-in may begin (OpenID Connect
//! Core section 4).

use super::pages::{HomePage, Start};
use crate::directory::client;
use crate::error::Result;
use crate::web::context::Ctx;
use crate::web::render::Link;
use axum::extract::Query;
use axum::response::Response;
use poterne_protocol::client::Client;
use poterne_protocol::wire::with_query;
use serde::Deserialize;

/// Whose sign-in is to begin.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    client_id: Option<String>,
}

/// Says whose service this is and leads to its portals. Clients of others are not named, for who relies on this provider is nobody's
/// business; but who has the name of one finds where its sign-in begins.
pub(super) async fn page(ctx: Ctx, Query(wanted): Query<Wanted>) -> Result<Response> {
    let clients = in_order(&ctx, ctx.app.db.read(ctx.realm.id, client::first_party).await?);
    let portals = clients.iter().filter_map(|client| start(&ctx, client)).collect();
    let other = match &wanted.client_id {
        Some(client_id) => client::known(&ctx.app, &ctx.realm, client_id).await?,
        None => None,
    };
    let other = other.filter(|other| !other.client.first_party && other.client.initiate_login_uri.is_some());
    ctx.page(&HomePage { portals, other: other.and_then(|other| start(&ctx, &other.client)) }, None)
}

/// Links to these clients, in the order of the realm's document; those without a home are left out.
pub(super) fn portals(ctx: &Ctx, clients: Vec<Client>) -> Vec<Link> {
    in_order(ctx, clients).into_iter().filter_map(|client| Some(Link::new(client.client_name, client.client_uri?))).collect()
}

fn in_order(ctx: &Ctx, mut clients: Vec<Client>) -> Vec<Client> {
    let document = &ctx.realm.document.clients;
    clients.sort_by_key(|client| document.iter().position(|of_it| of_it.client_id == client.client_id).unwrap_or(usize::MAX));
    clients
}

/// Where signing in to a client begins: where it says so, told who we are and what to open afterwards; else at its home.
fn start(ctx: &Ctx, client: &Client) -> Option<Start> {
    let (name, home) = (client.client_name.clone(), client.client_uri.as_deref());
    let Some(uri) = &client.initiate_login_uri else {
        return home.map(|home| Start { name, url: home.to_owned(), place: home.to_owned() });
    };
    let mut told = vec![("iss", ctx.realm.urls.issuer())];
    told.extend(home.map(|home| ("target_link_uri", home)));
    let place = uri.split_once('?').map_or(uri.as_str(), |(place, _)| place).to_owned();
    Some(Start { name, url: with_query(uri, &told), place })
}
