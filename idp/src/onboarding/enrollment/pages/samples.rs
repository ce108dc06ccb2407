//! The pages' templates, and contexts as they come up in life, with the people of the demo.

use super::{
    Answer, CancelledPage, ChooseFactorPage, ConfirmEmailPage, ConfirmFactorPage, FieldKind, FieldView, IdentifiedPage,
    IdentifyPage, NewFactor, PopulationChoice, PopulationPage, StopReason, StoppedPage, SuccessPage, TermsLink, UserDataPage,
    Wizard, WizardStep,
};
use crate::access::signin::FactorKind;
use crate::settings::PasswordRule;
use crate::web::form::{Fault, Form, Resend};
use crate::web::render::{Link, Page};

const LONG_POPULATION: &str = "Bénéficiaires d'une rente de survivant ou d'invalidité et personnes assurées à titre facultatif";
const LONG_EMAIL: &str = "jean-baptiste.d-arbois-de-la-tour-du-pin@courriel-entreprise-internationale.example";

fn wizard(step: WizardStep) -> Wizard {
    Wizard { population: "Assurés ou pensionnés".into(), step }
}

fn long_wizard(step: WizardStep) -> Wizard {
    Wizard { population: LONG_POPULATION.into(), step }
}

fn form(step: &str) -> Form {
    Form::to(format!("/lindenhof/ui/enroll/01H8/{step}"))
}

fn onward() -> Link {
    Link::new("Lindenhof flex", "/lindenhof/authorize?request=01H8")
}

fn field(name: &str, kind: FieldKind) -> FieldView {
    FieldView { name: name.into(), kind, label: None, hint: None, autocomplete: None, inputmode: None }
}

impl Page for PopulationPage {
    const TEMPLATE: &'static str = "pages/population.html";

    fn samples() -> Vec<Self> {
        let choice = |name: &str, hint: Option<&str>| PopulationChoice {
            key: name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase(),
            name: name.into(),
            hint: hint.map(Into::into),
            url: "/lindenhof/ui/enroll/01H8/start/insured".into(),
        };
        let page = |populations| PopulationPage { populations, cancel_url: "/lindenhof/ui/login/01H8".into() };
        vec![
            page(vec![choice(
                "Assurés ou pensionnés",
                Some("Vous avez reçu un certificat de prévoyance avec un code d'activation."),
            )]),
            page(vec![
                choice("Employeur", None),
                choice("Assurés ou pensionnés", None),
                choice(LONG_POPULATION, Some(LONG_POPULATION)),
            ]),
        ]
    }
}

impl Page for IdentifyPage {
    const TEMPLATE: &'static str = "pages/identify.html";

    fn samples() -> Vec<Self> {
        let fields = vec![
            field("avs_number", FieldKind::AvsNumber),
            FieldView { autocomplete: Some("bday".into()), ..field("birth_date", FieldKind::BirthDate) },
            field("code", FieldKind::ActivationCode),
        ];
        let usual = IdentifyPage {
            wizard: wizard(WizardStep::Identification),
            form: form("identify"),
            fields,
            elsewhere: None,
            terms: Some(TermsLink { url: "/lindenhof/ui/terms/insured".into() }),
        };
        let elsewhere = IdentifyPage {
            form: form("identify")
                .with("avs_number", "756.0000.0000.19")
                .with("code", "CZ6E-P34V-K5DM")
                .wrong("code", Fault::CodeElsewhere),
            elsewhere: Some(Link::new("Employeur", "/lindenhof/ui/enroll/as/employer?flow=01H8")),
            ..usual.clone()
        };
        let wrong = form("identify")
            .with("avs_number", "756.0000.0000.18")
            .with("birth_date", "30.02.1984")
            .with("code", "CZ6E-P34V-K50M")
            .wrong("avs_number", Fault::AvsCheckDigit)
            .wrong("birth_date", Fault::DateImpossible)
            .wrong("code", Fault::CodeAlphabet)
            .wrong("terms", Fault::TermsNotAccepted);
        let company = FieldView {
            label: Some("Nom de l'entreprise".into()),
            hint: Some("Vous le trouvez sur la convention d'affiliation.".into()),
            ..field("company_name", FieldKind::Text)
        };
        vec![
            usual.clone(),
            IdentifyPage { form: wrong, ..usual },
            elsewhere,
            IdentifyPage {
                elsewhere: None,
                wizard: long_wizard(WizardStep::Identification),
                form: form("identify").with("terms", "yes").refused(Fault::NotRecognised),
                fields: vec![company, field("code", FieldKind::ActivationCode)],
                terms: None,
            },
        ]
    }
}

