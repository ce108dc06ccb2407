//! What a person sees of their own account. Times are those of the realm's clocks, `2026-11-22T10:00:00`.

use super::rules::{Done, Safety};
use crate::access::consent::Thing;
use crate::settings::PasswordRule;
use crate::web::form::{Fault, Form};
use crate::web::render::{Link, Page};
use serde::Serialize;

/// A second factor.
#[derive(Debug, Clone, Serialize)]
pub struct FactorRow {
    /// `sms` or `totp`.
    pub(super) kind: &'static str,
    /// The masked number for SMS.
    pub(super) target: Option<String>,
    /// Since when.
    pub(super) since: String,
    /// When it was last used to sign in.
    pub(super) last_used: Option<String>,
}

/// A session.
#[derive(Debug, Clone, Serialize)]
pub struct SessionRow {
    /// What its button names.
    pub(super) id: String,
    /// The device in words, where it is known.
    pub(super) device: Option<String>,
    /// The place in words, where it is known.
    pub(super) place: Option<String>,
    /// When it began.
    pub(super) begun: String,
    /// When it was last used.
    pub(super) last_used: String,
    /// Whether it is the one this page is seen in.
    pub(super) current: bool,
}

/// A portal that the person signed in to.
#[derive(Debug, Clone, Serialize)]
pub struct PortalRow {
    /// Its name.
    pub(super) name: String,
    /// Its home, where it is the realm's own.
    pub(super) url: Option<String>,
    /// When the person last signed in there.
    pub(super) at: String,
    /// Where its access is taken back, as long as it has some.
    pub(super) withdraw_url: Option<String>,
}

/// An application that has access to the account.
#[derive(Debug, Clone, Serialize)]
pub struct AppRow {
    /// Its name.
    pub(super) name: String,
    /// What it gets.
    pub(super) things: Vec<Thing>,
    /// Since when.
    pub(super) since: String,
    /// When it was last used, as far as that is known.
    pub(super) last_used: Option<String>,
    /// Where its access is taken back.
    pub(super) withdraw_url: String,
}

/// Terms that were accepted.
#[derive(Debug, Clone, Serialize)]
pub struct TermsRow {
    /// Whose terms they are.
    pub(super) population: String,
    /// Their version.
    pub(super) version: u32,
    /// What the language shown is called by its speakers.
    pub(super) language: &'static str,
    /// Its tag.
    pub(super) lang: &'static str,
    /// `registration`, `sign-in` or `operator`.
    pub(super) channel: String,
    /// When.
    pub(super) at: String,
    /// The text.
    pub(super) url: String,
}

/// A language of mails.
#[derive(Debug, Clone, Serialize)]
pub struct LanguageChoice {
    /// Its tag.
    pub(super) tag: &'static str,
    /// What its speakers call it.
    pub(super) name: &'static str,
    /// Whether it is the one in use.
    pub(super) chosen: bool,
}

/// The overview. Buttons post `of` with `action` = `end:<id>` or `everywhere`, and `of` with `language`.
#[derive(Debug, Clone, Serialize)]
pub struct OverviewPage {
    /// The session the page is seen in: a form counts for no other.
    pub(super) of: String,
    /// What was just done.
    pub(super) done: Option<Done>,
    /// How well the account is protected.
    pub(super) safety: Safety,
    /// How many other sessions there are.
    pub(super) others: usize,
    /// First and last name, where they are known.
    pub(super) names: Option<String>,
    /// The population's name.
    pub(super) population: String,
    /// User name and e-mail address in one.
    pub(super) email: String,
    /// When the access of whoever left ends.
    pub(super) access_ends: Option<String>,
    /// Where the password is changed.
    pub(super) password_url: String,
    /// The second factors.
    pub(super) factors: Vec<FactorRow>,
    /// The last sign-in.
    pub(super) last_login: Option<String>,
    /// The one before.
    pub(super) previous_login: Option<String>,
    /// When the account was created.
    pub(super) created: String,
    /// The sessions, this one first.
    pub(super) sessions: Vec<SessionRow>,
    /// Where their buttons post to.
    pub(super) sessions_url: String,
    /// The portals, the last used first.
    pub(super) portals: Vec<PortalRow>,
    /// The applications that are not the fund's own and have access, by name.
    pub(super) apps: Vec<AppRow>,
    /// The terms accepted, the newest first.
    pub(super) terms: Vec<TermsRow>,
    /// The languages of mails; one alone is no choice.
    pub(super) languages: Vec<LanguageChoice>,
    /// Where the choice posts to.
    pub(super) language_url: String,
    /// The portal that the person came from.
    pub(super) back: Option<Link>,
}

