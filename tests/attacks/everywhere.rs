//! What the attacks share: every path of a realm, generated from the route table (whoever adds a route is asked what its parameters
//! stand for); people of their own; dice.

use crate::support::World;
use crate::support::people::Person;
use crate::support::world::SLUG;
use poterne_idp::manage::{AccountFactor, NewPersonAccount};
use poterne_idp::routes_of_a_realm;

/// The password of whoever has an account by [`account`].
pub const PASSWORD: &str = "Tilleul-Vert-1984";

/// Every path that the routes stand for, below the issuer. `values` tells what a parameter of a path stands for.
pub fn paths(values: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    routes_of_a_realm().iter().flat_map(|route| paths_of(route, &values)).collect()
}

fn paths_of(route: &str, values: &impl Fn(&str) -> Vec<String>) -> Vec<String> {
    let mut paths = vec![String::new()];
    for part in route.split('/').skip(1) {
        let parameter = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        let found = parameter.map_or_else(|| vec![part.to_owned()], values);
        paths = paths.iter().flat_map(|path| found.iter().map(move |value| format!("{path}/{value}"))).collect();
    }
    paths
}

/// What follows a part of a URL's path, such as the id after `/ui/login/`.
pub fn id_after(url: &str, part: &str) -> String {
    let rest = url.split_once(part).unwrap_or_else(|| panic!("no {part} in {url}")).1;
    rest.split(['/', '?', '&']).next().unwrap_or_default().to_owned()
}

/// Numbers that look random and are the same at every run (xorshift).
pub struct Dice(u64);

impl Dice {
    /// From a seed that is not zero.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below this.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound.max(1)).expect("a small number")).expect("a small number")
    }

    /// One of these, if there are any.
    pub fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }
}

/// A person of the tests' own, by number.
pub fn somebody(number: usize) -> Person {
    let digits = format!("756{:09}", 700_000_000 + number);
    let weighed = |(at, digit): (usize, char)| digit.to_digit(10).unwrap_or_default() * if at % 2 == 0 { 1 } else { 3 };
    let check = (10 - digits.chars().enumerate().map(weighed).sum::<u32>() % 10) % 10;
    Person {
        registry_no: (70_000 + number).to_string(),
        first_name: format!("Personne{number}"),
        last_name: "Mesurée".into(),
        avs_number: format!("756.{}.{}.{}{check}", &digits[3..7], &digits[7..11], &digits[11..]),
        birth_date: format!("{:02}.05.1970", 1 + number % 28),
        code: String::new(),
        ..Person::marie()
    }
}

/// Gives a person an account with their own telephone, without a letter.
pub async fn account(world: &World, person: &Person) {
    let entry = world.register(person).await;
    let new = NewPersonAccount {
        entry,
        email: person.email(),
        name: None,
        password: PASSWORD.to_owned().into(),
        factor: AccountFactor::Sms { phone: person.phone().to_owned() },
    };
    world.manage().add_account(SLUG, new).await.expect("an account");
}
