//! Random sequences of requests against a model: no sequence yields two token responses for one code, and what comes of a code and beside it
//! lives and dies together.

use super::{Browser, World, encoded};
use poterne_protocol::time::Timestamp;
use std::time::Duration;

/// `SplitMix64`: the same sequence for the same seed, everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }
}

/// What the model knows of one answer with a code.
struct Answered {
    code: String,
    issued_at: Timestamp,
    /// Whether the code was used, rightly or not, so that its next use ends the grant.
    used: bool,
    ended: bool,
    responses: usize,
    /// Access tokens with their time, of both channels.
    access: Vec<(String, Timestamp)>,
    /// The newest refresh token.
    refresh: Option<String>,
}

/// How a code is presented.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Presented {
    Rightly,
    WithoutVerifier,
    WithAnotherAddress,
    ByAnotherClient,
    WithAnotherSecret,
}

const WAYS: [Presented; 7] = [
    Presented::Rightly,
    Presented::Rightly,
    Presented::Rightly,
    Presented::WithoutVerifier,
    Presented::WithAnotherAddress,
    Presented::ByAnotherClient,
    Presented::WithAnotherSecret,
];

async fn answered(world: &World, browser: &mut Browser, dice: &mut Dice) -> Answered {
    let response_type = ["code", "code id_token", "code token", "code id_token token"][dice.roll(4)];
    let request = World::request("all", &[("response_type", response_type)]);
    let answer = world.open(browser, &format!("/authorize?{request}")).await;
    let access = answer.param("access_token").map(|token| (token, world.now())).into_iter().collect();
    let code = answer.param("code").unwrap_or_else(|| panic!("{}", answer.location()));
    Answered { code, issued_at: world.now(), used: false, ended: false, responses: 0, access, refresh: None }
}

/// What the specification wants (RFC 6749 sections 4.1.2 and 4.1.3, RFC 9700 section 4.5), in a model of its own.
fn expected(known: &mut Answered, way: Presented, now: Timestamp) -> bool {
    if way == Presented::WithAnotherSecret {
        return false;
    }
    if known.used {
        known.ended = true;
        return false;
    }
    let late = now.since(known.issued_at) >= Duration::from_secs(60);
    match way {
        Presented::ByAnotherClient => known.used = true,
        _ if late => {}
        _ => known.used = true,
    }
    way == Presented::Rightly && !late
}

async fn present(world: &World, known: &mut Answered, way: Presented) {
    let other = if known.code.ends_with('A') { 'Q' } else { 'A' };
    let wrong_secret = format!("{}{other}", &known.code[..known.code.len() - 1]);
    let code = if way == Presented::WithAnotherSecret { wrong_secret } else { known.code.clone() };
    let grant = ("grant_type", "authorization_code");
    let mut form = vec![grant, ("code", &code)];
    form.push(("redirect_uri", if way == Presented::WithAnotherAddress { "https://all.example/other" } else { super::ALL_BACK }));
    if way != Presented::WithoutVerifier {
        form.push(("code_verifier", super::VERIFIER));
    }
    let client = if way == Presented::ByAnotherClient { "app" } else { "all" };
    let answer = world.token(client, &form).await;
    let gives = expected(known, way, world.now());
    assert_eq!(answer.status, if gives { 200 } else { 400 }, "{way:?} {}: {}", encoded(&form), answer.body);
    if gives {
        let tokens = answer.json();
        known.responses += 1;
        known.access.push((tokens["access_token"].as_str().unwrap().to_owned(), world.now()));
        known.refresh = tokens["refresh_token"].as_str().map(str::to_owned);
    }
    assert!(known.responses <= 1, "two token responses for one code");
}

async fn refresh(world: &World, known: &mut Answered) {
    let Some(token) = &known.refresh else { return };
    let answer = world.refresh("all", token).await;
    assert_eq!(answer.status, if known.ended { 400 } else { 200 }, "{}", answer.body);
    if !known.ended {
        let tokens = answer.json();
        known.access.push((tokens["access_token"].as_str().unwrap().to_owned(), world.now()));
        known.refresh = tokens["refresh_token"].as_str().map(str::to_owned);
    }
}

/// Everything of one grant lives, or nothing does.
async fn look(world: &World, known: &Answered) {
    for (token, at) in &known.access {
        let lives = !known.ended && world.now().since(*at) < Duration::from_secs(300);
        assert_eq!(world.userinfo(token).await.status, if lives { 200 } else { 401 }, "{}", known.code);
    }
}

#[tokio::test]
async fn no_sequence_of_requests_yields_two_token_responses_for_one_code() {
    let world = World::new().await;
    let marie = world.person("Marie").await;
    let mut browser = world.signed_in(marie).await;
    let (mut given, mut refused_again) = (0, 0);
    for seed in 0..12 {
        let mut dice = Dice(seed);
        let mut known = vec![answered(&world, &mut browser, &mut dice).await];
        for _ in 0..30 {
            let at = dice.roll(known.len());
            match dice.roll(10) {
                0 | 1 => known.push(answered(&world, &mut browser, &mut dice).await),
                2..=5 => present(&world, &mut known[at], WAYS[dice.roll(WAYS.len())]).await,
                6 => refresh(&world, &mut known[at]).await,
                7 => world.advance(Duration::from_secs(dice.roll(40) as u64)).await,
                _ => look(&world, &known[at]).await,
            }
        }
        for one in &known {
            look(&world, one).await;
        }
        given += known.iter().filter(|one| one.responses == 1).count();
        refused_again += known.iter().filter(|one| one.ended).count();
    }
    assert!(given > 10 && refused_again > 10, "the sequences try something: {given} {refused_again}");
}