impl Page for IdentifiedPage {
    const TEMPLATE: &'static str = "pages/identified.html";

    fn samples() -> Vec<Self> {
        let answer = |kind, value: &str| Answer { kind, label: None, value: value.into() };
        vec![IdentifiedPage {
            wizard: wizard(WizardStep::Identification),
            form: form("identify"),
            answers: vec![answer(FieldKind::AvsNumber, "756.••••.••00.19"), answer(FieldKind::BirthDate, "12.03.1984")],
            terms_accepted: true,
        }]
    }
}

impl Page for UserDataPage {
    const TEMPLATE: &'static str = "pages/user_data.html";

    fn samples() -> Vec<Self> {
        let usual = UserDataPage {
            wizard: wizard(WizardStep::UserData),
            form: form("user-data"),
            account: None,
            ask_name: false,
            repeat_password: true,
            rule: PasswordRule { min_length: 8, character_groups: true },
        };
        let wrong = form("user-data")
            .with("email", "marie.favre@")
            .wrong("email", Fault::EmailFormat)
            .wrong("password", Fault::PasswordShort(8))
            .wrong("password", Fault::PasswordGroups)
            .wrong("password_repeat", Fault::PasswordsDiffer);
        let employer = form("user-data")
            .with("title", "mr")
            .with("family_name", "d'Arbois de la Tour-du-Pin")
            .with("given_name", "Jean-Baptiste Emmanuel")
            .with("email", LONG_EMAIL)
            .wrong("password", Fault::Required);
        vec![
            usual.clone(),
            UserDataPage { form: wrong, ..usual.clone() },
            UserDataPage {
                account: None,
                wizard: long_wizard(WizardStep::UserData),
                form: employer,
                ask_name: true,
                repeat_password: false,
                rule: PasswordRule { min_length: 12, character_groups: false },
            },
            UserDataPage { account: Some("m•••@mail.example".into()), ..usual },
        ]
    }
}

impl Page for ConfirmEmailPage {
    const TEMPLATE: &'static str = "pages/confirm_email.html";

    fn samples() -> Vec<Self> {
        let usual = ConfirmEmailPage {
            wizard: wizard(WizardStep::ConfirmEmail),
            form: form("confirm-email"),
            email: "marie.favre@mail.example".into(),
            fixed: false,
            minutes: 10,
            resend: Resend { wait_seconds: 54, just_sent: false },
            confirmed: false,
        };
        vec![
            usual.clone(),
            ConfirmEmailPage {
                form: form("confirm-email").wrong("code", Fault::DigitsWrong),
                resend: Resend { wait_seconds: 0, just_sent: true },
                ..usual.clone()
            },
            ConfirmEmailPage {
                wizard: long_wizard(WizardStep::ConfirmEmail),
                form: form("confirm-email").refused(Fault::ResendTooSoon(31)),
                email: LONG_EMAIL.into(),
                ..usual.clone()
            },
            ConfirmEmailPage { email: "m•••@mail.example".into(), fixed: true, ..usual.clone() },
            ConfirmEmailPage { confirmed: true, ..usual },
        ]
    }
}

impl Page for ChooseFactorPage {
    const TEMPLATE: &'static str = "pages/choose_factor.html";

