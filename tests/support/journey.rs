//! The ways people go, in their own words.

use super::World;
use super::browser::Browser;
use super::people::Person;
use super::portal::Portal;

/// The present code of an authenticator app.
pub fn totp(secret: &str, world: &World) -> String {
    let secret = totp_rs::Secret::new_stack(base32(secret).try_into().expect("160 bits"));
    let totp = totp_rs::Builder::new().with_secret(secret).build().expect("a secret of 160 bits");
    let seconds = u64::try_from(world.clock.now().secs()).expect("after 1970");
    totp.generate(seconds).to_string()
}

/// The bytes of a base32 text (RFC 4648 section 6).
fn base32(text: &str) -> Vec<u8> {
    let value = |c: char| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).expect("a letter of base32");
    let letters = text.chars().filter(|c| *c != ' ').map(value);
    let bits: String =
        letters.flat_map(|value| (0..5).rev().map(move |bit| if value >> bit & 1 == 1 { '1' } else { '0' })).collect();
    let bytes = bits.as_bytes().chunks_exact(8).map(|byte| std::str::from_utf8(byte).expect("digits"));
    bytes.map(|byte| u8::from_str_radix(byte, 2).expect("eight bits")).collect()
}

impl Browser {
    /// From a portal's sign-in button to step 1.
    pub async fn register_at(&mut self, portal: &Portal) {
        self.visit(&portal.sign_in()).await.says("Connexion");
        self.follow("register").await.says("Qui êtes-vous");
        self.follow("Assurés ou pensionnés").await;
    }

    /// Step 1.
    pub async fn identify(&mut self, person: &Person) {
        let fields = [
            ("avs_number", person.avs_number.as_str()),
            ("birth_date", &person.birth_date),
            ("code", &person.code),
            ("terms", "yes"),
            ("action", "next"),
        ];
        self.submit(&fields).await;
    }

    /// Step 2.
    pub async fn give_user_data(&mut self, email: &str, password: &str) {
        let fields = [("email", email), ("password", password), ("password_repeat", password), ("action", "next")];
        self.submit(&fields).await;
    }

    /// Types a code where one is asked for.
    pub async fn type_code(&mut self, code: &str) {
        self.submit(&[("code", code), ("action", "next")]).await;
    }

    /// Step 3, with the code from the mailbox.
    pub async fn confirm_email(&mut self, world: &World, email: &str) {
        let code = world.mailbox.first(email).await.code();
        self.type_code(&code).await;
    }

    /// Steps 1 to 3.
    pub async fn enroll_up_to_the_factor(&mut self, world: &World, person: &Person, portal: &Portal) {
        self.register_at(portal).await;
        self.identify(person).await;
        self.give_user_data(&person.email(), person.password()).await;
        self.confirm_email(world, &person.email()).await;
    }

    /// All five steps with codes by SMS, up to the success page.
    pub async fn enroll_by_sms(&mut self, world: &World, person: &Person, portal: &Portal) {
        self.enroll_up_to_the_factor(world, person, portal).await;
        self.submit(&[("factor", "sms"), ("phone", "079 000 00 01"), ("action", "next")]).await;
        let code = world.mailbox.first(person.phone()).await.code();
        self.type_code(&code).await;
    }

    /// All five steps with an authenticator app, up to the success page; gives the app's secret.
    pub async fn enroll_by_app(&mut self, world: &World, person: &Person, portal: &Portal) -> String {
        self.enroll_up_to_the_factor(world, person, portal).await;
        self.submit(&[("factor", "totp"), ("action", "next")]).await;
        let secret = self.page.text_of("totp-secret").replace(' ', "");
        self.type_code(&totp(&secret, world)).await;
        secret
    }

    /// User name and password on the sign-in page.
    pub async fn give_password(&mut self, login: &str, password: &str) {
        self.submit(&[("username", login), ("password", password), ("action", "next")]).await;
    }

    /// From a portal's sign-in button through both factors and back to the portal.
    pub async fn sign_in_by_sms(&mut self, world: &World, person: &Person, portal: &Portal) {
        self.visit(&portal.sign_in()).await;
        let before = world.mailbox.to(person.phone()).len();
        self.give_password(&person.email(), person.password()).await;
        let code = world.mailbox.wait_for(person.phone(), before + 1).await.code();
        self.type_code(&code).await;
    }
}

impl World {
    /// A fresh browser that came from a portal and gave a person's answers of step 1, whatever came of that.
    pub async fn past_step_1(&self, portal: &Portal, person: &Person) -> Browser {
        let mut browser = self.browser();
        browser.register_at(portal).await;
        browser.identify(person).await;
        browser
    }

    /// Marie with an account and a phone, enrolled in a browser of her own that she then closed.
    pub async fn marie_with_account(&self, portal: &Portal) -> Person {
        let marie = self.invite(Person::marie()).await;
        let mut browser = self.browser();
        browser.enroll_by_sms(self, &marie, portal).await;
        browser.page.says("C'est fait");
        // The next text message may be asked for, and the counts of this enrollment are over.
        self.wait(3600);
        marie
    }
}

/// The last segment of an address's path: which step of an enrollment it is.
pub fn step_of(url: &str) -> String {
    let url = url::Url::parse(url).expect("an absolute URL");
    url.path().rsplit('/').next().unwrap_or_default().to_owned()
}
