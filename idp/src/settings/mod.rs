//! What an operator says: a realm's document, and the limits and lifetimes that apply where it is silent.

mod check;
mod policy;
mod population;
mod realm;
mod registration;

pub use check::issuer_mistakes;
pub use policy::Policy;
pub use population::{
    AcceptTerms, CodeSettings, FactorKind, IdentifierField, IdentifierKind, PasswordRule, Population, SecondFactor, Terms,
    TermsVersion, UserData,
};
pub use realm::{Branding, Contact, RealmDocument, Sender};
pub use registration::Registration;
