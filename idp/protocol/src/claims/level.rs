//! How surely a person proved who they are: `acr` and `amr` (OpenID Connect Core section 2).

use serde::{Deserialize, Serialize};

/// The level of a sign-in, weakest first; `acr` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// One factor.
    #[serde(rename = "urn:poterne:level:single")]
    Single,
    /// Two factors of different kinds.
    #[serde(rename = "urn:poterne:level:multi")]
    Multi,
    /// A factor that cannot be used on a look-alike site.
    #[serde(rename = "urn:poterne:level:phishing-resistant")]
    PhishingResistant,
}

impl Level {
    /// Every level, weakest first.
    pub const ALL: [Self; 3] = [Self::Single, Self::Multi, Self::PhishingResistant];

    /// The value of `acr`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Single => "urn:poterne:level:single",
            Self::Multi => "urn:poterne:level:multi",
            Self::PhishingResistant => "urn:poterne:level:phishing-resistant",
        }
    }
}

/// A method of proof (RFC 8176 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Amr {
    /// A password.
    Pwd,
    /// A one-time password, such as an authenticator app's.
    Otp,
    /// A code sent to a phone number.
    Sms,
    /// Several factors.
    Mfa,
}

/// The value of `amr` for the factors that were shown: each once, with `mfa` when there were several.
#[must_use]
pub fn amr(shown: &[Amr]) -> Vec<Amr> {
    let mut methods: Vec<Amr> = shown.iter().copied().filter(|method| *method != Amr::Mfa).collect();
    methods.sort_unstable();
    methods.dedup();
    if methods.len() > 1 {
        methods.push(Amr::Mfa);
    }
    methods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc8176_2_several_factors_are_mfa() {
        let json = |shown: &[Amr]| serde_json::to_string(&amr(shown)).unwrap();
        assert_eq!(json(&[Amr::Pwd]), r#"["pwd"]"#);
        assert_eq!(json(&[Amr::Sms, Amr::Pwd, Amr::Sms]), r#"["pwd","sms","mfa"]"#);
        assert_eq!(json(&[Amr::Otp, Amr::Pwd, Amr::Mfa]), r#"["pwd","otp","mfa"]"#);
    }

    #[test]
    fn levels_rise_and_read_like_they_are_written() {
        assert!(Level::Single < Level::Multi && Level::Multi < Level::PhishingResistant);
        for level in Level::ALL {
            assert_eq!(serde_json::to_value(level).unwrap(), level.as_str());
        }
    }
}
