//! How long answers take: whoever measures, at sign-in, at the reset of a password or in step 1, learns nobody's name from the time.
//! A benchmark, for a machine that does nothing else.

use super::everywhere::{Dice, PASSWORD, account, somebody};
use crate::support::World;
use crate::support::browser::Browser;
use crate::support::people::Person;
use crate::support::world::SLUG;
use axum::body::Body;
use axum::http::{Request, header};
use poterne_idp::RealmDocument;
use poterne_idp::manage::{Decision, EntryStatus};
use std::time::{Duration, Instant};
use tower::ServiceExt;
use url::form_urlencoded::Serializer;

/// Requests measured of each kind of person, unless `TIMING_SAMPLES` says another number.
const SAMPLES: usize = 2_000;
/// Two medians of one group may differ by less than this.
const ALIKE: Duration = Duration::from_millis(5);
/// People of each kind, so that no count of theirs is full before the samples are taken.
const PEOPLE: usize = 40;
/// Failures that lock: more than come together here, and few enough to lock somebody first.
const LOCK_AFTER: u32 = 120;
const WRONG: &str = "Faux-Passe-99!";

#[expect(clippy::disallowed_methods, reason = "a setting of this benchmark alone")]
fn samples() -> usize {
    std::env::var("TIMING_SAMPLES").ok().and_then(|number| number.parse().ok()).unwrap_or(SAMPLES)
}

/// A kind of person: what is posted for each of them in turn.
struct Kind {
    who: &'static str,
    posts: Vec<Post>,
}

struct Post {
    url: String,
    form: String,
}

impl Post {
    fn new(url: &str, fields: &[(&str, &str)]) -> Self {
        Self { url: url.to_owned(), form: Serializer::new(String::new()).extend_pairs(fields).finish() }
    }
}

/// Lowest quarter, median and highest quarter of the times of one kind.
struct Quartiles {
    who: &'static str,
    of: [Duration; 3],
}

/// Sends one form and waits for the whole answer; how long that took, and its status.
#[expect(clippy::disallowed_methods, reason = "it measures how long the answer took, whatever the provider's clock says")]
async fn timed(browser: &Browser, world: &World, post: &Post) -> (Duration, u16) {
    let cookies = browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    let url = url::Url::parse(&post.url).expect("an absolute URL");
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let request = Request::post(path).header(header::HOST, "localhost:8080").header(header::COOKIE, cookies);
    let request = request.header(header::ORIGIN, "http://localhost:8080").header("sec-fetch-site", "same-origin");
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").header(header::ACCEPT_LANGUAGE, "fr");
    let request = request.body(Body::from(post.form.clone())).expect("a request");
    let routes = world.routes.clone();
    let begun = Instant::now();
    let (parts, body) = routes.oneshot(request).await.expect("an answer").into_parts();
    axum::body::to_bytes(body, 4 << 20).await.expect("a body");
    (begun.elapsed(), parts.status.as_u16())
}

/// Measures kinds of people in an order that no rhythm of the machine follows; `pause` seconds pass on the provider's clock between
/// rounds. Every answer has this status.
async fn measure(world: &World, browser: &Browser, kinds: &[Kind], (status, pause): (u16, u64)) -> Vec<Quartiles> {
    let mut dice = Dice::new(0x5851_F42D_4C95_7F2D);
    let mut times: Vec<Vec<Duration>> = kinds.iter().map(|_| Vec::with_capacity(samples())).collect();
    // The first rounds warm up and do not count.
    for round in 0..samples() + 20 {
        let mut order: Vec<usize> = (0..kinds.len()).collect();
        for left in (1..order.len()).rev() {
            order.swap(left, dice.below(left + 1));
        }
        for kind in order {
            let posts = &kinds[kind].posts;
            let (took, answered) = timed(browser, world, &posts[round % posts.len()]).await;
            assert_eq!(answered, status, "{}", kinds[kind].who);
            if round >= 20 {
                times[kind].push(took);
            }
        }
        world.wait(pause);
    }
    let quartiles = |(kind, times): (&Kind, &mut Vec<Duration>)| {
        times.sort_unstable();
        Quartiles { who: kind.who, of: [1, 2, 3].map(|quarter| times[times.len() * quarter / 4]) }
    };
    kinds.iter().zip(&mut times).map(quartiles).collect()
}

