//! A walk at random over sign-in, reset and enrollment by somebody who has a part of what it takes: whatever pages, forms and
//! addresses they try in whatever order, they never get an account, and nobody's proof is ever overstated.

use super::everywhere::{Dice, PASSWORD, id_after, somebody};
use crate::support::browser::{Browser, Page, attribute, unescape};
use crate::support::people::Person;
use crate::support::portal::{Portal, payload};
use crate::support::{World, flows};
use poterne_idp::manage::{AccountFactor, NewPersonAccount};
use std::collections::BTreeSet;

/// What the attacker has.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Has {
    /// The password.
    Password,
    /// The mails of her address.
    Mailbox,
    /// Both: still no second factor and no letter.
    PasswordAndMailbox,
    /// The password, the AVS number and the birth date.
    PasswordAndNumbers,
    /// Her mails, numbers, and the letter of her registration, whose code is used.
    UsedLetter,
    /// Her browser's cookies in the middle of a sign-in, after the password.
    HalfSession,
    /// Her browser's cookies in the middle of a reset, after the code from the mail.
    HalfReset,
    /// The letter after a lost factor and her numbers, but not her mails.
    NewLetter,
    /// Password and mails after a lost factor, but not the letter.
    AllButTheLetter,
}

impl Has {
    const fn password(self) -> bool {
        matches!(self, Self::Password | Self::PasswordAndMailbox | Self::PasswordAndNumbers | Self::AllButTheLetter)
    }

    const fn mailbox(self) -> bool {
        matches!(self, Self::Mailbox | Self::PasswordAndMailbox | Self::UsedLetter | Self::AllButTheLetter)
    }

    const fn numbers(self) -> bool {
        matches!(self, Self::PasswordAndNumbers | Self::UsedLetter | Self::NewLetter | Self::AllButTheLetter)
    }
}

/// The number that the attacker's own telephone has, and the address they read.
const OWN_NUMBER: &str = "+41790000099";
const OWN_ADDRESS: &str = "dieb@post.example";
/// What the mails with the codes of resets have in their subject.
const RESET: &str = "nouveau mot de passe";

/// A form as it stands in a page.
struct Form {
    action: String,
    fields: Vec<(String, String)>,
    buttons: Vec<String>,
}

fn forms(page: &Page) -> Vec<Form> {
    let form = |html: &str| {
        let html = html.split("</form>").next().unwrap_or_default();
        let tags = |kind: &'static str| html.split('<').filter(move |tag| tag.starts_with(kind));
        let named = |tag: &&str| {
            attribute(tag, "name")
                .filter(|name| *name != "action")
                .map(|name| (name.to_owned(), attribute(tag, "value").map(unescape).unwrap_or_default()))
        };
        let fields = tags("input").chain(tags("select")).filter_map(|tag| named(&tag)).collect();
        let buttons = tags("button")
            .filter(|tag| attribute(tag, "name") == Some("action"))
            .filter_map(|tag| attribute(tag, "value"))
            .map(unescape)
            .collect();
        let action = html.split('>').next().and_then(|tag| attribute(tag, "action")).map(unescape)?;
        Some(Form { action, fields, buttons })
    };
    page.html.split("<form").skip(1).filter_map(form).collect()
}

fn links(page: &Page) -> Vec<String> {
    page.html.split("<a ").skip(1).filter_map(|link| attribute(link.split('>').next()?, "href")).map(unescape).collect()
}

struct Walker<'a> {
    world: &'a World,
    victim: &'a Person,
    portal: &'a Portal,
    has: Has,
    browser: Browser,
    dice: Dice,
    /// The code of a letter that they hold.
    letter: Option<String>,
    /// Addresses that they know.
    seen: Vec<String>,
    /// Pages that they were shown, and those that they asked for.
    came: Vec<String>,
    asked: Vec<String>,
}

