//! Signing off, and who is told of it: the portals' servers (OpenID Connect Back-Channel Logout 1.0), their pages (Front-Channel Logout
//! 1.0), the person.

use crate::support::browser::{Browser, attribute, unescape};
use crate::support::hearing::{Hearing, Saying, claims_of};
use crate::support::people::Person;
use crate::support::portal::{Answer, Portal, STATE, payload};
use crate::support::world::SLUG;
use crate::support::{World, flows};
use poterne_idp::manage::{Channel, Decision, MessageFilter, MessageState, MessageSummary};
use poterne_protocol::session_state::session_state;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// Both portals with servers that hear.
async fn hearing(world: &World) -> (Portal, Hearing, Portal, Hearing) {
    let (flex, one_e) = (Hearing::begin().await, Hearing::begin().await);
    let uri = |hearing: &Hearing| json!({"backchannel_logout_uri": hearing.uri(), "backchannel_logout_session_required": true});
    world.with_clients(&[("lindenhof-flex", uri(&flex)), ("lindenhof-1e", uri(&one_e))]).await;
    (world.flex().await, flex, world.one_e(), one_e)
}

/// Signs Marie in at a portal: her tokens there.
async fn signed_in(world: &World, browser: &mut Browser, marie: &Person, portal: &Portal) -> Answer {
    browser.sign_in_by_sms(world, marie, portal).await;
    portal.tokens_from(&browser.page).await
}

/// Another portal in the same session.
async fn also_at(browser: &mut Browser, portal: &Portal) -> Answer {
    browser.visit(&portal.sign_in()).await;
    portal.tokens_from(&browser.page).await
}

/// The calls to portals in the outbox, the newest first.
async fn calls(world: &World) -> Vec<MessageSummary> {
    let filter = MessageFilter { channel: Some(Channel::Portal), ..MessageFilter::default() };
    world.manage().list_messages(SLUG, filter).await.expect("the outbox is read")
}

