//! The pages of an enrollment, made from its draft.

use super::draft::{ChosenFactor, Identified};
use super::identify::{CODE_FIELD, Fields, terms_at_identification};
use super::pages::{
    Answer, ChooseFactorPage, ConfirmEmailPage, ConfirmFactorPage, FieldKind, FieldView, IdentifiedPage, IdentifyPage, NewFactor,
    SuccessPage, TermsLink, UserDataPage, Wizard, WizardStep,
};
use super::portal::Portal;
use super::sending::minutes;
use super::steps::Opened;
use crate::access::factor::sms::PhoneNumber;
use crate::access::factor::totp::{TotpSecret, qr_svg};
use crate::access::signin;
use crate::error::{Failure, Result};
use crate::operations::outbox::Target;
use crate::realm::Realm;
use crate::settings::{FactorKind, IdentifierField, IdentifierKind, Population};
use crate::web::context::Ctx;
use crate::web::form::{FieldError, Form, Resend};
use crate::web::render::Link;
use poterne_protocol::id::FlowId;

fn wizard(ctx: &Ctx, population: &Population, step: WizardStep) -> Wizard {
    Wizard { population: population.name.get(ctx.lang).to_owned(), step }
}

const fn kind_of(kind: IdentifierKind) -> FieldKind {
    match kind {
        IdentifierKind::AvsNumber => FieldKind::AvsNumber,
        IdentifierKind::Date => FieldKind::BirthDate,
        IdentifierKind::Number | IdentifierKind::Uid | IdentifierKind::CompanyName | IdentifierKind::Text => FieldKind::Text,
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// The label of a field: the realm's own, else the kind's; a kind without words of its own shows the field's name rather than none.
fn label(ctx: &Ctx, field: &IdentifierField) -> Option<String> {
    let own = some(field.label.get(ctx.lang));
    if kind_of(field.kind) == FieldKind::Text { own.or_else(|| some(&field.field)) } else { own }
}

fn field_view(ctx: &Ctx, field: &IdentifierField) -> FieldView {
    let numeric = matches!(field.kind, IdentifierKind::Number).then(|| "numeric".to_owned());
    FieldView {
        name: field.field.clone(),
        kind: kind_of(field.kind),
        label: label(ctx, field),
        hint: some(field.hint.get(ctx.lang)),
        autocomplete: None,
        inputmode: numeric,
    }
}

/// A form with what was typed, passwords left out.
fn form(action: String, fields: &Fields, errors: Vec<FieldError>) -> Form {
    let kept = fields.iter().filter(|(name, _)| !["password", "password_repeat", "action"].contains(&name.as_str()));
    Form { action, values: kept.map(|(name, value)| (name.clone(), value.clone())).collect(), errors }
}

/// Step 1.
pub fn identify(
    ctx: &Ctx,
    population: &Population,
    flow: Option<FlowId>,
    fields: &Fields,
    errors: Vec<FieldError>,
) -> IdentifyPage {
    let code = FieldView {
        name: CODE_FIELD.to_owned(),
        kind: FieldKind::ActivationCode,
        label: some(population.code.label.get(ctx.lang)),
        hint: some(population.code.hint.get(ctx.lang)),
        autocomplete: None,
        inputmode: None,
    };
    let urls = &ctx.realm.urls;
    IdentifyPage {
        wizard: wizard(ctx, population, WizardStep::Identification),
        form: form(urls.enroll_population(&population.key, flow), fields, errors),
        fields: population.identifiers.iter().map(|field| field_view(ctx, field)).chain([code]).collect(),
        elsewhere: None,
        terms: terms_at_identification(population, ctx.realm.day(ctx.now))
            .map(|_| TermsLink { url: urls.terms(&population.key) }),
    }
}

/// Step 1 once it is done.
pub fn identified(ctx: &Ctx, opened: &Opened, who: &Identified) -> IdentifiedPage {
    let answer = |field: &IdentifierField| {
        let value = who.answers.iter().find(|answer| answer.field == field.field)?.shown.clone();
        Some(Answer { kind: kind_of(field.kind), label: label(ctx, field), value })
    };
    IdentifiedPage {
        wizard: wizard(ctx, &opened.population, WizardStep::Identification),
        form: Form::to(opened.url(ctx, super::rules::Step::Identified)),
        answers: opened.population.identifiers.iter().filter_map(answer).collect(),
        terms_accepted: who.terms.is_some(),
    }
}

/// Step 2, with what was typed, or what was entered before.
pub fn data(ctx: &Ctx, opened: &Opened, typed: Option<&Fields>, errors: Vec<FieldError>) -> UserDataPage {
    let before = opened.draft.entered().map(|entered| {
        let data = &entered.data;
        let names = [("title", &data.title), ("family_name", &data.last_name), ("given_name", &data.first_name)];
        let names = names.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        names.chain([("email".to_owned(), data.email.clone())]).collect::<Fields>()
    });
    let population = &opened.population;
    UserDataPage {
        wizard: wizard(ctx, population, WizardStep::UserData),
        form: form(opened.url(ctx, super::rules::Step::Data), typed.unwrap_or(&before.unwrap_or_default()), errors),
        account: opened.whose.account().map(|account| masked(&account.email)),
        ask_name: opened.whose.account().is_none() && population.user_data.name,
        repeat_password: population.user_data.repeat_password,
        rule: population.password,
    }
}

/// Step 3.
pub fn email(ctx: &Ctx, opened: &Opened, email: &str, resend: Resend, errors: Vec<FieldError>) -> ConfirmEmailPage {
    let (own, confirmed) = (opened.whose.account(), opened.draft.email_is_confirmed());
    ConfirmEmailPage {
        wizard: wizard(ctx, &opened.population, WizardStep::ConfirmEmail),
        form: form(opened.url(ctx, super::rules::Step::Email), &Fields::new(), errors),
        // Whoever has the letter alone does not learn the address.
        email: if own.is_some() && !confirmed { masked(email) } else { email.to_owned() },
        fixed: own.is_some(),
        minutes: minutes(&ctx.realm),
        resend,
        confirmed,
    }
}

fn masked(email: &str) -> String {
    Target::Mail(email.to_owned()).masked()
}

/// Step 4, with what was typed, or what was chosen before.
pub fn factor(ctx: &Ctx, opened: &Opened, typed: Option<&Fields>, errors: Vec<FieldError>) -> ChooseFactorPage {
    let before = opened.draft.factor().map(|factor| {
        let phone = match factor {
            ChosenFactor::Sms { number, .. } => Some(PhoneNumber::from_kept(number.clone()).display()),
            ChosenFactor::Totp { .. } => None,
        };
        let phone = phone.map(|phone| ("phone".to_owned(), phone));
        phone.into_iter().chain([("factor".to_owned(), factor.kind().as_str().to_owned())]).collect::<Fields>()
    });
    let shown = |kind: &FactorKind| match kind {
        FactorKind::Sms => signin::FactorKind::Sms,
        FactorKind::Totp => signin::FactorKind::Totp,
    };
    ChooseFactorPage {
        wizard: wizard(ctx, &opened.population, WizardStep::ChooseFactor),
        form: form(opened.url(ctx, super::rules::Step::Factor), typed.unwrap_or(&before.unwrap_or_default()), errors),
        allowed: opened.population.factors.iter().map(shown).collect(),
    }
}

/// Step 5.
pub fn confirm(
    ctx: &Ctx,
    opened: &Opened,
    chosen: &ChosenFactor,
    resend: Resend,
    errors: Vec<FieldError>,
) -> Result<ConfirmFactorPage> {
    let factor = match chosen {
        ChosenFactor::Sms { number, .. } => {
            NewFactor::Sms { number: PhoneNumber::from_kept(number.clone()).display(), minutes: minutes(&ctx.realm), resend }
        }
        ChosenFactor::Totp { secret } => {
            let secret = TotpSecret::from_bytes(secret)?;
            let entered = opened.draft.entered().ok_or_else(|| Failure::internal("a factor without user data"))?;
            let uri = secret.provisioning(&ctx.realm.document.name, &entered.data.email);
            NewFactor::Totp { qr_svg: qr_svg(&uri)?, secret_groups: secret.groups(), uri: uri.expose().to_owned() }
        }
    };
    Ok(ConfirmFactorPage {
        wizard: wizard(ctx, &opened.population, WizardStep::ConfirmFactor),
        form: form(opened.url(ctx, super::rules::Step::Confirm), &Fields::new(), errors),
        factor,
    })
}

/// The success page; without a portal it leads to the realm's own page.
pub fn success(ctx: &Ctx, population: &Population, portal: Option<&Portal>, username: &str) -> SuccessPage {
    let home = || Some(Link::new(&ctx.realm.document.name, home_url(&ctx.realm)));
    SuccessPage {
        population: population.name.get(ctx.lang).to_owned(),
        username: username.to_owned(),
        onward: portal.and_then(|portal| portal.onward(&ctx.realm.urls, ctx.now)).or_else(home),
    }
}

/// The realm's own page.
#[must_use]
pub fn home_url(realm: &Realm) -> String {
    realm.urls.at("/")
}