impl Walker<'_> {
    /// What the attacker types into a field of this name.
    fn fill(&mut self, field: &str, standing: &str) -> String {
        let stranger = somebody(40_000);
        match field {
            "username" if self.has.numbers() && self.dice.below(3) == 0 => self.victim.avs_number.clone(),
            "username" | "email" if self.dice.below(6) > 0 => self.victim.email(),
            "username" | "email" => OWN_ADDRESS.to_owned(),
            "password" | "current" if self.has.password() && self.dice.below(3) > 0 => self.victim.password().to_owned(),
            "password" | "password_repeat" | "current" => "Neuf-Tilleuls-Bleus-7".to_owned(),
            "code" => self.some_code(),
            "avs_number" if self.has.numbers() => self.victim.avs_number.clone(),
            "birth_date" if self.has.numbers() => self.victim.birth_date.clone(),
            "avs_number" => stranger.avs_number,
            "birth_date" => stranger.birth_date,
            "phone" => OWN_NUMBER.to_owned(),
            "factor" => (*self.dice.of(&["sms", "totp"]).expect("two")).to_owned(),
            "terms" => "yes".to_owned(),
            _ => standing.to_owned(),
        }
    }

    /// The newest code that the attacker can read: a letter's where one is asked for, else that of a mail or of their own telephone.
    fn readable_code(&self) -> Option<String> {
        if self.browser.page.html.contains("name=\"avs_number\"") {
            return self.letter.clone();
        }
        let mut readable = vec![OWN_NUMBER.to_owned(), OWN_ADDRESS.to_owned()];
        if self.has.mailbox() {
            readable.push(self.victim.email());
        }
        let mut codes = readable.iter().flat_map(|to| self.world.mailbox.to(to)).filter_map(|mail| mail.digits());
        codes.next_back()
    }

    fn some_code(&mut self) -> String {
        let guess = format!("{:06}", self.dice.below(1_000_000));
        if self.dice.below(4) == 0 { guess } else { self.readable_code().unwrap_or(guess) }
    }

    /// Every door once, with the best that the attacker has: whatever the dice do afterwards, the walk has been there.
    async fn tour(&mut self) {
        let issuer = self.world.issuer.clone();
        for page in ["/ui/account", "/ui/account/password", "/ui/lost-factor", "/ui/enroll", "/ui/terms/insured"] {
            self.go_to(&format!("{issuer}{page}")).await;
        }
        self.go_to(&format!("{issuer}/ui/enroll/as/insured")).await;
        let code = self.readable_code().unwrap_or_else(|| "2222-2222-2222".to_owned());
        let person = if self.has.numbers() { self.victim.clone() } else { somebody(40_000) };
        self.browser.identify(&Person { code, ..person }).await;
        self.note();
        if self.browser.page.url.ends_with("/data") {
            self.browser.give_user_data(OWN_ADDRESS, "Neuf-Tilleuls-Bleus-7").await;
            self.note();
        }
        let mails = self.world.mailbox.about(&self.victim.email(), RESET).len();
        self.go_to(&format!("{issuer}/ui/recovery")).await;
        self.browser.submit(&[("username", &self.victim.email()), ("action", "next")]).await;
        self.note();
        if self.has.mailbox() && self.browser.page.url.ends_with("/code") {
            let code = self.world.mailbox.wait_about(&self.victim.email(), RESET, mails + 1).await.code();
            self.browser.type_code(&code).await;
            self.note();
        }
        self.try_further_steps().await;
        self.go_to(&self.portal.sign_in()).await;
        if self.has.password() {
            self.browser.give_password(&self.victim.email(), self.victim.password()).await;
            self.note();
        }
        self.try_further_steps().await;
    }

    /// The steps beyond the one that is open.
    async fn try_further_steps(&mut self) {
        let here = self.browser.page.url.split('?').next().unwrap_or_default().to_owned();
        let road = if here.ends_with("/factor") || here.ends_with("/code") {
            here.rsplit_once('/').map_or("", |(road, _)| road)
        } else {
            &here
        };
        for step in ["factor", "password", "done", "terms", "not-served"] {
            let url = format!("{road}/{step}");
            self.go_to(&url).await;
            self.browser
                .post(
                    &url,
                    &[
                        ("action", "next"),
                        ("terms", "yes"),
                        ("password", "Neuf-Tilleuls-Bleus-7"),
                        ("password_repeat", "Neuf-Tilleuls-Bleus-7"),
                    ],
                )
                .await;
            self.note();
        }
        self.go_to(&here).await;
    }

    async fn go_to(&mut self, url: &str) {
        self.asked.push(url.to_owned());
        self.browser.visit(url).await;
        self.note();
    }

    /// Keeps where the attacker came, which is never back at the portal with something in hand.
    fn note(&mut self) {
        let page = &self.browser.page;
        assert!(page.status < 500, "{:?}: {} {}", self.has, page.url, page.text());
        assert!(!page.url.contains("code=") && !page.url.contains("_token="), "{:?} arrived at {}", self.has, page.url);
        if page.url.starts_with(&self.world.issuer) {
            if [200, 422].contains(&page.status) {
                self.came.push(page.url.clone());
            }
            self.seen.push(page.url.clone());
        }
    }

    async fn step(&mut self) {
        match self.dice.below(10) {
            0..=4 => self.submit().await,
            5 | 6 => {
                let links: Vec<String> = links(&self.browser.page).into_iter().filter_map(|link| self.absolute(&link)).collect();
                if let Some(link) = self.dice.of(&links).cloned() {
                    self.browser.visit(&link).await;
                }
            }
            7 | 8 => self.jump().await,
            _ => {
                let seconds = *self.dice.of(&[1, 61, 300]).expect("three");
                self.world.wait(seconds);
                let issuer = &self.world.issuer;
                let doors = [
                    self.portal.sign_in(),
                    format!("{issuer}/ui/recovery"),
                    format!("{issuer}/ui/enroll/as/insured"),
                    format!("{issuer}/ui/account"),
                ];
                self.browser.visit(self.dice.of(&doors).expect("four")).await;
            }
        }
        self.note();
        if !self.browser.page.url.starts_with(&self.world.issuer) {
            self.browser.visit(&self.portal.sign_in()).await;
        }
    }

    fn absolute(&self, link: &str) -> Option<String> {
        let url = url::Url::parse(&self.browser.page.url).ok()?.join(link).ok()?.to_string();
        // The victim's own «this was not me» stops the account: whoever reads the mailbox may do that, and it gives nothing.
        (url.starts_with(&self.world.issuer) && !url.contains("/not-me/")).then_some(url)
    }

    async fn submit(&mut self) {
        let forms = forms(&self.browser.page);
        let Some(form) = self.dice.of(&forms) else {
            return;
        };
        let (action, standing) = (form.action.clone(), form.fields.clone());
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in standing {
            let value = self.fill(&name, &value);
            // Now and then a field is left out.
            if self.dice.below(12) > 0 {
                fields.push((name, value));
            }
        }
        let button = if self.dice.below(4) > 0 { Some("next".to_owned()) } else { self.dice.of(&form.buttons).cloned() };
        fields.extend(button.map(|button| ("action".to_owned(), button)));
        if let Some(url) = self.absolute(&action) {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            self.browser.post(&url, &fields).await;
        }
    }

    /// To an address seen before, or one that looks like it.
    async fn jump(&mut self) {
        const STEPS: [&str; 12] =
            ["", "factor", "terms", "not-served", "data", "email", "confirm", "done", "code", "password", "new", "identified"];
        let Some(seen) = self.dice.of(&self.seen).cloned() else {
            return;
        };
        let path = seen.split('?').next().unwrap_or_default().to_owned();
        let step = *self.dice.of(&STEPS).expect("some");
        let url = match self.dice.below(5) {
            0 => seen,
            1 => format!("{path}/{step}"),
            2 => format!("{}/{step}", path.rsplit_once('/').map_or("", |(before, _)| before)),
            3 if path.contains("/ui/login/") => format!("{}/authorize?flow={}", self.world.issuer, id_after(&path, "/ui/login/")),
            _ => format!("{}/ui/account", self.world.issuer),
        };
        if self.absolute(&url).is_some() {
            self.asked.push(url.clone());
            if self.dice.below(3) == 0 {
                let fields = [
                    ("action", "next"),
                    ("code", "000000"),
                    ("password", "Neuf-Tilleuls-Bleus-7"),
                    ("password_repeat", "Neuf-Tilleuls-Bleus-7"),
                    ("terms", "yes"),
                ];
                self.browser.post(&url, &fields).await;
            } else {
                self.browser.visit(&url).await;
            }
        }
    }
}

