use super::messages::{EmailCode, Message, SmsCode};
use super::*;
use crate::host::MessageContent;
use crate::lang::Lang;
use crate::tests::{House, Order};
use poterne_protocol::time::Timestamp;
use std::sync::atomic::Ordering;
use std::time::Duration;

const ADDRESS: &str = "marie.favre@lac.example";

impl House {
    async fn post(&self, to: Target, message: Message, expires_at: Option<Timestamp>) {
        let prepared = prepare(&self.app, &self.realm, self.now(), Lang::Fr, &to, &message, expires_at).unwrap();
        self.write(move |tx| enqueue(tx, &prepared)).await;
    }

    async fn post_mail(&self, expires_at: Option<Timestamp>) {
        let code = EmailCode { code: "447683".into(), minutes: 10, app: None, asked_from: None };
        self.post(Target::Mail(ADDRESS.into()), Message::EmailCode(code), expires_at).await;
    }

    async fn post_sms(&self) {
        self.post(Target::Sms("+41790000001".into()), Message::SmsCode(SmsCode { code: "447683".into() }), None).await;
    }

    fn outbox(&self) -> Outbox {
        Outbox::new(self.app.clone(), Post::of_messages(Duration::from_millis(50), 8))
    }

    /// One look of the worker, and the end of what it began.
    async fn look(&self) {
        let mut outbox = self.outbox();
        outbox.deliver_due(&self.realm).await.unwrap();
        outbox.finish().await;
    }

    async fn messages(&self) -> Vec<MessageSummary> {
        self.read(|rx| list(rx, MessageFilter::default())).await
    }

    async fn only(&self) -> MessageSummary {
        let messages = self.messages().await;
        assert_eq!(messages.len(), 1);
        messages[0].clone()
    }

    fn told(&self, orders: impl IntoIterator<Item = Order>) {
        self.sender.orders.lock().unwrap().extend(orders);
    }

    fn delivered(&self) -> usize {
        self.sender.delivered.lock().unwrap().len()
    }

    fn asked(&self) -> u32 {
        self.sender.asked.load(Ordering::SeqCst)
    }

    async fn payloads(&self) -> i64 {
        self.count("SELECT COUNT(*) AS n FROM message WHERE payload IS NOT NULL").await
    }

    async fn events(&self, of: &'static str) -> i64 {
        self.count(of).await
    }
}

#[tokio::test]
async fn a_mail_is_sent_once_and_then_erased() {
    let house = House::new().await;
    house.post_mail(None).await;
    let waiting = house.only().await;
    assert_eq!(
        (waiting.state, waiting.target.as_str(), waiting.channel.as_str()),
        (MessageState::Queued, "m•••@lac.example", "mail")
    );
    assert_eq!(house.payloads().await, 1);
    house.look().await;
    house.advance(3600);
    house.look().await;
    let message = house.only().await;
    assert_eq!((message.state, message.attempts, message.error), (MessageState::Delivered, 1, None));
    assert_eq!(house.payloads().await, 0);
    assert_eq!(house.events("SELECT COUNT(*) AS n FROM audit_event WHERE kind = 'message.delivered'").await, 1);
    let delivered = house.sender.delivered.lock().unwrap();
    assert_eq!(delivered.len(), 1);
    assert_eq!(
        (delivered[0].id.clone(), delivered[0].realm.as_str(), delivered[0].lang),
        (message.id.to_string(), "lac", Lang::Fr)
    );
    let MessageContent::Mail { from, from_name, to, subject, text, html } = &delivered[0].content else { panic!("no mail") };
    assert_eq!((from.as_str(), from_name.as_str(), to.as_str()), ("noreply@lac.example", "Caisse de pensions du Lac", ADDRESS));
    for part in [subject, text, html] {
        assert!(part.expose().contains("447") && part.expose().contains("683"), "{}", part.expose());
    }
}

