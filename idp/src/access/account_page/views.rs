//! From what is known to what the pages show.

use super::pages::{AppRow, FactorRow, LanguageChoice, OverviewPage, PortalRow, SessionRow, TermsRow};
use super::rules::{Done, safety};
use super::store::{Overview, Seen};
use crate::access::consent::{Access, things};
use crate::access::factor::Factor;
use crate::access::session::Listed;
use crate::directory::terms::Acceptance;
use crate::error::Result;
use crate::host::place_in;
use crate::settings::FactorKind;
use crate::urls::{AccountPage, paths};
use crate::web::context::Ctx;
use poterne_protocol::client::Client;
use poterne_protocol::id::SessionId;
use poterne_protocol::time::Timestamp;

/// The overview.
pub(super) fn overview(ctx: &Ctx, overview: &Overview, seen: &Seen, done: Option<Done>) -> Result<OverviewPage> {
    let (account, current) = (&overview.person.account, overview.person.session.id);
    let population = ctx.realm.document.population(&account.population);
    let kinds: Vec<FactorKind> = overview.factors.iter().map(|factor| factor.kind).collect();
    let url = |path| ctx.realm.urls.account_from(path, seen.client_id());
    let mut sessions: Vec<SessionRow> = overview.sessions.iter().map(|listed| session(ctx, listed, current)).collect();
    // Stable: after this one, the last used first.
    sessions.sort_by_key(|row| !row.current);
    let own = |client: &Client| overview.accesses.iter().any(|access| access.client.client_id == client.client_id);
    // Applications stand in a list of their own, with what they get, as long as they have access.
    let portals = overview.portals.iter().filter(|(client, _)| client.first_party || !own(client));
    let apps = overview.accesses.iter().filter(|access| !access.client.first_party);
    Ok(OverviewPage {
        of: current.to_string(),
        done,
        safety: safety(&kinds),
        others: sessions.iter().filter(|row| !row.current).count(),
        names: overview.names.clone(),
        population: population.map_or_else(|| account.population.clone(), |population| population.name.get(ctx.lang).to_owned()),
        email: account.email.clone(),
        access_ends: account.access_ends_at.map(|end| moment(ctx, end)),
        password_url: ctx.realm.urls.account(AccountPage::Password, seen.client_id()),
        factors: overview.factors.iter().map(|kept| factor(ctx, kept)).collect::<Result<_>>()?,
        last_login: account.last_login_at.map(|at| moment(ctx, at)),
        previous_login: account.previous_login_at.map(|at| moment(ctx, at)),
        created: moment(ctx, account.created_at),
        sessions,
        sessions_url: url(paths::ACCOUNT_SESSIONS),
        portals: portals.map(|(client, at)| portal(ctx, client, *at, own(client), seen.client_id())).collect(),
        apps: apps.map(|access| app(ctx, access, seen.client_id())).collect(),
        terms: overview.accepted.iter().map(|accepted| terms(ctx, accepted)).collect(),
        languages: languages(ctx, overview),
        language_url: url(paths::ACCOUNT_LANGUAGE),
        back: seen.back(),
    })
}

/// A time as the realm's clocks show it, for the templates' filters.
fn moment(ctx: &Ctx, at: Timestamp) -> String {
    ctx.realm.local(at).format("%Y-%m-%dT%H:%M:%S").to_string()
}

fn factor(ctx: &Ctx, factor: &Factor) -> Result<FactorRow> {
    let target = match factor.kind {
        FactorKind::Sms => Some(factor.number(&ctx.realm)?.masked()),
        FactorKind::Totp => None,
    };
    Ok(FactorRow {
        kind: factor.kind.as_str(),
        target,
        since: moment(ctx, factor.created_at),
        last_used: factor.last_used_at.map(|at| moment(ctx, at)),
    })
}

fn session(ctx: &Ctx, listed: &Listed, current: SessionId) -> SessionRow {
    SessionRow {
        id: listed.session.id.to_string(),
        device: listed.device.clone(),
        place: listed.place.clone().map(|place| place_in(ctx.lang, place)),
        begun: moment(ctx, listed.created_at),
        last_used: moment(ctx, listed.session.last_used_at),
        current: listed.session.id == current,
    }
}

fn portal(ctx: &Ctx, client: &Client, at: Timestamp, has_access: bool, from: Option<&str>) -> PortalRow {
    let url = client.client_uri.clone().filter(|_| client.first_party);
    let withdraw_url = has_access.then(|| ctx.realm.urls.account_app(&client.client_id, from));
    PortalRow { name: client.client_name.clone(), url, at: moment(ctx, at), withdraw_url }
}

/// What a client has access to. `from` is the portal that the person came from.
pub(super) fn app(ctx: &Ctx, access: &Access, from: Option<&str>) -> AppRow {
    AppRow {
        name: access.client.client_name.clone(),
        things: things(&access.agreed, None),
        since: moment(ctx, access.since),
        last_used: access.last_used.map(|at| moment(ctx, at)),
        withdraw_url: ctx.realm.urls.account_app(&access.client.client_id, from),
    }
}

fn terms(ctx: &Ctx, accepted: &Acceptance) -> TermsRow {
    let population = ctx.realm.document.population(&accepted.population);
    TermsRow {
        population: population.map_or_else(|| accepted.population.clone(), |known| known.name.get(ctx.lang).to_owned()),
        version: accepted.version,
        language: accepted.language.own_name(),
        lang: accepted.language.tag(),
        channel: accepted.channel.replace('_', "-"),
        at: moment(ctx, accepted.at),
        url: ctx.realm.urls.terms_version(&accepted.population, accepted.version),
    }
}

/// The languages to choose from: those of the realm, and the account's own, should the realm have dropped it.
fn languages(ctx: &Ctx, overview: &Overview) -> Vec<LanguageChoice> {
    let own = overview.person.account.language;
    let mut offered = ctx.realm.document.languages.clone();
    if !offered.contains(&own) {
        offered.push(own);
    }
    let choice = |lang: crate::lang::Lang| LanguageChoice { tag: lang.tag(), name: lang.own_name(), chosen: lang == own };
    offered.into_iter().map(choice).collect()
}
