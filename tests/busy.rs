//! A provider with more to write than it can: it says so at once, and when to come back; what was refused is not spent.

use crate::support::World;
use poterne_idp::Failure;
use poterne_protocol::id::RealmId;
use std::sync::{Mutex, mpsc};
use std::time::Duration;

const NO_REALM: RealmId = RealmId::from_bytes([0; 16]);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_of_writes_sends_people_and_programs_away_for_five_seconds() {
    let world = World::on_sqlite().await;
    let flex = world.flex().await;
    let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
    browser.sign_in_by_sms(&world, &marie, &flex).await;
    let code = flex.code_from(&browser.page);

    let mut at_the_door = Vec::new();
    for (language, words) in
        [("fr", "Un instant, s'il vous plaît"), ("de", "Einen Augenblick bitte"), ("it", "Un momento, per favore")]
    {
        let mut other = world.browser();
        other.language = language;
        other.visit(&flex.sign_in()).await;
        at_the_door.push((other, language, words));
    }
    let (tell, told) = mpsc::channel();
    let (release, held) = mpsc::channel();
    let (held, db) = (Mutex::new(held), world.db.clone());
    let slow = tokio::spawn(async move {
        let occupy = db.write(NO_REALM, move |_| {
            tell.send(()).expect("the test waits for it");
            held.lock().expect("one user").recv().expect("the test lets it go");
            Ok(())
        });
        occupy.await
    });
    told.recv_timeout(Duration::from_secs(5)).expect("the writer is held");
    let mut waiting = Vec::new();
    loop {
        let mut one_more = Box::pin(world.db.write(NO_REALM, |_| Ok(())));
        match tokio::time::timeout(Duration::ZERO, &mut one_more).await {
            Err(_) => waiting.push(one_more),
            Ok(Err(Failure::Busy(_))) => break,
            Ok(done) => panic!("nothing is written while the writer is held: {done:?}"),
        }
    }
    assert!(waiting.len() > 900, "{} wait", waiting.len());

    world.browser().visit_and_hear(&flex, "temporarily_unavailable").await;
    for (mut other, language, words) in at_the_door {
        other.give_password(&marie.email(), marie.password()).await;
        other.page.says(words);
        assert_eq!((other.page.status, &other.page.headers["retry-after"]), (503, &"5".parse().expect("a header")), "{language}");
    }
    let answer = flex.redeem(&code).await;
    assert_eq!((answer.status, answer.text("error").as_str()), (503, "temporarily_unavailable"), "{answer:?}");
    assert_eq!(answer.headers["retry-after"], "5");
    assert_eq!(flex.get("/jwks").await.status, 200, "what only reads goes on");

    release.send(()).expect("the writer waits for it");
    slow.await.expect("no panic").expect("written");
    for one in waiting {
        one.await.expect("written after all");
    }
    world.browser().visit(&flex.sign_in()).await.says("Connexion");
    assert_eq!(flex.redeem(&code).await.status, 200, "the refused code was not spent");
}
