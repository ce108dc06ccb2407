//! What the client wishes the person to see: `prompt` and `display` (OpenID Connect Core section 3.1.2.1).

use crate::error::AuthorizationError;
use crate::wire::Params;
use serde::{Deserialize, Serialize};

/// What the client wants the person to be asked (OpenID Connect Core section 3.1.2.1, Initiating User Registration 1.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// No page at all.
    None,
    /// To sign in, even with a session.
    Login,
    /// To consent, even if they did before.
    Consent,
    /// To choose an account.
    SelectAccount,
    /// To create an account.
    Create,
}

impl Prompt {
    /// Every prompt that is understood.
    pub const ALL: [Self; 5] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount, Self::Create];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
            Self::Create => "create",
        }
    }
}

/// How much room the client leaves for pages (OpenID Connect Core section 3.1.2.1). A wish, never an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Display {
    /// The whole window.
    Page,
    /// A pop-up window.
    Popup,
    /// A touch screen.
    Touch,
    /// A feature phone.
    Wap,
}

/// `none` stands alone (OpenID Connect Core section 3.1.2.1); an unknown word is refused (Initiating User Registration 1.0
/// section 4.1).
pub(super) fn prompts(params: &Params) -> Result<Vec<Prompt>, AuthorizationError> {
    let mut prompts = Vec::new();
    for word in params.get("prompt").into_iter().flat_map(|text| text.split(' ')).filter(|word| !word.is_empty()) {
        let known = Prompt::ALL.into_iter().find(|known| known.as_str() == word);
        let prompt = known.ok_or_else(|| AuthorizationError::invalid_request("prompt has an unknown value"))?;
        if !prompts.contains(&prompt) {
            prompts.push(prompt);
        }
    }
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(AuthorizationError::invalid_request("prompt=none stands alone"));
    }
    Ok(prompts)
}

/// Reads the wish; what we do not know is no wish.
pub(super) fn display(params: &Params) -> Option<Display> {
    match params.get("display")? {
        "page" => Some(Display::Page),
        "popup" => Some(Display::Popup),
        "touch" => Some(Display::Touch),
        "wap" => Some(Display::Wap),
        _ => None,
    }
}
