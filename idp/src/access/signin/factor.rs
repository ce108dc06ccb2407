//! The second factor of a sign-in: what is asked of everybody, and the session that comes of it.

use super::routes::{elsewhere, seen, visit};
use super::rules::{Next, Person, Proof, Stand, next_step};
use super::store::{Fresh, Visit, moved};
use crate::access::factor::asked::{Answered, Asking, On, Road, Scene, answer, show};
use crate::access::flow::{self, Flow, Progress};
use crate::access::notice::{self, Kind, Occasion};
use crate::directory::account::Account;
use crate::error::{Failure, Result};
use crate::figures::SignIn;
use crate::store::{Rx, Tx};
use crate::web::context::Ctx;
use crate::web::form::Fault;
use crate::web::layers;
use crate::web::posted::Posted;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::Response;
use poterne_protocol::id::{AccountId, BrowserId, ChallengeId, FactorId};
use poterne_protocol::secret::Handle;
use poterne_protocol::time::Timestamp;

/// A sign-in on its way to a session.
#[derive(Clone)]
struct SigningIn {
    visit: Visit,
    /// Whether its account is known in this browser.
    known_device: bool,
}

/// What a try at the factor may need, drawn before its transaction.
struct Drawn {
    fresh: Fresh,
    /// Tells the owner that somebody knows the password and tries second factors.
    password_known: notice::Prepared,
}

/// The page.
pub(super) async fn page(ctx: Ctx, Path(flow): Path<String>) -> Result<Response> {
    match scene(&ctx, &flow).await? {
        Err(response) => Ok(response),
        Ok((road, scene)) => show(&ctx, &road, &scene),
    }
}

/// The posted form.
pub(super) async fn submit(ctx: Ctx, Path(flow): Path<String>, body: Bytes) -> Result<Response> {
    let (road, scene) = match scene(&ctx, &flow).await? {
        Err(response) => return Ok(response),
        Ok(found) => found,
    };
    let (fields, flow) = (Posted::parse(&body), road.visit.flow);
    if fields.get("action") == "cancel" {
        return Ok(ctx.see_other(&ctx.realm.urls.authorize_cancel(flow)));
    }
    match answer(&ctx, &road, &scene, fields.get("action"), fields.get("code")).await? {
        Answered::Reply(response) => Ok(response),
        Answered::Refused => {
            ctx.app.figures.signin(SignIn::Refused);
            scene.again(&ctx, &road, Fault::WrongLogin)
        }
        Answered::Proven(browser) => {
            ctx.app.figures.signin(SignIn::Succeeded);
            let mut response = ctx.see_other(&ctx.realm.urls.authorize_flow(flow));
            ctx.set_browser(&mut response, &browser);
            Ok(response)
        }
    }
}

/// The sign-in that waits for its factor, or where the request goes instead.
async fn scene(ctx: &Ctx, flow: &str) -> Result<Result<(SigningIn, Scene), Response>> {
    let Some(visit) = visit(ctx, flow) else {
        return Ok(Err(layers::not_found()));
    };
    let mut seen = seen(ctx, &visit).await?;
    if seen.stand == Stand::Factor {
        let road = SigningIn { visit: visit.clone(), known_device: seen.known_device };
        if let Some(scene) = Scene::load(ctx, &road, ctx.realm.urls.lost_factor(visit.flow), seen.client().cloned()).await? {
            return Ok(Ok((road, scene)));
        }
        // The account or its last factor is gone: this flow leads nowhere.
        seen.stand = Stand::Over;
    }
    elsewhere(ctx, &visit, &seen).await.map(Err)
}

impl SigningIn {
    /// The half sign-in: its flow, whose password was proven and when, the factor asked for and its code.
    fn half(&self, rx: &mut Rx<'_>) -> Result<Option<Half>> {
        let seen = self.visit.see(rx)?;
        let (Stand::Factor, Some(flow)) = (seen.stand, seen.flow) else {
            return Ok(None);
        };
        let Progress::Password { account, proven_at, factor, challenge } = flow.progress else {
            return Ok(None);
        };
        Ok(Some(Half { flow, account, proven_at, factor, challenge }))
    }
}

/// A sign-in whose password was right.
struct Half {
    flow: Flow,
    account: AccountId,
    proven_at: Timestamp,
    factor: FactorId,
    challenge: Option<ChallengeId>,
}

impl Road for SigningIn {
    type Proven = Handle<BrowserId>;
    type Fresh = Drawn;

    fn url(&self, ctx: &Ctx) -> String {
        ctx.realm.urls.login_factor(self.visit.flow)
    }

    fn on(&self) -> On {
        On::SignIn(self.visit.flow)
    }

    fn asking(&self, rx: &mut Rx<'_>) -> Result<Option<Asking>> {
        let Some(half) = self.half(rx)? else {
            return Ok(None);
        };
        let means = self.visit.means(rx, half.account)?;
        Ok(means.and_then(|means| Asking::of(self.on(), means, half.factor, half.challenge)))
    }

    fn ask(&self, tx: &mut Tx<'_>, factor: FactorId, challenge: Option<ChallengeId>) -> Result<()> {
        let half = self.half(tx)?.ok_or_else(|| Failure::internal("a factor asked where no password was proven"))?;
        let progress = Progress::Password { account: half.account, proven_at: half.proven_at, factor, challenge };
        moved(flow::save(tx, &half.flow, &progress)?)
    }

    fn fresh(&self, ctx: &Ctx, account: &Account) -> Result<Drawn> {
        let (occasion, kind) = (Occasion::of(ctx), Kind::SignInLocked { password_known: true });
        Ok(Drawn {
            fresh: Fresh::draw(&ctx.app, &ctx.realm, account, self.known_device, &occasion)?,
            password_known: notice::prepare(&ctx.app, &ctx.realm, ctx.now, account, kind, &occasion)?,
        })
    }

    fn proven(&self, tx: &mut Tx<'_>, asking: &Asking, drawn: &Drawn) -> Result<Option<Self::Proven>> {
        let half = self.half(tx)?.ok_or_else(|| Failure::internal("a factor proven where no password was"))?;
        let proof = Proof::Factor(asking.factor.id);
        match next_step(&half.flow.progress, proof, &Person::of(&asking.means, self.visit.now)) {
            Next::Session(methods) => self.visit.sign_in(tx, &half.flow, half.account, methods, &drawn.fresh).map(Some),
            Next::Refuse => Ok(None),
            Next::Factor(_) => Err(Failure::internal("a factor never leads to a factor")),
        }
    }

    fn alarm(&self, tx: &mut Tx<'_>, drawn: &Drawn) -> Result<()> {
        drawn.password_known.leave_once_a_day(tx)
    }
}