/// How often things happened that an attacker must not bring about.
async fn gains(world: &World) -> Vec<(&'static str, usize)> {
    let events = world.manage().newest_events("lindenhof", 100_000).await.expect("events");
    let count = |kind: &'static str| (kind, events.iter().filter(|event| event.kind == kind).count());
    [
        "login.succeeded",
        "enrollment.completed",
        "account.created",
        "factor.added",
        "password.reset",
        "password.changed",
        "code.issued",
    ]
    .map(count)
    .to_vec()
}

/// The browser of somebody who stole cookies in the middle of something, or one of their own.
async fn browser_of(has: Has, world: &World, victim: &Person, portal: &Portal) -> Browser {
    let mut browser = world.browser();
    match has {
        Has::HalfSession => {
            browser.visit(&portal.sign_in()).await;
            browser.give_password(&victim.email(), victim.password()).await;
        }
        Has::HalfReset => {
            let mails = world.mailbox.about(&victim.email(), RESET).len();
            browser.visit(&format!("{}/ui/recovery", world.issuer)).await;
            browser.submit(&[("username", &victim.email()), ("action", "next")]).await;
            let code = world.mailbox.wait_about(&victim.email(), RESET, mails + 1).await.code();
            browser.type_code(&code).await;
        }
        _ => return browser,
    }
    assert!(browser.page.url.ends_with("/factor"), "{}", browser.page.text());
    browser
}