    fn samples() -> Vec<Self> {
        let usual = ChooseFactorPage {
            wizard: wizard(WizardStep::ChooseFactor),
            form: form("choose-factor"),
            allowed: vec![FactorKind::Sms, FactorKind::Totp],
        };
        let wrong = form("choose-factor").with("factor", "sms").with("phone", "021 555 01 10").wrong("phone", Fault::PhoneNoSms);
        vec![
            usual.clone(),
            ChooseFactorPage { form: wrong, ..usual.clone() },
            ChooseFactorPage { form: form("choose-factor").wrong("factor", Fault::NothingChosen), ..usual.clone() },
            ChooseFactorPage { wizard: long_wizard(WizardStep::ChooseFactor), allowed: vec![FactorKind::Sms], ..usual.clone() },
            ChooseFactorPage { allowed: vec![FactorKind::Totp], ..usual },
        ]
    }
}

/// A small pattern in the shape of the real thing; it need not scan.
const QR: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 29 29\"><path fill=\"#fff\" d=\"M0 0h29v29H0z\"/>\
    <path d=\"M4 4h7v7H4zM18 4h7v7h-7zM4 18h7v7H4zM13 4h2v3h-2zM13 9h3v2h-3zM4 13h3v2H4zM9 13h4v3H9zM15 13h2v4h-2zM19 13h6v2h-6z\
    M13 18h3v2h-3zM18 18h2v3h-2zM22 17h3v4h-3zM14 22h4v3h-4zM20 23h5v2h-5z\"/><path fill=\"#fff\" d=\"M5 5h5v5H5zM19 5h5v5h-5zM5 19h5v5H5z\"/>\
    <path d=\"M6 6h3v3H6zM20 6h3v3h-3zM6 20h3v3H6z\"/></svg>";

impl Page for ConfirmFactorPage {
    const TEMPLATE: &'static str = "pages/confirm_factor.html";

    fn samples() -> Vec<Self> {
        let sms = |wait_seconds, just_sent| NewFactor::Sms {
            number: "+41 79 000 00 19".into(),
            minutes: 10,
            resend: Resend { wait_seconds, just_sent },
        };
        let totp = NewFactor::Totp {
            qr_svg: QR.into(),
            secret_groups: ["JBSW", "Y3DP", "EHPK", "3PXP", "JBSW", "Y3DP", "EHPK", "3PXP"].map(Into::into).into(),
            uri: "otpauth://totp/Lindenhof:urs.amstutz%40mail.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Lindenhof"
                .into(),
        };
        let page = |form, factor| ConfirmFactorPage { wizard: wizard(WizardStep::ConfirmFactor), form, factor };
        let empty = || form("confirm-factor");
        vec![
            page(empty(), sms(57, false)),
            page(empty().wrong("code", Fault::DigitsUsedUp), sms(0, true)),
            page(empty(), totp.clone()),
            page(empty().wrong("code", Fault::DigitsWrong), totp.clone()),
            ConfirmFactorPage { wizard: long_wizard(WizardStep::ConfirmFactor), form: empty(), factor: totp },
        ]
    }
}

impl Page for SuccessPage {
    const TEMPLATE: &'static str = "pages/success.html";

    fn samples() -> Vec<Self> {
        vec![
            SuccessPage {
                population: "Assurés ou pensionnés".into(),
                username: "marie.favre@mail.example".into(),
                onward: Some(onward()),
            },
            SuccessPage { population: LONG_POPULATION.into(), username: LONG_EMAIL.into(), onward: None },
        ]
    }
}

impl Page for CancelledPage {
    const TEMPLATE: &'static str = "pages/cancelled.html";

    fn samples() -> Vec<Self> {
        let restart_url = "/lindenhof/ui/enroll".to_owned();
        vec![CancelledPage { restart_url: restart_url.clone(), back: Some(onward()) }, CancelledPage { restart_url, back: None }]
    }
}

impl Page for StoppedPage {
    const TEMPLATE: &'static str = "pages/stopped.html";

    fn samples() -> Vec<Self> {
        let page = |(reason, back)| Self { reason, way_on: "/lindenhof/ui/enroll".into(), back };
        StopReason::ALL.into_iter().zip([None, Some(onward())].into_iter().cycle()).map(page).collect()
    }
}
