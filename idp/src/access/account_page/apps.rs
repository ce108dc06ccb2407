//! Taking a client's access to the own account back. The client is named, never a grant: there is nobody else's to ask for.

use super::pages::{AppPage, AppRow};
use super::routes::{overview_url, seen, session_of, to_overview, to_sign_in, value, visit};
use super::rules::{Done, Door};
use super::store::{Outcome, Person, Visit};
use super::views;
use crate::access::consent::{Access, accesses, end_access};
use crate::directory::account::Account;
use crate::error::Result;
use crate::operations::audit::{Actor, Event, record};
use crate::store::{Rx, Tx};
use crate::urls::AccountPage;
use crate::web::context::Ctx;
use crate::web::form::Form;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::Response;
use poterne_protocol::id::SessionId;

/// Says what would happen, and asks.
pub(super) async fn page(ctx: Ctx, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Result<Response> {
    let visit = visit(&ctx, query.as_deref());
    let seen = seen(&ctx, &visit, AccountPage::Overview).await?;
    let Some(person) = seen.person.clone().filter(|_| seen.door == Door::Open) else {
        return to_sign_in(&ctx, &visit, AccountPage::Overview, seen.door).await;
    };
    let (wanted, account) = (client_id.clone(), person.account.clone());
    let found = ctx.app.db.read(ctx.realm.id, move |rx| visit.access(rx, &account, &wanted)).await?;
    let Some(access) = found else {
        // Taken back before, or never given: the overview shows what there is.
        return Ok(ctx.see_other(&overview_url(&ctx, &seen, None)));
    };
    let page = AppPage {
        form: Form::to(ctx.realm.urls.account_app(&access.client.client_id, seen.client_id())),
        of: person.session.id.to_string(),
        own: access.client.first_party,
        app: views::app(&ctx, &access, seen.client_id()),
        back_url: overview_url(&ctx, &seen, None),
    };
    ctx.own_page(StatusCode::OK, &page)
}

/// Takes it back.
pub(super) async fn withdraw(
    ctx: Ctx,
    Path(client_id): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response> {
    let visit = visit(&ctx, query.as_deref());
    if value(&body, "action").as_deref() != Some("withdraw") {
        return to_overview(&ctx, &visit, None).await;
    }
    let (visiting, of) = (visit.clone(), session_of(&body));
    let event = Event::new(&ctx.app, ctx.now, "consent.withdrawn", Actor::Visitor);
    let outcome = ctx.app.db.write(ctx.realm.id, move |tx| visiting.withdraw(tx, of, &client_id, &event)).await?;
    let done = matches!(outcome, Outcome::Done).then_some(Done::App);
    to_overview(&ctx, &visit, done).await
}

impl Visit {
    /// What this client has access to, if it has.
    fn access(&self, rx: &mut Rx<'_>, account: &Account, client_id: &str) -> Result<Option<Access>> {
        let all = accesses(rx, account, self.now, self.realm.policy())?;
        Ok(all.into_iter().find(|access| access.client.client_id == client_id))
    }

    /// Takes a client's access back, for whoever is signed in now, by a form that was made for this session.
    fn withdraw(&self, tx: &mut Tx<'_>, of: Option<SessionId>, client_id: &str, event: &Event) -> Result<Outcome> {
        let Some(Person { account, .. }) = self.at_work(tx, AccountPage::Overview, of)? else {
            return Ok(Outcome::NotHere);
        };
        let Some(access) = self.access(tx, &account, client_id)? else { return Ok(Outcome::Nothing) };
        let Some(grants) = end_access(tx, account.id, access.row, self.now)? else { return Ok(Outcome::Nothing) };
        let event = event.clone().by(Actor::Account(account.id)).about(client_id);
        record(tx, &event.with("account", account.id.to_string()).with("grants", grants))?;
        Ok(Outcome::Done)
    }
}

impl AppRow {
    /// One of a fund's people's applications, for samples.
    pub(super) fn sample(name: &str) -> Self {
        use crate::access::consent::things;
        use poterne_protocol::consent::Agreed;
        use poterne_protocol::scope::Scope;
        let agreed = Agreed {
            scope: Scope::parse("openid profile email offline_access").unwrap_or_default(),
            claims: ["birthdate".to_owned()].into(),
        };
        Self {
            name: name.into(),
            things: things(&agreed, None),
            since: "2026-10-03T14:05:00".into(),
            last_used: Some("2026-11-21T07:40:00".into()),
            withdraw_url: "/lindenhof/ui/account/apps/budget".into(),
        }
    }
}