/// One attacker's walk. Whatever they do, nothing is gained; gives the pages that they came to, and those they asked for.
async fn walk(
    world: &World,
    victim: &Person,
    portal: &Portal,
    (has, letter): (Has, Option<&str>),
    steps: usize,
) -> [Vec<String>; 2] {
    let browser = browser_of(has, world, victim, portal).await;
    let before = gains(world).await;
    let seed = 0x9E37_79B9_7F4A_7C15 ^ (has as u64 + 1).wrapping_mul(0xD134_2543_DE82_EF95);
    let (letter, dice) = (letter.map(str::to_owned), Dice::new(seed));
    let mut walker =
        Walker { world, victim, portal, has, browser, dice, letter, seen: Vec::new(), came: Vec::new(), asked: Vec::new() };
    if matches!(has, Has::HalfSession | Has::HalfReset) {
        walker.note();
        walker.try_further_steps().await;
    }
    walker.tour().await;
    for _ in 0..steps {
        walker.step().await;
    }
    walker.browser.visit(&portal.sign_in_with(&[("prompt", "none")])).await;
    assert_eq!(walker.browser.page.parameter("error").as_deref(), Some("login_required"), "{has:?}");
    assert_eq!(gains(world).await, before, "{has:?}");
    [walker.came, walker.asked].map(|urls| urls.iter().map(|url| kind_of(world, url)).collect())
}

/// The owner signs in meanwhile: what the portal hears is what was proven, and when, and it does not grow with time.
async fn owner_signs_in(world: &World, owner: &mut Browser, marie: &Person, portal: &Portal) {
    owner.visit(&portal.sign_in_with(&[("prompt", "login")])).await;
    let before = world.mailbox.to(marie.phone()).len();
    owner.give_password(&marie.email(), marie.password()).await;
    world.wait(30);
    // A message that the attacker caused may arrive only now: then the owner's own is the next one.
    for later in 1..=3 {
        let code = world.mailbox.wait_for(marie.phone(), before + later).await.code();
        owner.type_code(&code).await;
        if owner.page.url.starts_with(portal.home) {
            break;
        }
    }
    let proven = world.clock.now().secs();
    for pause in [0, 600] {
        world.wait(pause);
        if pause > 0 {
            owner.visit(&portal.sign_in()).await;
        }
        let claims = payload(&portal.tokens_from(&owner.page).await.text("id_token"));
        assert_eq!(claims["auth_time"], proven);
        assert_eq!(claims["amr"], serde_json::json!(["pwd", "sms", "mfa"]));
        assert_eq!(claims["acr"], "urn:poterne:level:multi");
    }
}

