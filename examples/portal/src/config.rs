//! The settings of one portal.

use openidconnect::{IssuerUrl, PostLogoutRedirectUrl, RedirectUrl};
use serde::Deserialize;
use url::Url;

use crate::{brand::Brand, guard::is_loopback, language::Language};

/// The settings of one portal. It has no `Debug`: it may hold the client's secret.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortalConfig {
    /// The portal's name, as people know it.
    pub name: String,
    /// Colours, mark and wording.
    pub brand: Brand,
    /// The provider's issuer identifier, byte for byte as its metadata says (OpenID Connect Discovery 1.0, section 4.3).
    pub issuer: String,
    /// The client identifier the provider knows this portal by.
    pub client_id: String,
    /// A confidential client's secret, sent as `client_secret_basic`; none for a public client, which has PKCE only.
    #[serde(default)]
    pub client_secret: Option<String>,
    /// The portal's own address, without a path. Register `<public_url>/callback` as redirect URI and
    /// `<public_url>/signed-out` as post-logout redirect URI.
    pub public_url: String,
    /// The languages offered, the first one for visitors whose browser asks for none of them.
    #[serde(default = "all_languages")]
    pub languages: Vec<Language>,
    /// Scopes asked for beside `openid`.
    #[serde(default = "usual_scopes")]
    pub scopes: Vec<String>,
}

fn all_languages() -> Vec<Language> {
    Language::ALL.to_vec()
}

fn usual_scopes() -> Vec<String> {
    vec!["email".to_owned(), "profile".to_owned()]
}

/// Which setting does not fit.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not an address at all.
    #[error("{setting} is not an address: {reason}")]
    NotAnAddress {
        /// The setting's name.
        setting: &'static str,
        /// What is wrong with it.
        reason: url::ParseError,
    },
    /// Clear http is for the loopback interface only.
    #[error("{0} must be https, or http on localhost")]
    NotSafe(&'static str),
    /// Cookies and paths belong to a whole host.
    #[error("public_url must have no path, query or fragment")]
    PublicUrlWithPath,
    /// A portal needs a language.
    #[error("languages is empty")]
    NoLanguage,
    /// The brand says nothing in a language that is offered.
    #[error("the brand has no words in «{0}»")]
    BrandWithoutWords(&'static str),
    /// A client registered with an empty secret is a mistake, not a public client.
    #[error("client_secret is empty; leave it out for a public client")]
    EmptySecret,
    /// The portal's own words, templates or HTTP client could not be set up.
    #[error("the portal could not be set up: {0}")]
    Setup(String),
}

/// The addresses of a portal, read once.
pub(crate) struct Addresses {
    pub(crate) public_url: Url,
    pub(crate) issuer: IssuerUrl,
    pub(crate) redirect: RedirectUrl,
    pub(crate) signed_out: PostLogoutRedirectUrl,
}

impl PortalConfig {
    /// The page of the provider where people change their password and see their sessions; it leads back to this portal.
    pub(crate) fn account(&self, issuer: &Url) -> String {
        let mut url = issuer.clone();
        url.set_path(&format!("{}/ui/account", issuer.path().trim_end_matches('/')));
        url.query_pairs_mut().append_pair("client_id", &self.client_id);
        url.into()
    }

    /// Checks the settings against each other and reads the addresses.
    pub(crate) fn addresses(&self) -> Result<Addresses, ConfigError> {
        if self.languages.is_empty() {
            return Err(ConfigError::NoLanguage);
        }
        if let Some(language) = self.languages.iter().find(|language| !self.brand.words.contains_key(language)) {
            return Err(ConfigError::BrandWithoutWords(language.code()));
        }
        if self.client_secret.as_deref() == Some("") {
            return Err(ConfigError::EmptySecret);
        }
        let not = |setting| move |reason| ConfigError::NotAnAddress { setting, reason };
        let public_url = Url::parse(&self.public_url).map_err(not("public_url"))?;
        if public_url.path() != "/" || public_url.query().is_some() || public_url.fragment().is_some() {
            return Err(ConfigError::PublicUrlWithPath);
        }
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(not("issuer"))?;
        for (setting, url) in [("public_url", &public_url), ("issuer", issuer.url())] {
            if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(url)) {
                return Err(ConfigError::NotSafe(setting));
            }
        }
        let own = public_url.as_str().trim_end_matches('/');
        Ok(Addresses {
            redirect: RedirectUrl::new(format!("{own}/callback")).map_err(not("public_url"))?,
            signed_out: PostLogoutRedirectUrl::new(format!("{own}/signed-out")).map_err(not("public_url"))?,
            issuer,
            public_url,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> PortalConfig {
        PortalConfig {
            name: "Portal".to_owned(),
            brand: Brand::example("flex").unwrap(),
            issuer: "http://localhost:8080/realm".to_owned(),
            client_id: "portal".to_owned(),
            client_secret: None,
            public_url: "http://localhost:8081".to_owned(),
            languages: all_languages(),
            scopes: usual_scopes(),
        }
    }

    #[test]
    fn the_addresses_to_register_follow_from_the_public_url() {
        let addresses = config().addresses().unwrap();
        assert_eq!(addresses.redirect.as_str(), "http://localhost:8081/callback");
        assert_eq!(config().account(addresses.issuer.url()), "http://localhost:8080/realm/ui/account?client_id=portal");
        assert_eq!(addresses.signed_out.as_str(), "http://localhost:8081/signed-out");
        assert_eq!(addresses.issuer.as_str(), "http://localhost:8080/realm");
    }

    #[test]
    fn a_setting_that_does_not_fit_is_named() {
        let says = |change: fn(&mut PortalConfig)| {
            let mut config = config();
            change(&mut config);
            config.addresses().err().unwrap().to_string()
        };
        assert!(says(|c| c.issuer = "http://idp.example".to_owned()).starts_with("issuer must be https"));
        assert!(says(|c| c.public_url = "http://portal.example".to_owned()).starts_with("public_url must be https"));
        assert!(says(|c| c.public_url = "https://portal.example/app".to_owned()).starts_with("public_url must have no path"));
        assert!(says(|c| c.public_url = "portal".to_owned()).starts_with("public_url is not an address"));
        assert!(says(|c| c.client_secret = Some(String::new())).starts_with("client_secret is empty"));
        assert!(says(|c| c.languages.clear()).starts_with("languages is empty"));
        assert!(says(|c| c.brand.words.clear()).contains("«fr»"));
    }
}
