//! Authenticator apps: time-based one-time passwords (RFC 6238) with SHA-1, six digits and steps of thirty seconds, which every app
//! understands.

use crate::entropy::Entropy;
use crate::error::{Failure, Result};
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;
use fast_qr::{ECL, convert::Builder as _};
use poterne_protocol::secret::Secret;
use poterne_protocol::time::Timestamp;
use zeroize::Zeroizing;

/// Bytes of a secret: 160 bits (RFC 4226 section 4, R6).
const SECRET_LEN: usize = 20;
/// Seconds of a step (RFC 6238 section 4.1).
const STEP: i64 = 30;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The secret that the app and the provider share. It is wiped when dropped and never printed.
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<[u8; SECRET_LEN]>);

impl TotpSecret {
    /// A new random secret.
    #[must_use]
    pub fn generate(entropy: &Entropy) -> Self {
        Self(Zeroizing::new(entropy.bytes()))
    }

    /// A secret as it was sealed.
    ///
    /// # Errors
    /// [`Failure::ImpossibleRow`] when it has another length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let bytes = bytes.try_into().map_err(|_| Failure::impossible("a secret of an authenticator app"))?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// The bytes, to be sealed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; SECRET_LEN] {
        &self.0
    }

    /// The secret in base32 (RFC 4648 section 6), to be typed or put into a URI.
    #[must_use]
    pub fn base32(&self) -> Secret {
        let mut text = String::with_capacity(SECRET_LEN * 8 / 5);
        for chunk in self.0.chunks(5) {
            let word = chunk.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
            let digits = (0..8).rev().filter_map(|at| BASE32.get((word >> (5 * at) & 31) as usize));
            text.extend(digits.map(|digit| char::from(*digit)));
        }
        Secret::new(text)
    }

    /// The secret in groups of four letters, as people type it.
    #[must_use]
    pub fn groups(&self) -> Vec<String> {
        let text = self.base32();
        let letters: Vec<char> = text.expose().chars().collect();
        letters.chunks(4).map(|group| group.iter().collect()).collect()
    }

    /// The `otpauth://` address for an app: whose code it is and for which service (Key URI Format). It holds the secret.
    #[must_use]
    pub fn provisioning(&self, issuer: &str, account: &str) -> Secret {
        // A colon parts issuer and account, so neither may hold one.
        let [issuer, account] = [issuer, account].map(|text| percent_encoded(&text.replace(':', " ")));
        let secret = self.base32();
        let secret = secret.expose();
        Secret::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP}"
        ))
    }

    /// The step that these digits belong to: the current one or the one before it, and later than the last one used (RFC 6238 section
    /// 5.2). Whoever gets one must still win it with [`use_totp_step`](super::use_totp_step).
    #[must_use]
    pub fn check(&self, digits: &str, now: Timestamp, last_step: i64) -> Option<i64> {
        let totp = totp_rs::Builder::new().with_secret(*self.0).with_skew(0).build().ok()?;
        let current = now.secs().div_euclid(STEP);
        let right = |step: &i64| {
            let time = u64::try_from(step * STEP).ok();
            time.is_some_and(|time| totp.check(digits, time).is_some())
        };
        // Both are computed always, so that the time taken tells nothing.
        let found = [current, current - 1].map(|step| right(&step).then_some(step));
        found.into_iter().flatten().find(|step| *step > last_step)
    }

    /// The six digits an app shows now.
    #[cfg(test)]
    pub(crate) fn digits_at(&self, now: Timestamp) -> String {
        let totp = totp_rs::Builder::new().with_secret(*self.0).build().unwrap();
        totp.generate(u64::try_from(now.secs()).unwrap()).to_string()
    }
}

/// A text as a QR code: an `<svg>` element, dark on white with its quiet zone of four modules, without style, script or size.
///
/// # Errors
/// When the text is longer than any QR code holds.
pub fn qr_svg(text: &Secret) -> Result<String> {
    let code = QRBuilder::new(text.expose()).ecl(ECL::M).build();
    let code = code.map_err(|_| Failure::internal("too long for a QR code"))?;
    Ok(SvgBuilder::default().margin(4).to_str(&code))
}

/// Percent-encoding of everything but unreserved characters (RFC 3986 section 2.3); apps do not read `+` as a space.
fn percent_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890").unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(seconds)
    }

    #[test]
    fn rfc6238_appendix_b_the_codes_are_those_of_the_rfc() {
        for (time, digits) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            assert_eq!(secret().check(digits, at(time), 0), Some(time / 30), "{time}");
        }
    }

    #[test]
    fn b3_38_only_the_current_and_the_previous_step_pass_and_none_twice() {
        let (secret, now) = (secret(), at(1_000_000_010));
        let step = 1_000_000_010 / 30;
        let code = |ago: i64| secret.digits_at(at(1_000_000_010 - 30 * ago));
        for (ago, last, found) in [
            (0, 0, Some(step)),
            (1, 0, Some(step - 1)),
            (2, 0, None),
            (-1, 0, None),
            (0, step - 1, Some(step)),
            (0, step, None),
            (1, step - 1, None),
            (1, step, None),
        ] {
            assert_eq!(secret.check(&code(ago), now, last), found, "{ago} steps ago, last used {last}");
        }
        for typed in ["", "28708", "2870821", "abcdef"] {
            assert_eq!(secret.check(typed, now, 0), None, "{typed}");
        }
    }

    #[test]
    fn s_14_an_app_is_set_up_by_qr_code_or_by_typing() {
        let uri = secret().provisioning("Caisse: Lindenhof", "marie+a@lac.example");
        assert_eq!(
            uri.expose(),
            "otpauth://totp/Caisse%20%20Lindenhof:marie%2Ba%40lac.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Caisse%20%20Lindenhof&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(secret().groups(), ["GEZD", "GNBV", "GY3T", "QOJQ", "GEZD", "GNBV", "GY3T", "QOJQ"]);
        let svg = qr_svg(&uri).unwrap();
        assert!(svg.starts_with("<svg viewBox=") && svg.ends_with("</svg>"), "{svg}");
        assert!(!svg.contains("style") && !svg.contains("script") && !svg.contains("GEZD"));
    }
}