/// Shows a group's figures, and what is wrong with them.
fn judged(group: &str, figures: &[Quartiles]) -> Option<String> {
    let shown = |time: Duration| format!("{:>8.2}", time.as_secs_f64() * 1000.0);
    println!("\n{group:<44}   median lower q. upper q.   (ms, {} samples each)", samples());
    for Quartiles { who, of: [lower, median, upper] } in figures {
        println!("  {who:<42} {} {} {}", shown(*median), shown(*lower), shown(*upper));
    }
    let medians = || figures.iter().map(|figure| figure.of[1]);
    let apart = medians().max().unwrap_or_default().saturating_sub(medians().min().unwrap_or_default());
    println!("  {:<42} {}", "farthest apart", shown(apart));
    (apart >= ALIKE).then(|| format!("{group}: medians are {} ms apart", shown(apart).trim()))
}

/// Everybody's number begins with that of their kind.
fn of_kind(kind: usize) -> impl Iterator<Item = Person> {
    (0..PEOPLE).map(move |at| somebody(kind * 1_000 + at))
}

/// A fund where counts are not in the way, but somebody can be locked.
fn generous(world: &World) -> RealmDocument {
    let mut document = world.document();
    let policy = &mut document.policy;
    (policy.free_tries, policy.lock_after) = (1_000_000, LOCK_AFTER);
    (policy.otp_resend_seconds, policy.otp_challenges, policy.otp_tries) = (1, 1_000_000, 1_000_000);
    (policy.flow_seconds, policy.recovery_seconds) = (1_000_000, 1_000_000);
    document
}

/// People of every kind that names may stand for.
struct Names {
    known: Vec<Person>,
    /// Others, so that the two ways of typing a name do not meet in one count.
    known_by_number: Vec<Person>,
    unknown: Vec<Person>,
    half_enrolled: Vec<Person>,
    suspended: Vec<Person>,
    locked: Person,
}

impl Names {
    async fn settle(world: &World) -> Self {
        let names = Self {
            known: of_kind(1).collect(),
            known_by_number: of_kind(6).collect(),
            unknown: of_kind(2).collect(),
            half_enrolled: of_kind(3).collect(),
            suspended: of_kind(4).collect(),
            locked: somebody(5_000),
        };
        for person in names.known.iter().chain(&names.known_by_number).chain(&names.suspended).chain([&names.locked]) {
            account(world, person).await;
        }
        for person in &names.suspended {
            world.manage().decide_account(SLUG, &person.registry_no, Decision::Suspend, "measured").await.expect("suspended");
        }
        for person in &names.half_enrolled {
            let (person, mut browser) = (world.invite(person.clone()).await, world.browser());
            browser.visit(&format!("{}/ui/enroll/as/insured", world.issuer)).await;
            browser.identify(&person).await;
            browser.give_user_data(&person.email(), PASSWORD).await;
            assert!(browser.page.url.ends_with("/email"), "{}", browser.page.text());
        }
        names
    }

    /// Who is measured, with the name that is typed and the password.
    fn typed(&self) -> Vec<(&'static str, Vec<String>, &'static str)> {
        let emails = |people: &[Person]| people.iter().map(Person::email).collect();
        let numbers = |people: &[Person]| people.iter().map(|person| person.avs_number.clone()).collect();
        vec![
            ("known", emails(&self.known), WRONG),
            ("known, by AVS number", numbers(&self.known_by_number), WRONG),
            ("unknown", emails(&self.unknown), WRONG),
            ("unknown, by AVS number", numbers(&self.unknown), WRONG),
            ("half-enrolled", emails(&self.half_enrolled), WRONG),
            ("suspended, with the right password", emails(&self.suspended), PASSWORD),
            ("locked, with the right password", vec![self.locked.email()], PASSWORD),
        ]
    }
}

