//! The second factor of a reset: the same as at sign-in, with the same tries.

use super::routes::elsewhere;
use super::rules::{Next, Progress, Proof, Stand, next_step};
use super::store::{self, Recovery};
use super::visit::{Seen, Visit};
use crate::access::factor::asked::{Answered, Asking, On, Road, Scene, answer, show};
use crate::access::notice::{self, Kind, Occasion};
use crate::access::session;
use crate::directory::account::Account;
use crate::error::{Failure, Result};
use crate::operations::audit::{Actor, Event, record};
use crate::store::{Rx, Tx};
use crate::web::context::Ctx;
use crate::web::layers;
use crate::web::posted::Posted;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use poterne_protocol::id::{BrowserId, ChallengeId, FactorId};
use poterne_protocol::secret::{Handle, Secret};

/// A reset on its way to a new password.
#[derive(Clone)]
struct Resetting {
    visit: Visit,
}

/// What the way on needs, and what the owner may have to be told.
struct Fresh {
    secret: Secret,
    accepted: Event,
    locked: notice::Prepared,
}

/// The page.
pub(super) async fn page(ctx: Ctx, Path(id): Path<String>) -> Result<Response> {
    match scene(&ctx, &id).await? {
        Err(response) => Ok(response),
        Ok((road, scene, _)) => show(&ctx, &road, &scene),
    }
}

/// The posted form.
pub(super) async fn submit(ctx: Ctx, Path(id): Path<String>, body: Bytes) -> Result<Response> {
    let (road, scene, seen) = match scene(&ctx, &id).await? {
        Err(response) => return Ok(response),
        Ok(found) => found,
    };
    let fields = Posted::parse(&body);
    if fields.get("action") == "cancel" {
        return Ok(ctx.see_other(&seen.portal.onward(&ctx)));
    }
    match answer(&ctx, &road, &scene, fields.get("action"), fields.get("code")).await? {
        Answered::Reply(response) => Ok(response),
        Answered::Proven(browser) => {
            let mut response = ctx.see_other(&ctx.realm.urls.recovery_password(road.visit.id));
            ctx.set_browser(&mut response, &browser);
            Ok(response)
        }
        // The account was stopped or changed meanwhile: the page says that this reset is over.
        Answered::Refused => Ok(ctx.see_other(&road.url(&ctx))),
    }
}

/// The reset that waits for its factor, or where the request goes instead.
async fn scene(ctx: &Ctx, id: &str) -> Result<Result<(Resetting, Scene, Seen), Response>> {
    let Some(visit) = Visit::of(ctx, id) else {
        return Ok(Err(layers::not_found()));
    };
    let mut seen = visit.look(ctx).await?;
    if seen.stand == Stand::Factor {
        let road = Resetting { visit: visit.clone() };
        let lost_url = ctx.realm.urls.lost_factor_in(visit.id);
        if let Some(scene) = Scene::load(ctx, &road, lost_url, seen.client().cloned()).await? {
            return Ok(Ok((road, scene, seen)));
        }
        seen = visit.look(ctx).await?;
    }
    elsewhere(ctx, &visit, &seen).map(Err)
}

impl Resetting {
    /// The reset, where its factor comes next.
    fn half(&self, rx: &mut Rx<'_>) -> Result<Option<(Seen, Recovery)>> {
        let seen = self.visit.see(rx)?;
        let recovery = seen.recovery.clone().filter(|_| seen.stand == Stand::Factor);
        Ok(recovery.map(|recovery| (seen, recovery)))
    }

    fn must(&self, rx: &mut Rx<'_>) -> Result<(Seen, Recovery)> {
        self.half(rx)?.ok_or_else(|| Failure::internal("a factor where the mail was not confirmed"))
    }
}

impl Road for Resetting {
    type Proven = Handle<BrowserId>;
    type Fresh = Fresh;

    fn url(&self, ctx: &Ctx) -> String {
        ctx.realm.urls.recovery_factor(self.visit.id)
    }

    fn on(&self) -> On {
        On::Reset(self.visit.id)
    }

    fn asking(&self, rx: &mut Rx<'_>) -> Result<Option<Asking>> {
        let Some((seen, recovery)) = self.half(rx)? else {
            return Ok(None);
        };
        let (Progress::MailConfirmed { factor, challenge }, Some(means)) = (recovery.progress, seen.means) else {
            return Ok(None);
        };
        let asked = factor.or_else(|| means.first().map(|factor| factor.id));
        Ok(asked.and_then(|asked| Asking::of(self.on(), means, asked, challenge)))
    }

    fn ask(&self, tx: &mut Tx<'_>, factor: FactorId, challenge: Option<ChallengeId>) -> Result<()> {
        let (_, recovery) = self.must(tx)?;
        store::save(tx, &recovery, Progress::MailConfirmed { factor: Some(factor), challenge })
    }

    fn fresh(&self, ctx: &Ctx, account: &Account) -> Result<Fresh> {
        let locked = Kind::SignInLocked { password_known: false };
        Ok(Fresh {
            secret: ctx.app.entropy.secret(),
            accepted: Event::new(&ctx.app, ctx.now, "password.reset_factor_accepted", Actor::Visitor).about(account.id),
            locked: notice::prepare(&ctx.app, &ctx.realm, ctx.now, account, locked, &Occasion::of(ctx))?,
        })
    }

    fn proven(&self, tx: &mut Tx<'_>, asking: &Asking, fresh: &Fresh) -> Result<Option<Self::Proven>> {
        let (seen, recovery) = self.must(tx)?;
        let factor = asking.factor.id;
        match next_step(&recovery.progress, Proof::Factor(factor), seen.person(&self.visit).as_ref()) {
            Next::Password => {
                store::save(tx, &recovery, Progress::FactorConfirmed { factor })?;
                record(tx, &fresh.accepted.clone().with("factor", asking.factor.kind.as_str()))?;
                let (now, until) = (self.visit.now, self.visit.now.plus(self.visit.realm.policy().browser()));
                session::rotate(tx, recovery.browser, fresh.secret.digest(), now, until)?;
                Ok(Some(Handle { id: recovery.browser, secret: fresh.secret.clone() }))
            }
            Next::Refuse => Ok(None),
            Next::Factor(_) | Next::Letter | Next::Set => Err(Failure::internal("a factor leads to the password alone")),
        }
    }

    fn alarm(&self, tx: &mut Tx<'_>, fresh: &Fresh) -> Result<()> {
        fresh.locked.leave_once_a_day(tx)
    }
}