#[tokio::test]
async fn a_text_message_is_sent_from_the_funds_name() {
    let house = House::new().await;
    house.post_sms().await;
    house.look().await;
    assert_eq!(house.only().await.target, "+41 79 ••• •• 01");
    let delivered = house.sender.delivered.lock().unwrap();
    let MessageContent::Sms { from, to, text } = &delivered[0].content else { panic!("no text message") };
    assert_eq!((from.as_str(), to.as_str()), ("CPLac", "+41790000001"));
    assert!(text.expose().contains("447683"));
}

#[tokio::test]
async fn what_lies_in_the_database_tells_neither_code_nor_address() {
    let house = House::new().await;
    house.post_mail(None).await;
    let clear = "SELECT COUNT(*) AS n FROM message WHERE instr(payload, CAST('447683' AS BLOB)) > 0 \
                 OR instr(payload, CAST('favre' AS BLOB)) > 0 OR target LIKE '%favre%'";
    assert_eq!(house.count(clear).await, 0);
}

#[tokio::test]
async fn a_message_is_of_its_targets_channel() {
    let house = House::new().await;
    let code = Message::SmsCode(SmsCode { code: "447683".into() });
    let prepared = prepare(&house.app, &house.realm, house.now(), Lang::De, &Target::Mail(ADDRESS.into()), &code, None);
    assert!(prepared.is_err());
}

#[tokio::test]
async fn a_gateway_that_fails_is_asked_again_later() {
    let house = House::new().await;
    house.told([Order::Later("421 <marie.favre@lac.example> try later"), Order::Panic]);
    house.post_mail(None).await;
    house.look().await;
    let message = house.only().await;
    assert_eq!((message.state, message.attempts, message.error.as_deref()), (MessageState::Queued, 1, Some("421 ••• try later")));
    house.advance(4);
    house.look().await;
    assert_eq!(house.asked(), 1, "not before its time");
    house.advance(1);
    house.look().await;
    assert_eq!(house.only().await.error.as_deref(), Some("the sender panicked"));
    house.advance(30);
    house.look().await;
    let message = house.only().await;
    assert_eq!((message.state, message.attempts, house.delivered()), (MessageState::Delivered, 3, 1));
}

#[tokio::test]
async fn a_gateway_that_hangs_costs_an_attempt() {
    let house = House::new().await;
    house.told([Order::Hang]);
    house.post_mail(None).await;
    house.look().await;
    let message = house.only().await;
    assert_eq!((message.state, message.attempts, house.delivered()), (MessageState::Queued, 1, 0));
    assert!(message.error.unwrap().starts_with("no answer within"));
}

#[tokio::test]
async fn eight_failures_end_in_a_dead_letter() {
    let house = House::new().await;
    house.told(std::iter::repeat_n(Order::Later("busy"), 20));
    house.post_mail(None).await;
    for _ in 0..20 {
        house.look().await;
        house.advance(3601);
    }
    let message = house.only().await;
    assert_eq!((message.state, message.attempts, house.asked()), (MessageState::Dead, 8, 8));
    assert_eq!(message.error.as_deref(), Some("busy"));
    assert_eq!(house.payloads().await, 1, "an operator may have it sent again");
    assert_eq!(house.events("SELECT COUNT(*) AS n FROM audit_event WHERE kind = 'message.dead'").await, 1);
}

#[tokio::test]
async fn a_dead_letter_is_sent_again_when_its_operator_says_so() {
    for house in House::all().await {
        house.told([Order::Never("no such account at the gateway")]);
        house.post_mail(Some(house.now().plus(Duration::from_secs(600)))).await;
        house.look().await;
        let (id, now) = (house.only().await.id, house.now());
        assert_eq!(house.only().await.state, MessageState::Dead);
        let (again, what) = house.write(move |tx| send_again(tx, id, now)).await;
        assert_eq!((again, what), (Again::Queued, Some(("email_code".to_owned(), "m•••@lac.example".to_owned()))));
        house.look().await;
        let message = house.only().await;
        assert_eq!((message.state, message.attempts, house.delivered()), (MessageState::Delivered, 1, 1));
        assert_eq!(house.write(move |tx| send_again(tx, id, now)).await.0, Again::Stands(MessageState::Delivered));
    }
}

