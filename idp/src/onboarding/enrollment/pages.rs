//! What a person sees between an activation code and an account.
//!
//! Every step's form posts `action`: `next`, `back`, `cancel` or `resend`.

use crate::access::signin::FactorKind;
use crate::settings::PasswordRule;
use crate::web::form::{Form, Resend};
use crate::web::render::Link;
use serde::Serialize;

mod samples;

/// The steps of the header (V-10), in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "u8")]
pub enum WizardStep {
    /// 1: who the person is.
    Identification,
    /// 2: e-mail and password.
    UserData,
    /// 3: the code from the mail.
    ConfirmEmail,
    /// 4: SMS or app.
    ChooseFactor,
    /// 5: the code from the factor.
    ConfirmFactor,
}

impl From<WizardStep> for u8 {
    fn from(step: WizardStep) -> Self {
        match step {
            WizardStep::Identification => 1,
            WizardStep::UserData => 2,
            WizardStep::ConfirmEmail => 3,
            WizardStep::ChooseFactor => 4,
            WizardStep::ConfirmFactor => 5,
        }
    }
}

/// What every step shows: the population as heading (V-09) and where one stands (V-10).
#[derive(Debug, Clone, Serialize)]
pub struct Wizard {
    /// The population's name in the page's language.
    pub population: String,
    /// The current step.
    pub step: WizardStep,
}

/// Who are you? (V-07, S-03)
#[derive(Debug, Clone, Serialize)]
pub struct PopulationPage {
    /// The populations that may enrol, each leading to its first step.
    pub populations: Vec<PopulationChoice>,
    /// Where «Annuler» leads: back to the sign-in.
    pub cancel_url: String,
}

/// One population to choose.
#[derive(Debug, Clone, Serialize)]
pub struct PopulationChoice {
    /// Its short name; part of the link's id.
    pub key: String,
    /// Its name in the page's language.
    pub name: String,
    /// A sentence on who belongs to it.
    pub hint: Option<String>,
    /// Its first step.
    pub url: String,
}

/// How a field is filled in; gives keyboard, completion and, where the realm says nothing, label and hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// An AVS number, 756.xxxx.xxxx.xx.
    AvsNumber,
    /// A date of birth, dd.mm.yyyy in one field.
    BirthDate,
    /// An activation code.
    ActivationCode,
    /// Any other text.
    Text,
}

/// A field that identifies: data of the population, never a branch in code.
#[derive(Debug, Clone, Serialize)]
pub struct FieldView {
    /// The form field's name.
    pub name: String,
    /// How it is filled in.
    pub kind: FieldKind,
    /// The realm's own label; `None` takes the kind's. `Text` must have one.
    pub label: Option<String>,
    /// The realm's own hint; `None` takes the kind's, if it has one.
    pub hint: Option<String>,
    /// The `autocomplete` attribute; `None` is `off`.
    pub autocomplete: Option<String>,
    /// The `inputmode` attribute; `None` takes the kind's.
    pub inputmode: Option<String>,
}

/// The terms at step 1 (V-15).
#[derive(Debug, Clone, Serialize)]
pub struct TermsLink {
    /// Where they are read.
    pub url: String,
}

/// Step 1 (V-11, V-15, V-16, S-04, S-06). Form fields: as `fields` name them, and `terms` = `yes`.
#[derive(Debug, Clone, Serialize)]
pub struct IdentifyPage {
    /// Population and step.
    pub wizard: Wizard,
    /// Values by the fields' names; `terms` is `yes` when ticked.
    pub form: Form,
    /// What identifies, in the population's order.
    pub fields: Vec<FieldView>,
    /// The population whose page takes the code that was typed here, with the way there.
    pub elsewhere: Option<Link>,
    /// The terms, when this population accepts them here.
    pub terms: Option<TermsLink>,
}

/// Step 1 shown again by «Retour» on step 2: to read, not to repeat (`domain.md` Model 4). Posts `next` or `cancel`.
#[derive(Debug, Clone, Serialize)]
pub struct IdentifiedPage {
    /// Population and step.
    pub wizard: Wizard,
    /// Where it is posted; it has no fields.
    pub form: Form,
    /// Label and value, masked where the domain asks for it; the code is not among them.
    pub answers: Vec<Answer>,
    /// Whether the terms were accepted here.
    pub terms_accepted: bool,
}

/// An answer given earlier.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// As [`FieldView::kind`].
    pub kind: FieldKind,
    /// As [`FieldView::label`].
    pub label: Option<String>,
    /// What is shown.
    pub value: String,
}

