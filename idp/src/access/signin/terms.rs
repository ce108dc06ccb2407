//! The terms of use before a portal gets anything (I-71, X-07): shown, then accepted in exactly the version and language shown.

mod pages;
#[cfg(test)]
mod tests;

pub use pages::AcceptTermsPage;

use super::routes::visit;
use super::rules::Stand;
use super::store::Visit;
use crate::directory::account::Account;
use crate::directory::client::Registered;
use crate::directory::terms::{self, NewAcceptance, TermsBlock};
use crate::error::Result;
use crate::lang::Lang;
use crate::operations::audit::{Actor, Event, record};
use crate::settings::TermsVersion;
use crate::store::{Rx, Tx};
use crate::web::context::Ctx;
use crate::web::form::{Fault, Form};
use crate::web::layers;
use crate::web::posted::Posted;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use poterne_protocol::id::{AcceptanceId, SessionId};

/// A person who is signed in, in a flow of this browser, and must accept terms before it goes on.
struct Asked {
    account: Account,
    session: SessionId,
    version: TermsVersion,
    /// The version that they accepted last.
    earlier: Option<u32>,
    client: Option<Registered>,
}

/// The page.
pub(super) async fn page(ctx: Ctx, Path(flow): Path<String>) -> Result<Response> {
    let Some(visit) = visit(&ctx, &flow) else {
        return Ok(layers::not_found());
    };
    match asked(&ctx, &visit).await? {
        Some(asked) => ctx.page(&asked.page(&ctx, &visit, ctx.lang), asked.client()),
        None => Ok(ctx.see_other(&ctx.realm.urls.authorize_flow(visit.flow))),
    }
}

/// The posted form.
pub(super) async fn submit(ctx: Ctx, Path(flow): Path<String>, body: Bytes) -> Result<Response> {
    let Some(visit) = visit(&ctx, &flow) else {
        return Ok(layers::not_found());
    };
    let fields = Posted::parse(&body);
    if fields.get("action") == "refuse" {
        return Ok(ctx.see_other(&ctx.realm.urls.authorize_cancel(visit.flow)));
    }
    // Nothing more to ask, or no flow of this browser: the authorization endpoint knows which, so a second post does no harm.
    let onward = ctx.see_other(&ctx.realm.urls.authorize_flow(visit.flow));
    let Some(asked) = asked(&ctx, &visit).await? else {
        return Ok(onward);
    };
    let Some(lang) = asked.shown_by(&fields) else {
        let page = AcceptTermsPage { renewed: true, ..asked.page(&ctx, &visit, ctx.lang) };
        return ctx.page_again(&page, asked.client());
    };
    if fields.get("terms") != "yes" {
        let page = asked.page(&ctx, &visit, lang);
        let form = page.form.clone().wrong("terms", Fault::TermsNotAccepted);
        return ctx.page_again(&AcceptTermsPage { form, ..page }, asked.client());
    }
    accept(&ctx, &visit, &asked, lang).await?;
    Ok(onward)
}

async fn asked(ctx: &Ctx, visit: &Visit) -> Result<Option<Asked>> {
    let visit = visit.clone();
    ctx.app.db.read(ctx.realm.id, move |rx| visit.asked_for_terms(rx)).await
}

/// Keeps the acceptance. Where anything has changed since the page was judged, nothing is kept, and whoever comes next asks again.
async fn accept(ctx: &Ctx, visit: &Visit, asked: &Asked, lang: Lang) -> Result<()> {
    let (account, version) = (asked.account.id, asked.version.number);
    let new = NewAcceptance {
        id: AcceptanceId::new(ctx.now, ctx.app.entropy.bytes()),
        account,
        population: asked.account.population.clone(),
        version,
        language: lang,
        hash: terms::hash(&asked.version, lang),
        channel: "sign_in",
        at: ctx.now,
    };
    let event = Event::new(&ctx.app, ctx.now, "terms.accepted", Actor::Account(account)).about(account);
    let event = event.with("version", version).with("language", lang.tag()).with("channel", new.channel);
    let (visit, session) = (visit.clone(), asked.session);
    let keep = move |tx: &mut Tx<'_>| {
        let still = visit.asked_for_terms(tx)?;
        if still.is_none_or(|still| (still.session, still.account.id, still.version.number) != (session, account, version)) {
            return Ok(());
        }
        terms::accept(tx, &new)?;
        record(tx, &event)
    };
    ctx.app.db.write(ctx.realm.id, keep).await
}

impl Visit {
    /// Who must accept which terms here; nobody in another browser's flow, one that is over, or one of an inactive account.
    fn asked_for_terms(&self, rx: &mut Rx<'_>) -> Result<Option<Asked>> {
        let seen = self.see(rx)?;
        let mine = matches!(seen.stand, Stand::Password | Stand::Factor | Stand::Done);
        let Some(flow) = seen.flow.filter(|_| mine) else {
            return Ok(None);
        };
        let person = super::signed_in(rx, &self.realm, Some(flow.browser), &flow.progress, self.now)?;
        let Some((session, account)) = person.filter(|(_, account)| account.is_active(self.now)) else {
            return Ok(None);
        };
        let Some(version) = terms::outstanding(rx, &self.realm, &account, self.now)?.cloned() else {
            return Ok(None);
        };
        let earlier = terms::latest_accepted(rx, account.id, &account.population)?;
        Ok(Some(Asked { account, session: session.id, version, earlier, client: seen.client }))
    }
}

impl Asked {
    fn client(&self) -> Option<&poterne_protocol::client::Client> {
        self.client.as_ref().map(|registered| &registered.client)
    }

    /// The language in which the posted page showed just these terms to just this person. `None` when it showed others: a newer
    /// version has come into force meanwhile, or somebody else has signed in.
    fn shown_by(&self, fields: &Posted) -> Option<Lang> {
        let same = fields.get("session") == self.session.to_string() && fields.get("version") == self.version.number.to_string();
        let lang = self.version.text.0.keys().copied().find(|lang| lang.tag() == fields.get("language"));
        lang.filter(|_| same)
    }

    fn page(&self, ctx: &Ctx, visit: &Visit, lang: Lang) -> AcceptTermsPage {
        let (urls, population) = (&ctx.realm.urls, &self.account.population);
        let (text_lang, text) = terms::shown(&self.version, lang);
        let form = Form::to(urls.login_terms(visit.flow)).with("session", self.session.to_string());
        AcceptTermsPage {
            form: form.with("version", self.version.number.to_string()).with("language", text_lang.tag()),
            version: self.version.number,
            effective_from: self.version.effective_from,
            earlier_url: self.earlier.map(|earlier| urls.terms_version(population, earlier)),
            renewed: false,
            terms_url: urls.terms_version(population, self.version.number),
            text_lang,
            blocks: TermsBlock::parse(text),
        }
    }
}
