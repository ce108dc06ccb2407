//! What a road on which a factor is asked for has to tell.

use super::asking::Asking;
use super::rules::On;
use crate::directory::account::Account;
use crate::error::Result;
use crate::store::{Rx, Tx};
use crate::web::context::Ctx;
use poterne_protocol::id::{ChallengeId, FactorId};

/// A road on which a factor is asked for.
pub trait Road: Clone + Send + Sync + 'static {
    /// What a proven factor leads to.
    type Proven: Send + 'static;
    /// What of ids, chance and messages the way on needs, drawn before its transaction.
    type Fresh: Send + Sync + 'static;

    /// Where its factor page is.
    fn url(&self, ctx: &Ctx) -> String;

    /// On what the factor is asked for.
    fn on(&self) -> On;

    /// What waits for its factor; `None` when the road is not there.
    ///
    /// # Errors
    /// Of the database.
    fn asking(&self, rx: &mut Rx<'_>) -> Result<Option<Asking>>;

    /// Keeps which factor is asked for from now on, and its code. What was proven before stays proven, no more.
    ///
    /// # Errors
    /// When the road moved meanwhile: then nothing of the transaction may stay.
    fn ask(&self, tx: &mut Tx<'_>, factor: FactorId, challenge: Option<ChallengeId>) -> Result<()>;

    /// Draws what the way on needs.
    ///
    /// # Errors
    /// When a message cannot be made.
    fn fresh(&self, ctx: &Ctx, account: &Account) -> Result<Self::Fresh>;

    /// The factor is proven, in this very transaction; `None` when the account may not go on all the same.
    ///
    /// # Errors
    /// As [`Road::ask`].
    fn proven(&self, tx: &mut Tx<'_>, asking: &Asking, fresh: &Self::Fresh) -> Result<Option<Self::Proven>>;

    /// Wrong tries have brought a delay or the lock: the owner is told what somebody must know to have come this far.
    ///
    /// # Errors
    /// Of the database.
    fn alarm(&self, tx: &mut Tx<'_>, fresh: &Self::Fresh) -> Result<()>;
}
