//! What an account is, and when it may sign in.

use crate::lang::Lang;
use poterne_protocol::claims::level::Level;
use poterne_protocol::id::{AccountId, EntryId};
use poterne_protocol::secret::Sealed;
use poterne_protocol::time::Timestamp;
use unicode_normalization::UnicodeNormalization;

/// An account. Locked is a time, suspended the fund's decision, deactivated an organisation's fact, and a leaver's
/// access has an end: four fields, each alone enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Names the account.
    pub id: AccountId,
    /// The population it enrolled in.
    pub population: String,
    /// Its entry in the fund's registry.
    pub entry: Option<EntryId>,
    /// User name: canonical e-mail address.
    pub email: String,
    /// When the address was proven.
    pub email_verified_at: Option<Timestamp>,
    /// The language of its mails.
    pub language: Lang,
    /// Form of address.
    pub title: Option<String>,
    /// Last name, where it was asked.
    pub last_name: Option<String>,
    /// First name, where it was asked.
    pub first_name: Option<String>,
    /// Further standard claims, sealed; see [`super::claims_of`].
    pub claims: Option<Sealed>,
    /// Argon2id, in PHC form.
    pub password_hash: String,
    /// When the password was set. What outlives sessions (`offline_access`) ends with the password it was granted under.
    pub password_set_at: Timestamp,
    /// How strongly it signs in. It never falls.
    pub level: Level,
    /// No sign-in before then.
    pub locked_until: Option<Timestamp>,
    /// Since when the fund suspends it.
    pub suspended_at: Option<Timestamp>,
    /// Since when it is deactivated.
    pub deactivated_at: Option<Timestamp>,
    /// When the access of whoever left the fund ends.
    pub access_ends_at: Option<Timestamp>,
    /// When everything was last ended: by its owner («everywhere», «this was not me») or by the fund. What was begun or issued before
    /// counts no more, also after the account is given back.
    pub cut_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The last sign-in.
    pub last_login_at: Option<Timestamp>,
    /// The one before.
    pub previous_login_at: Option<Timestamp>,
}

impl Account {
    /// Whether the account may have sessions and tokens now. Every pathway asks this.
    #[must_use]
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.suspended_at.is_none()
            && self.deactivated_at.is_none()
            && self.locked_until.is_none_or(|until| until <= now)
            && self.access_ends_at.is_none_or(|end| now < end)
    }

    /// Whether everything was ended since this time.
    #[must_use]
    pub fn is_cut_since(&self, begun: Timestamp) -> bool {
        self.cut_at.is_some_and(|cut| begun < cut)
    }
}

/// The one spelling of an e-mail address by which accounts are compared: NFC, lower case, the domain in A-labels (RFC 5890).
/// `None` when it is no address that a mail could reach.
#[must_use]
pub fn canonical_email(typed: &str) -> Option<String> {
    // Twice, because small letters compose where capitals do not: J with a caron.
    let text: String = typed.trim().nfc().collect::<String>().to_lowercase().nfc().collect();
    let (local, domain) = text.rsplit_once('@')?;
    let domain = idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::URL).ok()?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"\"(),:;<>@[\\]".contains(c);
    let dots = |text: &str| !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
    let local_fine = (1..=64).contains(&local.len()) && local.chars().all(plain) && dots(local);
    let domain_fine = domain.len() <= 253 && domain.contains('.') && dots(&domain) && !domain.split('.').any(str::is_empty);
    (local_fine && domain_fine).then(|| format!("{local}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        for (typed, canonical) in [
            ("marie.favre@lac.example", Some("marie.favre@lac.example")),
            ("  Marie.Favre@LAC.example ", Some("marie.favre@lac.example")),
            ("e\u{301}lodie@caf\u{e9}.example", Some("\u{e9}lodie@xn--caf-dma.example")),
            ("élodie@CAFÉ.example", Some("élodie@xn--caf-dma.example")),
            ("a+b@x.example", Some("a+b@x.example")),
            ("J\u{30c}@x.example", Some("\u{1f0}@x.example")),
            ("\u{1f0}@x.example", Some("\u{1f0}@x.example")),
            ("marie", None),
            ("marie@", None),
            ("@lac.example", None),
            ("marie@localhost", None),
            ("ma rie@lac.example", None),
            ("marie@lac..example", None),
            ("marie.@lac.example", None),
            ("marie@lac.example\r\nBcc: x@y.example", None),
            ("<marie@lac.example>", None),
        ] {
            assert_eq!(canonical_email(typed).as_deref(), canonical, "{typed:?}");
        }
    }
}
