//! The choice among the accounts that are signed in with this browser (`prompt=select_account`, OpenID Connect Core section 3.1.2.1).

mod pages;

pub use pages::AccountsPage;

use super::routes::visit;
use super::rules::Stand;
use super::store::Visit;
use crate::access::{flow, logo, session};
use crate::directory::account::{self, Account};
use crate::directory::client::Registered;
use crate::error::Result;
use crate::operations::audit::{Actor, Event, record};
use crate::store::{Rx, Tx};
use crate::web::context::Ctx;
use crate::web::form::Form;
use crate::web::layers;
use crate::web::posted::Posted;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use pages::AccountChoice;
use poterne_protocol::id::SessionId;

/// Who may be chosen, in a flow of this browser.
struct Choice {
    flow: flow::Flow,
    client: Option<Registered>,
    /// The browser's sessions, the one in use first.
    sessions: Vec<(session::Session, Account)>,
}

/// The page.
pub(super) async fn page(ctx: Ctx, Path(flow): Path<String>) -> Result<Response> {
    let Some(visit) = visit(&ctx, &flow) else {
        return Ok(layers::not_found());
    };
    let (visiting, urls) = (visit.clone(), &ctx.realm.urls);
    match ctx.app.db.read(ctx.realm.id, move |rx| visiting.choice(rx)).await? {
        // The authorization endpoint knows why.
        None => Ok(ctx.see_other(&urls.authorize_flow(visit.flow))),
        Some(choice) if choice.sessions.is_empty() => Ok(ctx.see_other(&urls.login_here(visit.flow))),
        Some(choice) => {
            logo::ready(&ctx, choice.client.as_ref()).await;
            let client = choice.client.as_ref().map(|registered| &registered.client);
            ctx.page(&accounts_page(&ctx, &visit, &choice), client)
        }
    }
}

/// One of them, another one, or none.
pub(super) async fn submit(ctx: Ctx, Path(flow): Path<String>, body: Bytes) -> Result<Response> {
    let Some(visit) = visit(&ctx, &flow) else {
        return Ok(layers::not_found());
    };
    let (fields, urls, flow) = (Posted::parse(&body), &ctx.realm.urls, visit.flow);
    match fields.get("action") {
        "cancel" => return Ok(ctx.see_other(&urls.authorize_cancel(flow))),
        "other" => {
            ctx.app.db.write(ctx.realm.id, move |tx| visit.begin_again(tx)).await?;
            return Ok(ctx.see_other(&urls.login_here(flow)));
        }
        _ => {}
    }
    let Ok(chosen) = fields.get("session").parse::<SessionId>() else {
        return Ok(ctx.see_other(&urls.login_accounts(flow)));
    };
    let event = Event::new(&ctx.app, ctx.now, "session.chosen", Actor::Visitor);
    let done = ctx.app.db.write(ctx.realm.id, move |tx| visit.choose(tx, chosen, &event)).await?;
    // What cannot be chosen (any more) is not on the page either.
    Ok(ctx.see_other(&if done { urls.authorize_flow(flow) } else { urls.login_accounts(flow) }))
}

impl Visit {
    /// Who may be chosen; nobody in another browser's flow, or one that is over.
    fn choice(&self, rx: &mut Rx<'_>) -> Result<Option<Choice>> {
        let seen = self.see(rx)?;
        let mine = matches!(seen.stand, Stand::Password | Stand::Factor | Stand::Done);
        let Some(flow) = seen.flow.filter(|_| mine) else { return Ok(None) };
        let mut sessions = Vec::new();
        for session in session::of_browser(rx, flow.browser, self.now, self.realm.policy())? {
            let account = account::load(rx, session.account)?.filter(|account| account.is_active(self.now));
            sessions.extend(account.map(|account| (session, account)));
        }
        Ok(Some(Choice { flow, client: seen.client, sessions }))
    }

    /// Goes on with this session of the browser, in this flow and from now on; `false` where it is none to choose.
    fn choose(&self, tx: &mut Tx<'_>, chosen: SessionId, event: &Event) -> Result<bool> {
        let Some(choice) = self.choice(tx)? else { return Ok(false) };
        let Some((session, account)) = choice.sessions.iter().find(|(session, _)| session.id == chosen) else {
            return Ok(false);
        };
        if !flow::choose(tx, &choice.flow, session.id, self.now)? {
            return Ok(false);
        }
        session::make_current(tx, choice.flow.browser, session.id)?;
        record(tx, &event.clone().by(Actor::Account(account.id)).about(account.id))?;
        Ok(true)
    }
}

fn accounts_page(ctx: &Ctx, visit: &Visit, choice: &Choice) -> AccountsPage {
    let document = &ctx.realm.document;
    let account = |(session, account): &(session::Session, Account)| {
        let population = document.population(&account.population);
        AccountChoice {
            session: session.id.to_string(),
            username: account.email.clone(),
            population: population.map_or_else(|| account.population.clone(), |known| known.name.get(ctx.lang).to_owned()),
        }
    };
    let form = Form::to(ctx.realm.urls.login_accounts(visit.flow));
    AccountsPage { form, accounts: choice.sessions.iter().map(account).collect() }
}