/// A browser on the sign-in page.
async fn at_sign_in(world: &World) -> Browser {
    let (portal, mut browser) = (world.one_e(), world.browser());
    browser.visit(&portal.sign_in()).await.says("Mot de passe");
    browser
}

async fn signing_in(world: &World, names: &Names) -> Vec<Quartiles> {
    let browser = at_sign_in(world).await;
    let url = &browser.page.url;
    for _ in 0..LOCK_AFTER {
        timed(&browser, world, &Post::new(url, &[("username", &names.locked.email()), ("password", WRONG)])).await;
    }
    let kind = |(who, names, password): (&'static str, Vec<String>, &'static str)| Kind {
        who,
        posts: names.iter().map(|name| Post::new(url, &[("username", name), ("password", password)])).collect(),
    };
    measure(world, &browser, &names.typed().into_iter().map(kind).collect::<Vec<_>>(), (422, 0)).await
}

async fn asking_for_a_reset(world: &World, names: &Names) -> Vec<Quartiles> {
    let mut browser = world.browser();
    let url = format!("{}/ui/recovery", world.issuer);
    browser.visit(&url).await.says("Mot de passe oublié");
    let kind = |(who, names, _): (&'static str, Vec<String>, &'static str)| Kind {
        who,
        posts: names.iter().map(|name| Post::new(&url, &[("username", name), ("action", "next")])).collect(),
    };
    measure(world, &browser, &names.typed().into_iter().map(kind).collect::<Vec<_>>(), (303, 2)).await
}

async fn wrong_codes_of_a_reset(world: &World, names: &Names) -> Vec<Quartiles> {
    let (mut browser, mut kinds) = (world.browser(), Vec::new());
    for (who, names, _) in names.typed() {
        browser.visit(&format!("{}/ui/recovery", world.issuer)).await;
        browser.submit(&[("username", &names[0]), ("action", "next")]).await.says("Si un accès existe");
        kinds.push(Kind { who, posts: vec![Post::new(&browser.page.url, &[("code", "000000"), ("action", "next")])] });
    }
    measure(world, &browser, &kinds, (422, 0)).await
}

/// A delay: five tries are free, and time stands still.
async fn in_the_delay(world: &World) -> Vec<Quartiles> {
    let (known, unknown, half) = (somebody(7_000), somebody(7_001), world.invite(somebody(7_002)).await);
    account(world, &known).await;
    let mut browser = world.browser();
    browser.visit(&format!("{}/ui/enroll/as/insured", world.issuer)).await;
    browser.identify(&half).await;
    browser.give_user_data(&half.email(), PASSWORD).await;
    let browser = at_sign_in(world).await;
    let post = |name: &str| Post::new(&browser.page.url, &[("username", name), ("password", PASSWORD)]);
    let kinds = [
        Kind { who: "known, with the right password", posts: vec![post(&known.email())] },
        Kind { who: "known, by AVS number", posts: vec![post(&known.avs_number)] },
        Kind { who: "unknown", posts: vec![post(&unknown.email())] },
        Kind { who: "unknown, by AVS number", posts: vec![post(&unknown.avs_number)] },
        Kind { who: "half-enrolled", posts: vec![post(&half.email())] },
    ];
    for name in [known.email(), unknown.email(), unknown.avs_number, half.email()] {
        for _ in 0..5 {
            timed(&browser, world, &Post::new(&browser.page.url, &[("username", &name), ("password", WRONG)])).await;
        }
    }
    measure(world, &browser, &kinds, (422, 0)).await
}

