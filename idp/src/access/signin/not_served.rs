//! A portal that is not for the person who signed in: said to that person alone, in the flow of their own browser.

use super::home::portals;
use super::pages::NotServedPage;
use super::person::signed_in;
use super::routes::visit;
use super::store::Visit;
use crate::access::flow::{self, Progress};
use crate::access::session;
use crate::directory::account::Account;
use crate::directory::client;
use crate::error::Result;
use crate::store::{Rx, Tx};
use crate::urls::paths;
use crate::web::context::Ctx;
use crate::web::form::Form;
use crate::web::layers;
use crate::web::posted::Posted;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use poterne_protocol::client::Client;

/// Who asked to go where they are not served.
struct Turned {
    account: Account,
    client: Client,
    /// The realm's portals that serve the person.
    elsewhere: Vec<Client>,
}

impl Visit {
    /// Whether the flow is this browser's, and its portal does not serve who is signed in. Everything else is for the authorization
    /// endpoint to decide.
    fn turned(&self, rx: &mut Rx<'_>) -> Result<Option<Turned>> {
        let browser = session::known(rx, self.presented.as_ref(), self.now)?;
        let flow = flow::load(rx, self.flow)?.filter(|flow| browser == Some(flow.browser) && flow.is_open(self.now));
        let Some(flow) = flow else { return Ok(None) };
        let Some(client) = flow::client(rx, &flow)? else { return Ok(None) };
        let Some((_, account)) = signed_in(rx, &self.realm, browser, &flow.progress, self.now)? else { return Ok(None) };
        if !account.is_active(self.now) || client.client.serves(&account.population) {
            return Ok(None);
        }
        let mut elsewhere = client::first_party(rx)?;
        elsewhere.retain(|portal| portal.serves(&account.population));
        Ok(Some(Turned { account, client: client.client, elsewhere }))
    }

    /// Lets another person sign in for the same portal: what was proven in the flow no longer counts for it. The session stays.
    pub(super) fn begin_again(&self, tx: &mut Tx<'_>) -> Result<()> {
        let browser = session::known(tx, self.presented.as_ref(), self.now)?;
        let flow = flow::load(tx, self.flow)?.filter(|flow| browser == Some(flow.browser) && flow.is_open(self.now));
        if let Some(flow) = flow {
            // Where another tab moved the flow meanwhile, that is what counts.
            flow::save(tx, &flow, &Progress::Started)?;
        }
        Ok(())
    }
}

/// Says so, and where to go instead.
pub(super) async fn page(ctx: Ctx, Path(flow): Path<String>) -> Result<Response> {
    let Some(visit) = visit(&ctx, &flow) else {
        return Ok(layers::not_found());
    };
    let flow = visit.flow;
    let Some(turned) = ctx.app.db.read(ctx.realm.id, move |rx| visit.turned(rx)).await? else {
        return Ok(ctx.see_other(&ctx.realm.urls.authorize_flow(flow)));
    };
    let (document, urls) = (&ctx.realm.document, &ctx.realm.urls);
    let name = |key: &String| document.population(key).map_or_else(|| key.clone(), |known| known.name.get(ctx.lang).to_owned());
    let page = NotServedPage {
        form: Form::to(urls.login_not_served(flow)),
        username: turned.account.email,
        app: turned.client.client_name.clone(),
        served: turned.client.populations.iter().map(name).collect(),
        population: name(&turned.account.population),
        portals: portals(&ctx, turned.elsewhere),
        sign_out_url: urls.at(paths::LOGOUT_CONFIRM),
    };
    ctx.page_of_refusal(&page, Some(&turned.client))
}

/// Another access, or back to the portal, which hears `access_denied`.
pub(super) async fn submit(ctx: Ctx, Path(flow): Path<String>, body: Bytes) -> Result<Response> {
    let Some(visit) = visit(&ctx, &flow) else {
        return Ok(layers::not_found());
    };
    let (flow, urls) = (visit.flow, &ctx.realm.urls);
    match Posted::parse(&body).get("action") {
        "other" => {
            ctx.app.db.write(ctx.realm.id, move |tx| visit.begin_again(tx)).await?;
            Ok(ctx.see_other(&urls.login_here(flow)))
        }
        "back" => Ok(ctx.see_other(&urls.authorize_cancel(flow))),
        _ => Ok(ctx.see_other(&urls.authorize_flow(flow))),
    }
}