/// Waits until the only call stands so.
async fn stands(world: &World, state: MessageState) -> MessageSummary {
    for _ in 0..400 {
        if let [call] = &calls(world).await[..]
            && call.state == state
        {
            return call.clone();
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("not {state:?}: {:?}", calls(world).await);
}

fn claim(answer: &Answer, name: &str) -> Value {
    payload(&answer.text("id_token"))[name].clone()
}

flows! {
    async fn back_channel_2_signing_out_at_one_portal_tells_every_portal_of_the_session(world) {
        let (flex, flex_hears, one_e, one_e_hears) = hearing(world).await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        let (mut elsewhere, at_flex) = (world.browser(), signed_in(world, &mut browser, &marie, &flex).await);
        let at_one_e = also_at(&mut browser, &one_e).await;
        world.wait(120);
        let other_session = signed_in(world, &mut elsewhere, &marie, &flex).await;
        assert_ne!(claim(&other_session, "sid"), claim(&at_flex, "sid"), "another session, another sid");
        flex.sign_out(&mut browser, &at_flex.text("id_token")).await;
        assert_eq!(browser.page.url, format!("http://localhost:8081/signed-out?state={STATE}"), "nobody waits for the portals");
        for (portal, hears, tokens) in [(&flex, &flex_hears, &at_flex), (&one_e, &one_e_hears, &at_one_e)] {
            let claims = claims_of(world, portal, &hears.wait_for(1).await).await;
            for name in ["sub", "sid"] {
                assert_eq!(claims[name], claim(tokens, name), "{name} as {} knows it", portal.client_id);
            }
        }
        assert_ne!(claim(&at_flex, "sid"), claim(&at_one_e, "sid"), "no portal can compare sessions with another");
        assert_eq!(flex.userinfo(&other_session.text("access_token")).await.status, 200, "the other session goes on");
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!((flex_hears.heard().len(), one_e_hears.heard().len()), (1, 1), "once, of this session alone");
        assert!(calls(world).await.iter().all(|call| call.target == "127.0.0.1" && call.kind == "logout_token"));
    }

    async fn back_channel_2_8_a_portal_that_cannot_is_asked_again_with_a_fresh_token(world) {
        let (flex, hears, ..) = hearing(world).await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        let tokens = signed_in(world, &mut browser, &marie, &flex).await;
        hears.tell(&[Saying::Status(503), Saying::Status(302)]);
        flex.sign_out(&mut browser, &tokens.text("id_token")).await;
        let first = claims_of(world, &flex, &hears.wait_for(1).await).await;
        assert_eq!(stands(world, MessageState::Queued).await.error.as_deref(), Some("HTTP 503 Service Unavailable"));
        world.wait(6);
        let second = claims_of(world, &flex, &hears.wait_for(2).await).await;
        assert_eq!((&first["sid"], &first["sub"]), (&second["sid"], &second["sub"]));
        assert_ne!(first["jti"], second["jti"]);
        assert!(first["iat"].as_i64() < second["iat"].as_i64(), "made when it is sent");
        stands(world, MessageState::Queued).await;
        world.wait(31);
        hears.wait_for(3).await;
        stands(world, MessageState::Delivered).await;
    }

    async fn back_channel_2_8_a_portal_that_says_no_is_not_asked_again_until_the_operator_does(world) {
        let (flex, hears, ..) = hearing(world).await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        let tokens = signed_in(world, &mut browser, &marie, &flex).await;
        hears.tell(&[Saying::Status(400)]);
        flex.sign_out(&mut browser, &tokens.text("id_token")).await;
        hears.wait_for(1).await;
        let dead = stands(world, MessageState::Dead).await;
        assert!(dead.error.as_deref().is_some_and(|error| error.contains("400")), "{dead:?}");
        assert_eq!(dead.attempts, 1);
        world.wait(7_200);
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        assert_eq!(hears.heard().len(), 1);
        world.manage().send_again(SLUG, &dead.id.to_string()).await.expect("it is sent again");
        let again = claims_of(world, &flex, &hears.wait_for(2).await).await;
        assert_eq!(again["sid"], claim(&tokens, "sid"));
        stands(world, MessageState::Delivered).await;
    }

    async fn a_portal_that_hangs_holds_up_neither_the_person_nor_other_portals_nor_mails(world) {
        let (flex, flex_hears, one_e, one_e_hears) = hearing(world).await;
        one_e_hears.always(Saying::Nothing);
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        let at_flex = signed_in(world, &mut browser, &marie, &flex).await;
        also_at(&mut browser, &one_e).await;
        let begin = Instant::now();
        flex.sign_out(&mut browser, &at_flex.text("id_token")).await;
        assert!(begin.elapsed() < Duration::from_secs(2));
        one_e_hears.wait_for(1).await;
        flex_hears.wait_for(1).await;
        world.wait(120);
        let mails = world.mailbox.to(marie.phone()).len();
        let tokens = signed_in(world, &mut browser, &marie, &flex).await;
        assert_eq!(world.mailbox.to(marie.phone()).len(), mails + 1, "messages leave meanwhile");
        let logged_out = format!("{}/ui/logged-out?client_id=lindenhof-flex", world.issuer);
        flex.sign_out(&mut browser, &tokens.text("id_token")).await;
        flex_hears.wait_for(2).await;
        let begin = Instant::now();
        browser.visit(&logged_out).await.says("Vous êtes déconnecté");
        assert!(begin.elapsed() < Duration::from_secs(2), "only the portal that hangs is waited for, and it is not of this session");
        assert_eq!(browser.page.text_of("told"), "Lindenhof flex");
    }

    async fn the_page_after_signing_out_waits_three_seconds_and_then_names_who_was_told_and_who_was_not(world) {
        let (flex, flex_hears, one_e, one_e_hears) = hearing(world).await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        signed_in(world, &mut browser, &marie, &flex).await;
        also_at(&mut browser, &one_e).await;
        one_e_hears.always(Saying::Nothing);
        browser.visit(&format!("{}/logout", world.issuer)).await.says("Voulez-vous terminer votre session");
        let begin = Instant::now();
        browser.submit(&[("action", "yes")]).await.says("Vous êtes déconnecté");
        let waited = begin.elapsed();
        assert!(waited >= Duration::from_secs(3) && waited < Duration::from_secs(5), "{waited:?}");
        assert_eq!((browser.page.text_of("told"), browser.page.text_of("trying")), ("Lindenhof flex".into(), "Lindenhof 1e".into()));
        flex_hears.wait_for(1).await;
        let mut stranger = world.browser();
        stranger.visit(&format!("{}/ui/logged-out", world.issuer)).await.hides("Lindenhof flex");
        for (language, words) in [("de", "noch nicht geantwortet"), ("it", "non hanno ancora risposto"), ("en", "have not answered yet")] {
            browser.language = language;
            browser.visit(&format!("{}/ui/logged-out?lang={language}", world.issuer)).await.says(words);
        }
        world.wait(61);
        browser.visit(&format!("{}/ui/logged-out", world.issuer)).await.hides("Lindenhof 1e");
    }

    async fn however_a_session_ends_its_portals_are_told_and_nothing_accepts_its_tokens(world) {
        let (flex, hears, ..) = hearing(world).await;
        let marie = world.marie_with_account(&flex).await;
        for way in ["own page", "elsewhere", "operator", "one session", "idle", "suspended"] {
            let mut browser = world.browser();
            let tokens = signed_in(world, &mut browser, &marie, &flex).await;
            let (before, sid) = (hears.heard().len(), claim(&tokens, "sid"));
            end_by(world, way, &mut browser, &marie).await;
            let claims = claims_of(world, &flex, &hears.wait_for(before + 1).await).await;
            assert_eq!(claims["sid"], sid, "{way}");
            assert_eq!(flex.userinfo(&tokens.text("access_token")).await.status, 401, "{way}");
            assert_eq!(flex.refresh(&tokens.text("refresh_token")).await.status, 400, "{way}");
            world.wait(3_600);
        }
    }

    async fn two_processes_tell_a_portal_once(world) {
        let (flex, hears, ..) = hearing(world).await;
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        let (_db, beside, _routes) = world.beside().await;
        let (stop, mut stopped) = tokio::sync::watch::channel(false);
        tokio::spawn(async move { beside.run_workers(async move { drop(stopped.wait_for(|stop| *stop).await) }).await });
        for nth in 1..=3 {
            let tokens = signed_in(world, &mut browser, &marie, &flex).await;
            flex.sign_out(&mut browser, &tokens.text("id_token")).await;
            hears.wait_for(nth).await;
            world.wait(120);
        }
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!((hears.heard().len(), calls(world).await.len()), (3, 3));
        stop.send_replace(true);
    }

    async fn front_channel_3_the_other_portals_pages_are_loaded_before_the_way_back(world) {
        let page = |port: u16| json!({"frontchannel_logout_uri": format!("http://localhost:{port}/out?x=1")});
        world.with_clients(&[("lindenhof-flex", page(8081)), ("lindenhof-1e", page(8082))]).await;
        let (flex, one_e) = (world.flex().await, world.one_e());
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        let at_flex = signed_in(world, &mut browser, &marie, &flex).await;
        let at_one_e = also_at(&mut browser, &one_e).await;
        flex.sign_out(&mut browser, &at_flex.text("id_token")).await;
        let back = format!("http://localhost:8081/signed-out?state={STATE}");
        let page = browser.page.clone();
        assert_eq!(page.link("leaving-next").as_deref(), Some(back.as_str()));
        assert!(unescape(&page.html).contains(&format!(r#"<meta http-equiv="refresh" content="2; url={back}">"#)), "{}", page.html);
        let frames = page.html.split("<iframe").skip(1).map(|tag| unescape(attribute(tag, "src").expect("a frame has a page")));
        let mut frames: Vec<String> = frames.collect();
        frames.sort();
        let expected: Vec<String> = [(8081, &at_flex), (8082, &at_one_e)].iter().map(|(port, tokens)| {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("iss", &world.issuer)
                .append_pair("sid", claim(tokens, "sid").as_str().expect("a sid"))
                .finish();
            format!("http://localhost:{port}/out?x=1&{query}")
        }).collect();
        assert_eq!(frames, expected, "exactly iss and sid");
        let policy = page.headers["content-security-policy"].to_str().expect("text");
        let mut sources: Vec<&str> = policy.split_once("; frame-src ").expect("sources").1.split(' ').collect();
        sources.sort_unstable();
        assert_eq!(sources, ["http://localhost:8081/out", "http://localhost:8082/out"], "exactly these pages");
        // Without a way back the page after signing out loads them, then speaks.
        world.wait(120);
        signed_in(world, &mut browser, &marie, &flex).await;
        browser.visit(&format!("{}/logout", world.issuer)).await;
        browser.submit(&[("action", "yes")]).await;
        assert_eq!(browser.page.html.matches("<iframe").count(), 1);
        browser.follow("leaving-next").await.says("Vous êtes déconnecté");
        assert!(!browser.page.html.contains("<iframe"));
    }

    async fn session_management_2_3_a_portal_is_told_what_to_watch_and_signing_out_changes_it(world) {
        let (flex, one_e) = (world.flex().await, world.one_e());
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        let watch = format!("{}/check-session", world.issuer);
        signed_in(world, &mut browser, &marie, &flex).await;
        assert_eq!((browser.page.parameter("session_state"), browser.cookie("poterne-state")), (None, None), "off by default");
        assert_eq!(browser.visit(&watch).await.status, 404);
        let mut document = world.manage().document(SLUG).await.expect("the realm is read").expect("there is a realm");
        document.session_management = true;
        world.manage().apply_realm(document).await.expect("the realm is applied");
        let metadata = flex.get("/.well-known/openid-configuration").await;
        assert_eq!(metadata.json["check_session_iframe"], watch.as_str());
        let mut seen = Vec::new();
        let mut id_token = String::new();
        for portal in [&flex, &one_e, &flex] {
            browser.visit(&portal.sign_in()).await;
            let (state, known) = (browser.page.parameter("session_state").expect("it is told"), browser.cookie("poterne-state"));
            let (known, (_, salt)) = (known.expect("a cookie"), state.split_once('.').expect("a salt"));
            let expected = session_state(portal.client_id, &portal.redirect_uri(), &known, salt);
            assert_eq!(Some(&state), expected.as_ref(), "{}", portal.client_id);
            id_token = portal.tokens_from(&browser.page).await.text("id_token");
            let cookie = browser.trail.iter().flat_map(|page| page.headers.get_all("set-cookie"));
            let cookie = cookie.filter_map(|value| value.to_str().ok()).find(|value| value.starts_with("poterne-state"));
            assert!(cookie.is_some_and(|cookie| !cookie.contains("HttpOnly")), "its script reads it: {cookie:?}");
            assert!(!browser.cookie("poterne-lindenhof").expect("the session's").contains(&known), "never the session");
            seen.push((state, known));
        }
        assert!(seen[0].1 == seen[1].1 && seen[0].1 == seen[2].1, "one session");
        assert!(seen[0].0 != seen[2].0, "salted anew");
        let page = browser.visit(&watch).await;
        let policy = page.headers["content-security-policy"].to_str().expect("text");
        assert!(policy.contains("frame-ancestors 'none'"), "portals on http may not frame it: {policy}");
        assert!(page.html.contains(r#"data-cookie="poterne-state-lindenhof-8080""#) && !page.html.contains("<form"));
        flex.sign_out(&mut browser, &id_token).await;
        assert_eq!(browser.cookie("poterne-state").as_deref(), Some(""));
        browser.visit(&flex.sign_in_with(&[("prompt", "none")])).await;
        assert_eq!(browser.page.parameter("error").as_deref(), Some("login_required"));
        assert_eq!(browser.page.parameter("session_state"), None);
    }

    async fn rp_initiated_2_3_what_is_doubtful_is_asked_and_leads_nowhere(world) {
        let (flex, one_e) = (world.flex().await, world.one_e());
        let (marie, mut browser) = (world.marie_with_account(&flex).await, world.browser());
        let tokens = signed_in(world, &mut browser, &marie, &flex).await;
        let hint = tokens.text("id_token");
        let (back, unsigned, modified) = (format!("{}/signed-out", flex.home), unsigned(&hint), modified(&hint));
        let added = format!("{back}?foo=bar");
        let access_token = tokens.text("access_token");
        let one_e_back = format!("{}/signed-out", one_e.home);
        let doubtful: Vec<Vec<(&str, &str)>> = vec![
            vec![],
            vec![("state", STATE)],
            vec![("post_logout_redirect_uri", &back), ("state", STATE)],
            vec![("post_logout_redirect_uri", &back), ("client_id", "lindenhof-flex")],
            vec![("id_token_hint", "nonsense"), ("post_logout_redirect_uri", &back)],
            vec![("id_token_hint", &unsigned), ("post_logout_redirect_uri", &back)],
            vec![("id_token_hint", &modified), ("post_logout_redirect_uri", &back)],
            vec![("id_token_hint", &access_token), ("post_logout_redirect_uri", &back)],
            vec![("id_token_hint", &hint), ("post_logout_redirect_uri", &added)],
            vec![("id_token_hint", &hint), ("post_logout_redirect_uri", "https://evil.example/")],
            vec![("id_token_hint", &hint), ("post_logout_redirect_uri", &one_e_back)],
            vec![("id_token_hint", &hint), ("post_logout_redirect_uri", &back), ("client_id", "lindenhof-1e")],
            vec![("id_token_hint", &hint), ("post_logout_redirect_uri", &back), ("logout_hint", "urs@lac.example")],
        ];
        for params in doubtful {
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&params).finish();
            browser.visit(&format!("{}/logout?{query}", world.issuer)).await.says("Voulez-vous terminer votre session");
            assert!(browser.page.html.contains(r#"id="op-logout-confirm""#), "{params:?}");
            assert_eq!(flex.userinfo(&access_token).await.status, 200, "{params:?}");
        }
        // The same by POST, and the languages that the portal knows of.
        browser.post(&format!("{}/logout", world.issuer), &[("ui_locales", "rm de")]).await.says("Möchten Sie Ihre Sitzung");
        browser.submit(&[("action", "yes")]).await;
        assert!(browser.page.html.contains(r#"id="op-logged-out""#));
        assert_eq!(flex.userinfo(&access_token).await.status, 401);
    }
}

/// Ends Marie's session in this browser, one way or the other.
async fn end_by(world: &World, way: &str, browser: &mut Browser, marie: &Person) {
    let (manage, number) = (world.manage(), marie.registry_no.as_str());
    let own = format!("{}/ui/account/sessions", world.issuer);
    match way {
        "own page" => {
            let of = browser.visit(&format!("{}/ui/account", world.issuer)).await.value("of").expect("a session");
            browser.post(&own, &[("of", &of), ("action", &format!("end:{of}"))]).await.says("Vous êtes déconnecté");
        }
        "elsewhere" => {
            let of = browser.visit(&format!("{}/ui/account", world.issuer)).await.value("of").expect("a session");
            browser.post(&own, &[("of", &of), ("action", "everywhere")]).await.says("Vous êtes déconnecté");
        }
        "operator" => {
            let (_, ended) = manage.end_sessions(SLUG, number, None, "left signed in").await.expect("they end");
            assert_eq!(ended, 1);
        }
        "one session" => {
            let (_, sessions) = manage.list_sessions(SLUG, number).await.expect("they are listed");
            let [session] = &sessions[..] else { panic!("{sessions:?}") };
            assert_eq!(session.portals, ["Lindenhof flex"]);
            let refused = manage.end_sessions(SLUG, number, Some("AAAAAAAAAAAAAAAAAAAAAA"), "typing").await;
            assert!(refused.is_err_and(|why| why.to_string().contains("no live session")));
            manage.end_sessions(SLUG, number, Some(&session.id), "left signed in").await.expect("it ends");
        }
        "idle" => world.wait(3_600),
        _ => drop(manage.decide_account(SLUG, number, Decision::Suspend, "stolen").await.expect("it is stopped")),
    }
}

/// The same claims under `alg: none`.
fn unsigned(token: &str) -> String {
    let claims = token.split('.').nth(1).expect("a payload");
    format!("eyJhbGciOiJub25lIn0.{claims}.")
}

/// The same token with another signature.
fn modified(token: &str) -> String {
    let (rest, signature) = token.rsplit_once('.').expect("a signature");
    let first = if signature.starts_with('A') { "B" } else { "A" };
    format!("{rest}.{first}{}", &signature[1..])
}