async fn whoever_has_only_a_part_never_gets_an_account(world: &mut World, steps: usize) {
    let flex = world.flex().await;
    let marie = world.marie_with_account(&flex).await;
    let (mut owner, mut seen, mut asked) = (world.browser(), BTreeSet::new(), BTreeSet::new());
    let attackers = [
        (Has::Password, None),
        (Has::Mailbox, None),
        (Has::PasswordAndMailbox, None),
        (Has::PasswordAndNumbers, None),
        (Has::UsedLetter, Some(marie.code.as_str())),
        (Has::HalfSession, None),
        (Has::HalfReset, None),
    ];
    for attacker in attackers {
        let [came, tried] = walk(world, &marie, &flex, attacker, steps).await;
        seen.extend(came);
        asked.extend(tried);
        // When the delays are over and a day has passed.
        world.wait(90_000);
        owner_signs_in(world, &mut owner, &marie, &flex).await;
        world.wait(90_000);
    }
    // The factor is lost: from now on only letter and mailbox together help.
    let letter = world.manage().reset_factor("lindenhof", &marie.registry_no, "lost").await.expect("a letter");
    for attacker in [(Has::NewLetter, Some(letter.code.expose())), (Has::AllButTheLetter, Some(marie.code.as_str()))] {
        let [came, tried] = walk(world, &marie, &flex, attacker, steps).await;
        seen.extend(came);
        asked.extend(tried);
        world.wait(90_000);
    }
    println!("the walk came to {seen:?}\nand asked for {asked:?}");
    let shown = [
        "/ui/login",
        "/ui/login/factor",
        "/ui/recovery",
        "/ui/recovery/code",
        "/ui/recovery/factor",
        "/ui/lost-factor",
        "/ui/enroll",
        "/ui/enroll/as",
        "/ui/enroll/in/data",
        "/ui/enroll/in/email",
        "/ui/terms",
    ];
    for page in shown {
        assert!(seen.contains(page), "the walk never came to {page}: {seen:?}");
    }
    // Nobody who has a part sees these: they are asked for, and lead elsewhere.
    for page in [
        "/ui/account",
        "/ui/account/password",
        "/ui/login/terms",
        "/ui/login/not-served",
        "/ui/recovery/password",
        "/ui/recovery/done",
    ] {
        assert!(asked.contains(page), "the walk never asked for {page}: {asked:?}");
        assert!(!seen.contains(page), "the walk came to {page}");
    }
}

mod whoever_has_only_a_part_never_gets_an_account {
    use super::whoever_has_only_a_part_never_gets_an_account as flow;
    use crate::support::World;

    #[tokio::test]
    async fn on_sqlite() {
        flow(&mut World::on_sqlite().await, 150).await;
    }

    #[tokio::test]
    async fn mounted_in_a_host() {
        flow(&mut World::mounted().await, 30).await;
    }

    #[tokio::test]
    async fn on_postgres() {
        if let Some(mut world) = World::on_postgres().await {
            flow(&mut world, 30).await;
        }
    }
}

flows! {
    async fn who_has_a_password_alone_is_never_said_to_have_proven_more(world) {
        let mut document = world.document();
        for population in &mut document.populations {
            population.factors.clear();
        }
        world.manage().apply_realm(document).await.expect("the document is applied");
        let (one_e, person) = (world.one_e(), somebody(41_000));
        let entry = world.register(&person).await;
        let new = NewPersonAccount { entry, email: person.email(), name: None, password: PASSWORD.to_owned().into(), factor: AccountFactor::None };
        world.manage().add_account("lindenhof", new).await.expect("an account");
        let mut browser = world.browser();
        let mut password = PASSWORD;
        for turn in 0..2 {
            browser.visit(&one_e.sign_in_with(&[("prompt", "login"), ("acr_values", "urn:poterne:level:multi")])).await;
            browser.give_password(&person.email(), password).await;
            let proven = world.clock.now().secs();
            if turn == 1 {
                // Single sign-on later says when it was, not when it is asked.
                one_e.tokens_from(&browser.page).await;
                world.wait(300);
                browser.visit(&one_e.sign_in()).await;
            }
            let tokens = one_e.tokens_from(&browser.page).await;
            let claims = payload(&tokens.text("id_token"));
            assert_eq!((&claims["acr"], &claims["amr"]), (&serde_json::json!("urn:poterne:level:single"), &serde_json::json!(["pwd"])));
            assert_eq!(claims["auth_time"], proven);
            // The reset by mail is no second factor of the sign-in that follows it.
            password = "Marronnier-Bleu-77";
            if turn == 0 {
                let mut resetting = world.browser();
                resetting.visit(&format!("{}/ui/recovery", world.issuer)).await;
                resetting.submit(&[("username", &person.email()), ("action", "next")]).await;
                let code = world.mailbox.wait_about(&person.email(), RESET, 1).await.code();
                resetting.type_code(&code).await;
                resetting.submit(&[("password", password), ("password_repeat", password), ("action", "next")]).await.says("est changé");
            }
        }
    }
}

/// A page without its ids.
fn kind_of(world: &World, url: &str) -> String {
    let path = url.trim_start_matches(&world.issuer).split(['?', '#']).next().unwrap_or_default().to_owned();
    path.split('/').filter(|part| part.len() != 22 && *part != "insured" && *part != "employer").collect::<Vec<_>>().join("/")
}