/// Step 2 (V-17 to V-21, S-07, S-08). Form fields: `title`, `family_name`, `given_name` when asked, `email`, `password`, `password_repeat`.
#[derive(Debug, Clone, Serialize)]
pub struct UserDataPage {
    /// Population and step.
    pub wizard: Wizard,
    /// Values: all but the passwords. `title` is `ms`, `mr` or `none`.
    pub form: Form,
    /// The masked address of the account that gets a new password; it is not asked then.
    pub account: Option<String>,
    /// Whether title, last and first name are asked (V-17).
    pub ask_name: bool,
    /// Whether the password is asked twice (V-20).
    pub repeat_password: bool,
    /// The rule written on the page.
    pub rule: PasswordRule,
}

/// Step 3 (V-22 to V-25, S-09, S-10). Form field: `code`.
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmEmailPage {
    /// Population and step.
    pub wizard: Wizard,
    /// No value is put back.
    pub form: Form,
    /// The address the code was sent to; masked as long as it is an account's and not proven here.
    pub email: String,
    /// Whether it is an account's, which is not changed here.
    pub fixed: bool,
    /// Minutes the code is good for.
    pub minutes: u32,
    /// Sending again.
    pub resend: Resend,
    /// Whether the address is confirmed already and the page only shows that, after «Retour» on step 4.
    pub confirmed: bool,
}

/// Step 4 (V-26, V-27, S-11, S-12). Form fields: `factor` = `sms` or `totp`, `phone`.
#[derive(Debug, Clone, Serialize)]
pub struct ChooseFactorPage {
    /// Population and step.
    pub wizard: Wizard,
    /// Values: `factor`, `phone`.
    pub form: Form,
    /// What this population allows, in its order; of a single one nothing is asked.
    pub allowed: Vec<FactorKind>,
}

/// Step 5 (V-28 to V-30, S-13, S-14). Form field: `code`.
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmFactorPage {
    /// Population and step.
    pub wizard: Wizard,
    /// No value is put back.
    pub form: Form,
    /// What is confirmed.
    pub factor: NewFactor,
}

/// A factor about to be confirmed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum NewFactor {
    /// A code was sent to this number.
    Sms {
        /// The whole number as written for people: this is where it may still be wrong.
        number: String,
        /// Minutes the code is good for.
        minutes: u32,
        /// Sending again.
        resend: Resend,
    },
    /// A secret for the authenticator app.
    Totp {
        /// The QR code: an `<svg>` element of our own making, put into the page as it is. It must not carry a `style` attribute.
        qr_svg: String,
        /// The secret in groups of four, to be typed.
        secret_groups: Vec<String>,
        /// The `otpauth://` address, for an app on the same device.
        uri: String,
    },
}

/// Done (S-15, V-31), and on to the portal, signed in.
#[derive(Debug, Clone, Serialize)]
pub struct SuccessPage {
    /// The population as heading.
    pub population: String,
    /// The login name from now on.
    pub username: String,
    /// Finishes the waiting request, or leads to the portal.
    pub onward: Option<Link>,
}

/// «Annuler»: nothing was kept, the code still works.
#[derive(Debug, Clone, Serialize)]
pub struct CancelledPage {
    /// Begins again.
    pub restart_url: String,
    /// The app that asked.
    pub back: Option<Link>,
}

/// Why an enrollment cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// None of this name was begun in this browser, or it is gone.
    Unknown,
    /// It was left for longer than it can be resumed.
    Expired,
    /// A newer one was begun with the same code.
    Superseded,
    /// The code ran out or was withdrawn meanwhile.
    CodeGone,
    /// The code has made an account. Said only after matching identifiers and the exact code.
    CodeUsed,
    /// The person has an account, though not by this code. Said only after matching identifiers and the exact code.
    AccountExists,
    /// The address has an account. Said only to who proved that the address is theirs.
    EmailTaken,
    /// The terms accepted are no longer those in force.
    TermsChanged,
}

impl StopReason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::Unknown,
        Self::Expired,
        Self::Superseded,
        Self::CodeGone,
        Self::CodeUsed,
        Self::AccountExists,
        Self::EmailTaken,
        Self::TermsChanged,
    ];
}

/// The enrollment cannot go on: why, and what the person can do.
#[derive(Debug, Clone, Serialize)]
pub struct StoppedPage {
    /// Why.
    pub reason: StopReason,
    /// What to do: begin again, sign in or change the address, as the reason asks.
    pub way_on: String,
    /// The app that asked.
    pub back: Option<Link>,
}
