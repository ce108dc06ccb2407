//! A walk at random over sign-in, reset and enrollment by somebody who has a part of what it takes: whatever pages, forms and
//! addresses they try in whatever order, they never get an account, and nobody's proof is ever overstated.

use super::everywhere::{Dice, id_after};
use crate::support::browser::{Browser, Page, attribute, unescape};
use crate::support::people::Person;
use crate::support::portal::{Portal, payload};
use crate::support::{World, flows};
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
    /// Her browser's cookies in the middle of a sign-in, after the password.
    HalfSession,
}

/// The number that the attacker's own telephone has, and the address they read.
const OWN_NUMBER: &str = "+41790000099";
const OWN_ADDRESS: &str = "dieb@post.example";
const STEPS: usize = 120;

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
    seen: Vec<String>,
}

impl Walker<'_> {
    /// What the attacker types into a field of this name.
    fn fill(&mut self, field: &str, standing: &str) -> String {
        let knows_password = matches!(self.has, Has::Password | Has::PasswordAndMailbox);
        match field {
            "username" | "email" if self.dice.below(4) > 0 => self.victim.email(),
            "username" | "email" => OWN_ADDRESS.to_owned(),
            "password" | "current_password" if knows_password && self.dice.below(3) > 0 => self.victim.password().to_owned(),
            "password" | "password_repeat" | "new_password" | "current_password" => "Neuf-Tilleuls-Bleus-7".to_owned(),
            "code" => self.some_code(),
            "avs_number" => self.victim.avs_number.clone(),
            "birth_date" => self.victim.birth_date.clone(),
            "phone" => OWN_NUMBER.to_owned(),
            "factor" => (*self.dice.of(&["sms", "totp"]).expect("two")).to_owned(),
            "terms" => "yes".to_owned(),
            _ => standing.to_owned(),
        }
    }

    /// A code out of what the attacker can read, else a guess.
    fn some_code(&mut self) -> String {
        let mut readable = vec![OWN_NUMBER.to_owned(), OWN_ADDRESS.to_owned()];
        if matches!(self.has, Has::Mailbox | Has::PasswordAndMailbox) {
            readable.push(self.victim.email());
        }
        let codes: Vec<String> =
            readable.iter().flat_map(|to| self.world.mailbox.to(to)).filter_map(|mail| mail.digits()).collect();
        match self.dice.below(4) {
            0 => format!("{:06}", self.dice.below(1_000_000)),
            1 => "CZ6E-P34V-K5DM".to_owned(),
            _ => codes.last().cloned().unwrap_or_else(|| "000000".to_owned()),
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
                self.browser.visit(&self.portal.sign_in()).await;
            }
        }
        let url = self.browser.page.url.clone();
        if url.starts_with(&self.world.issuer) {
            self.seen.push(url);
        } else {
            assert!(!url.contains("code=") && !url.contains("_token="), "{:?} arrived at {url}", self.has);
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

async fn half_session(world: &World, victim: &Person, portal: &Portal) -> Browser {
    let mut browser = world.browser();
    browser.visit(&portal.sign_in()).await;
    browser.give_password(&victim.email(), victim.password()).await;
    browser
}

flows! {
    async fn whoever_has_only_a_part_never_gets_an_account(world) {
        let flex = world.flex().await;
        let marie = world.marie_with_account(&flex).await;
        let before = gains(world).await;
        let mut pages = BTreeSet::new();
        for (at, has) in [Has::Password, Has::Mailbox, Has::PasswordAndMailbox, Has::HalfSession].into_iter().enumerate() {
            let browser = if has == Has::HalfSession { half_session(world, &marie, &flex).await } else { world.browser() };
            let seed = 0x9E37_79B9_7F4A_7C15 ^ u64::try_from(at + 1).expect("small").wrapping_mul(0xD134_2543_DE82_EF95);
            let mut walker = Walker { world, victim: &marie, portal: &flex, has, browser, dice: Dice::new(seed), seen: Vec::new() };
            walker.browser.visit(&flex.sign_in()).await;
            walker.seen.push(walker.browser.page.url.clone());
            for _ in 0..STEPS {
                walker.step().await;
                assert!(walker.browser.page.status < 500, "{has:?}: {} {}", walker.browser.page.url, walker.browser.page.text());
            }
            pages.extend(walker.seen.iter().map(|url| kind_of(world, url)));
            walker.browser.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
            assert_eq!(walker.browser.page.parameter("error").as_deref(), Some("login_required"), "{has:?}");
            assert_eq!(gains(world).await, before, "{has:?}");
        }
        for page in ["/ui/login", "/ui/login/factor", "/ui/enroll", "/ui/enroll/as"] {
            assert!(pages.contains(page), "the walk never came to {page}: {pages:?}");
        }
        // The owner, when the delays are over: what the portal hears is what was proven, and when.
        world.wait(90_000);
        let mut owner = world.browser();
        owner.sign_in_by_sms(world, &marie, &flex).await;
        let claims = payload(&flex.tokens_from(&owner.page).await.text("id_token"));
        assert_eq!(claims["auth_time"], world.clock.now().secs());
        assert_eq!(claims["amr"], serde_json::json!(["pwd", "sms", "mfa"]));
    }
}

/// A page without its ids.
fn kind_of(world: &World, url: &str) -> String {
    let path = url.trim_start_matches(&world.issuer).split('?').next().unwrap_or_default().to_owned();
    path.split('/').filter(|part| part.len() != 22 && *part != "insured" && *part != "employer").collect::<Vec<_>>().join("/")
}