#[tokio::test]
async fn a_dead_letter_is_never_sent_after_its_code_has_expired_and_then_erased() {
    for house in House::all().await {
        house.told(std::iter::repeat_n(Order::Never("refused"), 3));
        for _ in 0..2 {
            house.post_mail(Some(house.now().plus(Duration::from_secs(600)))).await;
            house.advance(1);
        }
        house.post_sms().await;
        house.look().await;
        let dead = house.read(|rx| dead_after(rx, poterne_protocol::id::MessageId::from_bytes([0; 16]), 10)).await;
        let [put_back, left, text] = dead[..] else { panic!("{dead:?}") };
        let again = |id, now| house.write(move |tx| Ok(send_again(tx, id, now)?.0));
        assert_eq!(again(put_back, house.now()).await, Again::Queued);
        house.advance(600);
        house.look().await;
        assert_eq!((house.asked(), house.delivered()), (3, 0), "nothing is handed over after it expired");
        for id in [put_back, left] {
            assert_eq!(again(id, house.now()).await, Again::Expired);
        }
        let erased = || {
            let now = house.now();
            house.write(move |tx| erase_dead(tx, now, 10))
        };
        assert_eq!((erased().await, house.payloads().await), (1, 1), "a message without end stays a week");
        house.advance(7 * 24 * 60 * 60 - 601);
        assert_eq!(erased().await, 0);
        house.advance(1);
        assert_eq!((erased().await, house.payloads().await), (1, 0));
        assert_eq!(again(text, house.now()).await, Again::Erased);
    }
}

#[tokio::test]
async fn what_can_never_be_delivered_is_given_up_at_once() {
    let house = House::new().await;
    house.told([Order::Never("550 5.1.1 unknown")]);
    house.post_mail(None).await;
    house.look().await;
    let message = house.only().await;
    assert_eq!((message.state, message.attempts), (MessageState::Dead, 1));
    assert_eq!((message.error.as_deref(), house.payloads().await), (Some("550 5.1.1 unknown"), 1));
}

#[tokio::test]
async fn an_expired_code_is_never_sent() {
    let house = House::new().await;
    house.post_mail(Some(house.now().plus(Duration::from_secs(600)))).await;
    house.advance(600);
    house.look().await;
    assert_eq!((house.only().await.state, house.asked(), house.payloads().await), (MessageState::Expired, 0, 0));
    assert_eq!(house.events("SELECT COUNT(*) AS n FROM audit_event WHERE kind = 'message.expired'").await, 1);
}

#[tokio::test]
async fn a_retry_that_would_come_too_late_is_not_waited_for() {
    let house = House::new().await;
    house.told([Order::Later("busy")]);
    house.post_mail(Some(house.now().plus(Duration::from_secs(5)))).await;
    house.look().await;
    assert_eq!((house.only().await.state, house.payloads().await), (MessageState::Expired, 0));
}

#[tokio::test]
async fn the_claim_of_a_worker_that_died_comes_back() {
    let house = House::new().await;
    house.told([Order::Hang]);
    house.post_mail(None).await;
    let mut dies = Outbox::new(house.app.clone(), Post::of_messages(Duration::from_secs(600), 8));
    dies.deliver_due(&house.realm).await.unwrap();
    while house.asked() == 0 {
        tokio::task::yield_now().await;
    }
    drop(dies);
    house.advance(59);
    house.look().await;
    assert_eq!((house.only().await.state, house.delivered()), (MessageState::Sending, 0), "the claim still holds");
    house.advance(1);
    house.look().await;
    let message = house.only().await;
    assert_eq!((message.state, message.attempts, house.delivered()), (MessageState::Delivered, 2, 1));
}