fn session(id: &str, device: Option<&str>, place: Option<&str>, current: bool) -> SessionRow {
    SessionRow {
        id: id.into(),
        device: device.map(Into::into),
        place: place.map(Into::into),
        begun: "2026-11-22T09:58:00".into(),
        last_used: "2026-11-22T10:04:00".into(),
        current,
    }
}

fn accepted(channel: &str, version: u32) -> TermsRow {
    TermsRow {
        population: "Assurés ou pensionnés".into(),
        version,
        language: "Français",
        lang: "fr",
        channel: channel.into(),
        at: "2026-01-12T08:25:00".into(),
        url: "/lindenhof/ui/terms/insured/1".into(),
    }
}

fn languages() -> Vec<LanguageChoice> {
    let choice = |tag, name| LanguageChoice { tag, name, chosen: tag == "fr" };
    vec![choice("fr", "Français"), choice("de", "Deutsch"), choice("it", "Italiano"), choice("en", "English")]
}

impl OverviewPage {
    fn usual() -> Self {
        let at = |at: &str| Some(at.to_owned());
        let sms = FactorRow {
            kind: "sms",
            target: at("+41 79 ••• •• 19"),
            since: "2026-01-12T08:30:00".into(),
            last_used: at("2026-11-22T09:58:00"),
        };
        let portal = |name: &str, url: &str, at: &str| PortalRow {
            name: name.into(),
            url: Some(url.into()),
            at: at.into(),
            withdraw_url: Some("/lindenhof/ui/account/apps/lindenhof-flex".into()),
        };
        Self {
            of: "01H8".into(),
            done: None,
            safety: Safety::Both,
            others: 1,
            names: Some("Marie Favre".into()),
            population: "Assurés ou pensionnés".into(),
            email: "marie.favre@mail.example".into(),
            access_ends: None,
            password_url: "/lindenhof/ui/account/password".into(),
            factors: vec![sms],
            last_login: at("2026-11-22T09:58:00"),
            previous_login: at("2026-11-19T18:12:00"),
            created: "2026-01-12T08:30:00".into(),
            sessions: vec![
                session("1", Some("Firefox, Windows"), Some("Suisse"), true),
                session("2", Some("Safari, iPhone"), None, false),
            ],
            sessions_url: "/lindenhof/ui/account/sessions".into(),
            portals: vec![
                portal("Lindenhof flex", "http://localhost:8081/", "2026-11-22T09:58:00"),
                portal("Lindenhof 1e", "http://localhost:8082/", "2026-11-02T19:40:00"),
            ],
            apps: vec![AppRow::sample("Budget Suisse")],
            terms: vec![accepted("registration", 1)],
            languages: languages(),
            language_url: "/lindenhof/ui/account/language".into(),
            back: Some(Link::new("Lindenhof flex", "http://localhost:8081/")),
        }
    }
}

impl Page for OverviewPage {
    const TEMPLATE: &'static str = "pages/account.html";

