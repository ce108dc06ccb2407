//! The authenticator app of a ready-made account, for those who have none at hand.

use crate::demo::seed::{SeededAccount, SeededFactor};

/// Seconds for which an app shows a code (RFC 6238, section 5.2).
const STEP: u64 = 30;

/// What the app shows.
pub struct Shown {
    /// Six digits.
    pub digits: String,
    /// For how many seconds more.
    pub seconds: u64,
}

/// What the app of this account shows at `now`, in seconds since 1970; nothing for an account without app.
pub fn shown(account: &SeededAccount, now: u64) -> Option<Shown> {
    let secret = account.factors.iter().find_map(|factor| match factor {
        SeededFactor::Totp { secret } => Some(secret.replace(' ', "")),
        SeededFactor::Sms { .. } => None,
    })?;
    let secret = totp_rs::Secret::try_from_base32(secret).ok()?;
    let totp = totp_rs::Builder::new().with_secret(secret).build().ok()?;
    Some(Shown { digits: totp.generate(now).to_string(), seconds: STEP - now % STEP })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_app_shows_the_digits_of_the_rfc() {
        // The secret and a time of RFC 6238, appendix B; its eight digits end with these six.
        let factors = vec![SeededFactor::Totp { secret: "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ".to_owned() }];
        let [fund, person, login, password] = [(); 4].map(|()| String::new());
        let shown = shown(&SeededAccount { fund, person, login, password, factors }, 1_111_111_109).unwrap();
        assert_eq!((shown.digits.as_str(), shown.seconds), ("081804", 1));
    }
}