/// Every write is refused as a full disk refuses it, or no longer.
async fn disk_is_full(house: &House, full: bool) {
    for table in ["message", "audit_event"] {
        for what in ["INSERT", "UPDATE"] {
            house
                .sql(if full {
                    format!(
                        "CREATE TRIGGER full_{what}_{table} BEFORE {what} ON {table} \
                     BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
                    )
                } else {
                    format!("DROP TRIGGER full_{what}_{table}")
                })
                .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_while_the_disk_filled_is_not_sent_again_when_there_is_room() {
    let house = House::new().await;
    house.told([Order::Hang, Order::Deliver]);
    house.post_mail(None).await;
    let mut outbox = Outbox::new(house.app.clone(), Post::of_messages(Duration::from_millis(200), 8));
    outbox.deliver_due(&house.realm).await.unwrap();
    disk_is_full(&house, true).await;
    // The first attempt hangs; that it failed cannot be written. Its claim lapses meanwhile.
    tokio::time::sleep(Duration::from_millis(400)).await;
    house.advance(61);
    outbox.deliver_due(&house.realm).await.unwrap();
    assert_eq!((house.only().await.state, house.asked()), (MessageState::Sending, 1), "it is not begun again");
    disk_is_full(&house, false).await;
    while house.only().await.state == MessageState::Sending {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(house.only().await.state, MessageState::Queued, "what came of the attempt was not lost");
    house.advance(5);
    outbox.deliver_due(&house.realm).await.unwrap();
    outbox.finish().await;
    let message = house.only().await;
    assert_eq!((message.state, message.attempts, house.delivered()), (MessageState::Delivered, 2, 1));
}

#[tokio::test]
async fn a_gateway_that_names_a_time_is_asked_then() {
    let house = House::new().await;
    house.told([Order::LaterBy(90)]);
    house.post_mail(None).await;
    house.look().await;
    house.advance(89);
    house.look().await;
    assert_eq!((house.asked(), house.only().await.state), (1, MessageState::Queued));
    house.advance(1);
    house.look().await;
    assert_eq!((house.asked(), house.delivered()), (2, 1));
}

#[tokio::test]
async fn a_hand_over_does_not_outlast_what_it_hands_over() {
    let house = House::new().await;
    house.told([Order::Hang]);
    house.post_mail(Some(house.now().plus(Duration::from_millis(100)))).await;
    let mut outbox = Outbox::new(house.app.clone(), Post::of_messages(Duration::from_secs(600), 8));
    outbox.deliver_due(&house.realm).await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), outbox.finish()).await.unwrap();
    assert_eq!((house.only().await.state, house.delivered()), (MessageState::Expired, 0));
}

#[tokio::test]
async fn a_worker_whose_claim_lapsed_changes_nothing_any_more() {
    let house = House::new().await;
    house.post_mail(None).await;
    house.look().await;
    let id = house.only().await.id;
    let late = super::rules::Next::Dead { error: "late".into() };
    let now = house.now();
    assert!(!house.write(move |tx| super::store::settle(tx, id, 1, &late, now)).await);
    assert_eq!(house.only().await.state, MessageState::Delivered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_at_once_deliver_each_message_once() {
    for house in House::all().await {
        for _ in 0..40 {
            house.post_mail(None).await;
        }
        let (mut one, mut two) = (house.outbox(), house.outbox());
        for _ in 0..12 {
            let (first, second) = tokio::join!(one.deliver_due(&house.realm), two.deliver_due(&house.realm));
            first.and(second).unwrap();
            tokio::join!(one.finish(), two.finish());
        }
        let mut ids: Vec<String> = house.sender.delivered.lock().unwrap().iter().map(|message| message.id.clone()).collect();
        assert_eq!(ids.len(), 40);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 40);
        assert!(house.messages().await.iter().all(|message| message.attempts == 1));
    }
}

#[tokio::test]
async fn a_slow_mail_gateway_does_not_hold_up_text_messages() {
    let house = House::new().await;
    house.told(std::iter::repeat_n(Order::Hang, 8));
    for _ in 0..9 {
        house.post_mail(None).await;
    }
    let mut outbox = Outbox::new(house.app.clone(), Post::of_messages(Duration::from_secs(600), 8));
    outbox.deliver_due(&house.realm).await.unwrap();
    while house.asked() < 8 {
        tokio::task::yield_now().await;
    }
    house.post_sms().await;
    outbox.deliver_due(&house.realm).await.unwrap();
    while house.delivered() < 1 {
        tokio::task::yield_now().await;
    }
    assert!(matches!(house.sender.delivered.lock().unwrap()[0].content, MessageContent::Sms { .. }));
    let queued = house.messages().await.into_iter().filter(|message| message.state == MessageState::Queued).count();
    assert_eq!(queued, 1, "the ninth mail waits unclaimed for its lane");
}

#[tokio::test]
async fn the_running_worker_is_woken_and_ends_when_told() {
    let house = House::new().await;
    let (app, realms) = (house.app.clone(), house.realms.clone());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let workers = tokio::spawn(async move {
        crate::operations::run_workers(&app, &realms, &[], &[], async { drop(stopped.await) }).await;
    });
    house.post_mail(None).await;
    house.app.outbox_wake.notify_one();
    let delivered = async {
        while house.only().await.state != MessageState::Delivered {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), delivered).await.unwrap();
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(10), workers).await.unwrap().unwrap();
}

/// After a restore: what waited in the copy has been sent since it was made, or nobody waits for it any more.
#[tokio::test]
async fn what_waited_can_be_ended_without_being_sent() {
    let house = House::new().await;
    house.post_mail(None).await;
    house.post_sms().await;
    let now = house.now();
    house.write(move |tx| expire_open(tx, "restored", now).map(|ended| assert_eq!(ended, 2))).await;
    house.look().await;
    assert_eq!((house.delivered(), house.payloads().await), (0, 0));
    assert!(house.messages().await.iter().all(|message| message.state == MessageState::Expired));
}

#[tokio::test]
async fn hosts_of_registered_clients_that_hang_leave_the_portals_their_lanes() {
    let house = House::new().await;
    let post = Post {
        channels: &[Channel::Portal, Channel::Registered],
        hand_over: Duration::from_millis(300),
        at_once: 2,
        for_one_target: 1,
        carry: |_, realm, parcel| {
            Box::pin(async move {
                let said: String = open_for_portal(&realm.vault, parcel.id, &parcel.payload).unwrap();
                if said == "hangs" { std::future::pending().await } else { Ok(()) }
            })
        },
    };
    let calls = [(Channel::Registered, "a"), (Channel::Registered, "b"), (Channel::Registered, "c"), (Channel::Portal, "flex")];
    for (channel, target) in calls {
        let what = if channel == Channel::Registered { "hangs" } else { "answers" };
        let to = (channel, target.to_owned());
        let prepared = prepare_for_portal(&house.app, &house.realm, house.now(), "logout_token", to, &what).unwrap();
        house.write(move |tx| enqueue(tx, &prepared)).await;
    }
    let mut outbox = Outbox::new(house.app.clone(), post);
    outbox.deliver_due(&house.realm).await.unwrap();
    outbox.finish().await;
    let tried = house.messages().await.into_iter().filter(|call| call.attempts == 1).map(|call| (call.target, call.state));
    let mut tried: Vec<_> = tried.collect();
    tried.sort_by(|one, other| one.0.cmp(&other.0));
    let expected = [("a", MessageState::Queued), ("b", MessageState::Queued), ("flex", MessageState::Delivered)];
    assert_eq!(tried, expected.map(|(target, state)| (target.to_owned(), state)));
}