    fn samples() -> Vec<Self> {
        let usual = Self::usual();
        let bare = Self {
            safety: Safety::Password,
            others: 0,
            names: None,
            access_ends: Some("2027-02-28T23:59:59".into()),
            factors: vec![],
            last_login: None,
            previous_login: None,
            sessions: vec![session("1", None, None, true)],
            portals: vec![],
            apps: vec![],
            terms: vec![],
            languages: languages().into_iter().take(1).collect(),
            back: None,
            ..usual.clone()
        };
        let mut long = Self {
            done: Some(Done::Password),
            others: 2,
            names: Some("Jean-Baptiste Emmanuel d'Arbois de la Tour du Pin-Montauban".into()),
            email: "jean-baptiste.d-arbois-de-la-tour-du-pin@courriel-entreprise-internationale.example".into(),
            ..usual.clone()
        };
        let app = FactorRow { kind: "totp", target: None, since: "2026-02-01T10:00:00".into(), last_used: None };
        long.factors.push(app);
        long.sessions.push(session("3", Some("<Suisse romande>"), Some("Zürich"), false));
        long.portals.push(PortalRow {
            name: "<Suisse romande>".into(),
            url: None,
            at: "2026-11-01T08:00:00".into(),
            withdraw_url: None,
        });
        long.apps.push(AppRow {
            last_used: None,
            ..AppRow::sample("<img src=x onerror=alert(1)>Assistantdedéclarationsfiscalesintercantonales")
        });
        long.terms.extend([accepted("sign-in", 12), accepted("operator", 2)]);
        let done = |done| Self { done: Some(done), ..usual.clone() };
        vec![usual.clone(), bare, long, done(Done::Session), done(Done::Language), done(Done::App)]
    }
}

/// The change of password. Form fields: `of`, `current`, `password`, `password_repeat` where it is asked.
#[derive(Debug, Clone, Serialize)]
pub struct PasswordPage {
    /// Nothing is ever put back.
    pub(super) form: Form,
    /// The session the page is seen in: the form counts for no other.
    pub(super) of: String,
    /// Whose password it is, for password managers.
    pub(super) username: String,
    /// What the new one must satisfy.
    pub(super) rule: PasswordRule,
    /// Whether the new one is asked for twice.
    pub(super) repeat_password: bool,
    /// The overview.
    pub(super) back_url: String,
}

impl Page for PasswordPage {
    const TEMPLATE: &'static str = "pages/account_password.html";

    fn samples() -> Vec<Self> {
        let form = Form::to("/lindenhof/ui/account/password");
        let usual = Self {
            form: form.clone(),
            of: "01H8".into(),
            username: "marie.favre@mail.example".into(),
            rule: PasswordRule { min_length: 8, character_groups: true },
            repeat_password: true,
            back_url: "/lindenhof/ui/account".into(),
        };
        let wrong = form
            .clone()
            .wrong("current", Fault::WrongPassword)
            .wrong("password", Fault::PasswordSame)
            .wrong("password_repeat", Fault::PasswordsDiffer);
        let missing = form.wrong("current", Fault::Required).wrong("password", Fault::PasswordShort(12));
        let plain = PasswordRule { min_length: 12, character_groups: false };
        vec![
            usual.clone(),
            Self { form: wrong, ..usual.clone() },
            Self { form: missing.refused(Fault::TooManyTries(4)), rule: plain, repeat_password: false, ..usual },
        ]
    }
}

/// Asks before an application's access is taken back. `action` is `withdraw` or `keep`.
#[derive(Debug, Clone, Serialize)]
pub struct AppPage {
    /// It has no fields.
    pub(super) form: Form,
    /// The session the page is seen in: the form counts for no other.
    pub(super) of: String,
    /// Whether it is one of the fund's own, which gets its access back without asking.
    pub(super) own: bool,
    /// The application.
    pub(super) app: AppRow,
    /// The overview.
    pub(super) back_url: String,
}

impl Page for AppPage {
    const TEMPLATE: &'static str = "pages/account_app.html";

    fn samples() -> Vec<Self> {
        let page = |own, app| Self {
            form: Form::to("/lindenhof/ui/account/apps/budget"),
            of: "01H8".into(),
            own,
            app,
            back_url: "/lindenhof/ui/account".into(),
        };
        let new = AppRow { last_used: None, ..AppRow::sample("Assistant des déclarations fiscales <intercantonales>") };
        vec![page(false, AppRow::sample("Budget Suisse")), page(true, AppRow::sample("Lindenhof flex")), page(false, new)]
    }
}
