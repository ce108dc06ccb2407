//! Passwords: Argon2id (RFC 9106) for what is kept, and the judgement of a new one.

mod judge;

pub use judge::judge;

use crate::app::App;
use crate::error::{Failure, Result};
use crate::settings::PasswordRule;
use crate::web::form::Fault;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use poterne_protocol::secret::Secret;
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
        let hash: PasswordHash = argon2
            .hash_password_with_salt(normal.expose().as_bytes(), &salt)
            .map_err(|_| Failure::internal("a password cannot be hashed"))?;
        Ok(hash.to_string())
    })
    .await
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
    off_thread(app, move || match Argon2::default().verify_password(normal.expose().as_bytes(), hash.as_str()) {
        Ok(()) => Ok(known),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(_) => Err(Failure::impossible("a password hash")),
    })
    .await
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
