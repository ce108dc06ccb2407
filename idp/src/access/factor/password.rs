//! Passwords: Argon2id (RFC 9106) for what is kept, and the judgement of a new one.

mod judge;

pub use judge::judge;

use crate::app::App;
use crate::error::{Failure, Result};
use crate::settings::PasswordRule;
use crate::web::form::Fault;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use poterne_protocol::secret::Secret;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use unicode_normalization::UnicodeNormalization;

/// Characters of the longest password: more is refused before any work is done.
pub const LONGEST: u32 = 1_000;

/// How long a password may wait for its turn to be hashed.
const PATIENCE: Duration = Duration::from_secs(5);
const SALT_LEN: usize = 16;
/// Kibibytes, passes and lanes (OWASP ASVS 5.0 appendix C: two passes over 19 MiB).
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// Nobody's hash, of the same cost as everybody's: what an unknown account is compared with.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$UG90ZXJuZS1ub2JvZHktMQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Blocks that were hashed in, for the next password. Left to the allocator, each thread that ever hashed would keep its own 19 MiB, and
/// the system would clear all of it again for every password. There are never more than permits.
static BLOCKS: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// Hashes a new password for keeping, as a PHC string.
///
/// # Errors
/// [`Failure::Busy`] when too many passwords wait.
pub async fn hash(app: &App, password: &Secret) -> Result<String> {
    let normal = normal_form(password).ok_or_else(|| Failure::internal("a password that should have been refused"))?;
    let salt: [u8; SALT_LEN] = app.entropy.bytes();
    off_thread(app, move || {
        let params = Params::new(COST.0, COST.1, COST.2, None).map_err(|_| Failure::internal("the cost of hashing"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        kept(&argon2, &normal, &salt).map_err(|_| Failure::internal("a password cannot be hashed"))
    })
    .await
}

/// What is kept of a password: a PHC string.
fn kept(argon2: &Argon2<'_>, password: &Secret, salt: &[u8]) -> argon2::password_hash::Result<String> {
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon2.params())?,
        salt: Some(Salt::new(salt)?),
        hash: Some(hashed(argon2, password, salt, Params::DEFAULT_OUTPUT_LEN)?),
    };
    Ok(hash.to_string())
}

/// Hashes in blocks that stay for the next.
fn hashed(argon2: &Argon2<'_>, password: &Secret, salt: &[u8], length: usize) -> argon2::password_hash::Result<Output> {
    let spare = || BLOCKS.lock().unwrap_or_else(PoisonError::into_inner);
    let needed = argon2.params().block_count();
    let mut blocks = spare().pop().unwrap_or_default();
    blocks.resize(needed, Block::new());
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..length).ok_or(argon2::password_hash::Error::OutputSize)?;
    argon2.hash_password_into_with_memory(password.expose().as_bytes(), salt, output, &mut blocks)?;
    // A hash that was brought along may have cost more; that much is not kept.
    if needed <= COST.0 as usize {
        spare().push(blocks);
    }
    Ok(Output::new(output)?)
}

/// As [`judge`], in turn with hashing and off the async threads: a password made for it takes far longer to judge than to hash.
///
/// # Errors
/// [`Failure::Busy`] when too many passwords wait.
pub async fn judge_in_turn(app: &App, rule: PasswordRule, password: &Secret, context: Vec<String>) -> Result<Vec<Fault>> {
    let password = password.clone();
    off_thread(app, move || {
        let context: Vec<&str> = context.iter().map(String::as_str).collect();
        Ok(judge(&rule, &password, &context))
    })
    .await
}

/// Whether this is the password of the hash. For an unknown account (`None`) the same work is done and the answer is no.
///
/// # Errors
/// [`Failure::Busy`] when too many passwords wait; [`Failure::ImpossibleRow`] for a hash that is none.
pub async fn verify(app: &App, password: &Secret, hash: Option<&str>) -> Result<bool> {
    let Some(normal) = normal_form(password) else {
        return Ok(false);
    };
    let known = hash.is_some();
    let hash = hash.unwrap_or(NOBODY).to_owned();
    off_thread(app, move || {
        let is_right = verified(&normal, &hash).map_err(|_| Failure::impossible("a password hash"))?;
        Ok(is_right && known)
    })
    .await
}

/// Whether this is the password of a PHC string, whatever variant and cost it was made with.
fn verified(password: &Secret, hash: &str) -> argon2::password_hash::Result<bool> {
    let kept = PasswordHash::new(hash)?;
    let (Some(salt), Some(output)) = (&kept.salt, &kept.hash) else {
        return Err(argon2::password_hash::Error::EncodingInvalid);
    };
    let version = kept.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let argon2 = Argon2::new(Algorithm::try_from(kept.algorithm.as_str())?, version, Params::try_from(&kept)?);
    Ok(hashed(&argon2, password, salt, output.len())? == *output)
}

/// Whether two passwords are the same one, however their keyboards write it.
#[must_use]
pub fn same(one: &Secret, other: &Secret) -> bool {
    // Both were typed by the same person a moment ago: there is nothing to learn from the time this takes.
    matches!((normal_form(one), normal_form(other)), (Some(one), Some(other)) if one.expose() == other.expose())
}

/// The one spelling in which a password is counted and hashed: NFKC, so that every keyboard's accents are the same (NIST SP 800-63B
/// section 3.1.1.2). `None` when it is too long.
fn normal_form(password: &Secret) -> Option<Secret> {
    let fits = password.expose().chars().take(LONGEST as usize + 1).count() <= LONGEST as usize;
    fits.then(|| Secret::new(password.expose().nfkc().collect()))
}

/// Does costly work off the async threads, under a permit that the work itself holds: a request that goes away frees no memory.
async fn off_thread<T: Send + 'static>(app: &App, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let waiting = app.figures.password_waits();
    let permit = tokio::time::timeout(PATIENCE, app.hashing.clone().acquire_owned()).await;
    drop(waiting);
    let permit = permit.map_err(|_| {
        app.figures.password_refused();
        Failure::Busy("too many passwords wait")
    })?;
    let permit = permit.map_err(|_| Failure::Busy("shutting down"))?;
    let done = tokio::task::spawn_blocking(move || {
        let result = work();
        drop(permit);
        result
    });
    done.await.map_err(|_| Failure::internal("hashing broke off"))?
}