async fn step_1(world: &World) -> Vec<Quartiles> {
    let (mut mine, mut anothers, mut replaced, mut gone) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // Codes of another provider are well formed, and nobody's here.
    let (elsewhere, mut nobodys) = (World::on_sqlite().await, Vec::new());
    for at in 0..PEOPLE {
        nobodys.push(elsewhere.invite(somebody(16_000 + at)).await);
        mine.push(world.invite(somebody(10_000 + at)).await);
        anothers.push(world.invite(somebody(11_000 + at)).await);
        let old = world.invite(somebody(12_000 + at)).await;
        world.reissue(&old).await;
        replaced.push(old);
        let left = world.invite(somebody(13_000 + at)).await;
        world.manage().set_entry_status(SLUG, &left.registry_no, EntryStatus::Left).await.expect("a status");
        gone.push(left);
    }
    let url = format!("{}/ui/enroll/as/insured", world.issuer);
    let mut browser = world.browser();
    browser.visit(&url).await.says("Identification");
    let post = |person: &Person, code: &str| {
        let fields = [("avs_number", &*person.avs_number), ("birth_date", &person.birth_date), ("code", code), ("terms", "yes")];
        Post::new(&url, &fields)
    };
    let locked = world.invite(somebody(14_000)).await;
    for _ in 0..LOCK_AFTER {
        timed(&browser, world, &post(&locked, "2222-2222-2222")).await;
    }
    let somebody_else = |at: usize| somebody(15_000 + at);
    let of = |people: &[Person], posted: &dyn Fn(usize, &Person) -> Post| {
        people.iter().enumerate().map(|(at, person)| posted(at, person)).collect::<Vec<_>>()
    };
    let kinds = [
        Kind { who: "a code that nobody has", posts: of(&mine, &|at, person| post(person, &nobodys[at].code)) },
        Kind { who: "another's code", posts: of(&anothers, &|at, person| post(&somebody_else(at), &person.code)) },
        Kind {
            who: "a replaced code, somebody else",
            posts: of(&replaced, &|at, person| post(&somebody_else(at), &person.code)),
        },
        Kind { who: "who left, with their own code", posts: of(&gone, &|_, person| post(person, &person.code)) },
        Kind { who: "locked, with the right code", posts: vec![post(&locked, &locked.code)] },
    ];
    measure(world, &browser, &kinds, (422, 0)).await
}

/// Fails where a group's medians are too far apart.
#[track_caller]
fn nobody_is_told_apart(group: &str, figures: &[Quartiles]) {
    let wrong = judged(group, figures);
    assert!(wrong.is_none(), "{wrong:?}");
}

async fn generous_world() -> World {
    let world = World::on_sqlite().await;
    world.manage().apply_realm(generous(&world)).await.expect("the document is applied");
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a benchmark: make timing"]
async fn of_step_1() {
    nobody_is_told_apart("Step 1 of an enrollment", &step_1(&generous_world().await).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a benchmark: make timing"]
async fn of_asking_for_a_reset() {
    let world = generous_world().await;
    let names = Names::settle(&world).await;
    nobody_is_told_apart("A reset is asked for", &asking_for_a_reset(&world, &names).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a benchmark: make timing"]
async fn of_a_wrong_code_of_a_reset() {
    let world = generous_world().await;
    let names = Names::settle(&world).await;
    nobody_is_told_apart("A wrong code of a reset", &wrong_codes_of_a_reset(&world, &names).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a benchmark: make timing"]
async fn of_signing_in() {
    let world = generous_world().await;
    let names = Names::settle(&world).await;
    nobody_is_told_apart("Sign-in, refused", &signing_in(&world, &names).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a benchmark: make timing"]
async fn of_signing_in_during_a_delay() {
    nobody_is_told_apart("Sign-in, in the delay", &in_the_delay(&World::on_sqlite().await).await);
}
