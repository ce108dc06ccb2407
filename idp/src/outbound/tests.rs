//! Small servers on loopback that behave badly, and what the client makes of them.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const ANY: Wanted = Wanted { media_types: &[], max_bytes: 1024 };

/// A server that answers everything with these bytes; how often it was asked.
async fn server(answer: &'static str) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, asked) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let counted = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                if answer.is_empty() || answer.ends_with("...") {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    (port, asked)
}

/// With loopback excepted.
fn on_loopback() -> Outbound {
    Outbound::new(vec!["127.0.0.0/8".parse().unwrap()], None).unwrap()
}

async fn fetched(answer: &'static str) -> Result<Fetched, OutboundError> {
    let (port, _) = server(answer).await;
    on_loopback().get(&format!("http://127.0.0.1:{port}/keys"), &ANY, Trust::Operator).await
}

#[tokio::test]
async fn a_document_comes_with_its_type_and_how_long_it_may_be_kept() {
    let whole = "HTTP/1.1 200 OK\r\ncontent-type: Application/JSON; charset=utf-8\r\ncache-control: public, max-age=60\r\n\
                 content-length: 2\r\nconnection: close\r\n\r\n{}";
    let got = fetched(whole).await.unwrap();
    assert_eq!((&*got.body, got.media_type.as_deref()), (&b"{}"[..], Some("application/json")));
    assert_eq!(got.max_age, Some(Duration::from_secs(60)));
    let (port, _) = server(whole).await;
    let wanted = Wanted { media_types: &["image/png"], ..ANY };
    let got = on_loopback().get(&format!("http://127.0.0.1:{port}/"), &wanted, Trust::Operator).await;
    assert_eq!(got.err(), Some(OutboundError::MediaType));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (target, asked) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let answer: &'static str =
        format!("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{target}/\r\ncontent-length: 0\r\n\r\n").leak();
    assert_eq!(fetched(answer).await.err(), Some(OutboundError::Status(StatusCode::FOUND)));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn no_more_is_read_than_is_wanted() {
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\nx...";
    assert_eq!(fetched(announced).await.err(), Some(OutboundError::TooLong));
    let chunk = format!("{:x}\r\n{}\r\n", 600, "x".repeat(600));
    let endless: &'static str = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunk}{chunk}...").leak();
    assert_eq!(fetched(endless).await.err(), Some(OutboundError::TooLong));
}

#[tokio::test]
async fn addresses_that_are_not_public_are_refused_before_anything_is_sent() {
    let (port, asked) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let outbound = Outbound::default();
    for host in
        ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "localhost", "169.254.169.254"]
    {
        let refused = outbound.get(&format!("https://{host}:{port}/"), &ANY, Trust::Operator).await.err();
        assert_eq!(refused, Some(OutboundError::Forbidden), "{host}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    let other = Outbound::new(vec!["10.0.0.0/8".parse().unwrap()], None).unwrap();
    assert_eq!(
        other.get(&format!("https://localhost:{port}/"), &ANY, Trust::Operator).await.err(),
        Some(OutboundError::Forbidden)
    );
}

#[tokio::test]
async fn only_https_and_no_user_name() {
    let outbound = on_loopback();
    for uri in [
        "",
        "keys",
        "//a.example/",
        "http://a.example/",
        "ftp://a.example/",
        "file:///etc/passwd",
        "data:,x",
        "gopher://127.0.0.1/",
        "https://user@a.example/",
        "https://user:secret@a.example/",
        "https://",
    ] {
        assert_eq!(outbound.get(uri, &ANY, Trust::Operator).await.err(), Some(OutboundError::Address), "{uri}");
        assert_eq!(outbound.check(uri, Trust::Operator), Err(OutboundError::Address), "{uri}");
    }
    assert_eq!(Outbound::default().check("http://127.0.0.1:1/", Trust::Operator), Err(OutboundError::Forbidden));
    assert_eq!(
        Outbound::default().check("http://localhost/", Trust::Operator),
        Err(OutboundError::Address),
        "http wants an exception"
    );
    assert_eq!(outbound.check("http://localhost:1/", Trust::Operator), Ok(()));
    assert_eq!(outbound.check("https://a.example/", Trust::Operator), Ok(()));
    let long = format!("https://a.example/{}", "x".repeat(LONGEST));
    assert_eq!(outbound.check(&long, Trust::Operator), Err(OutboundError::Address));
}

#[tokio::test]
async fn a_host_that_is_excepted_by_name_may_lead_anywhere_but_another_port_may_not() {
    let (port, _) = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
    let outbound = Outbound::new(vec![format!("localhost:{port}").parse().unwrap()], None).unwrap();
    assert_eq!(&*outbound.get(&format!("http://localhost:{port}/"), &ANY, Trust::Operator).await.unwrap().body, b"ok");
    assert_eq!(outbound.get("http://localhost:1/", &ANY, Trust::Operator).await.err(), Some(OutboundError::Address));
    assert_eq!(
        outbound.get(&format!("http://127.0.0.1:{port}/"), &ANY, Trust::Operator).await.err(),
        Some(OutboundError::Forbidden)
    );
}

#[tokio::test]
async fn a_form_is_posted_and_the_status_told() {
    let (port, _) = server("HTTP/1.1 204 No Content\r\n\r\n").await;
    let status = on_loopback().post_form(&format!("http://127.0.0.1:{port}/"), &[("logout_token", "a b")], Trust::Operator).await;
    assert_eq!(status, Ok(StatusCode::NO_CONTENT));
    let nobody = on_loopback().post_form("http://127.0.0.1:1/", &[], Trust::Operator).await;
    assert!(matches!(nobody, Err(OutboundError::Unreachable(_))), "{nobody:?}");
}

#[tokio::test]
async fn a_host_that_never_answers_delays_nobody_else() {
    let (slow, asked) = server("").await;
    let (quick, _) = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").await;
    let outbound = on_loopback();
    // The first fetch reads the machine's trust anchors.
    let elsewhere = format!("http://localhost:{quick}/");
    assert_eq!(&*outbound.get(&elsewhere, &ANY, Trust::Operator).await.unwrap().body, b"ok");
    let stuck: Vec<_> = (0..IN_LINE)
        .map(|_| {
            let outbound = outbound.clone();
            tokio::spawn(async move { outbound.get(&format!("http://127.0.0.1:{slow}/"), &ANY, Trust::Operator).await })
        })
        .collect();
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if asked.load(Ordering::SeqCst) == AT_ONCE {
            break;
        }
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(asked.load(Ordering::SeqCst), AT_ONCE);
    let more = outbound.get(&format!("http://127.0.0.1:{slow}/"), &ANY, Trust::Operator).await;
    assert_eq!(more.err(), Some(OutboundError::Busy));
    let elsewhere = timeout(Duration::from_secs(2), outbound.get(&elsewhere, &ANY, Trust::Operator)).await;
    assert_eq!(&*elsewhere.unwrap().unwrap().body, b"ok");
    for fetch in stuck {
        assert_eq!(fetch.await.unwrap().err(), Some(OutboundError::TooSlow));
    }
}

#[test]
fn trust_anchors_are_certificates() {
    for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"] {
        assert!(Outbound::new(Vec::new(), Some(pem.as_bytes())).is_err(), "{pem}");
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
const STRANGER: Trust = Trust::Registered { loopback: false };
const TESTER: Trust = Trust::Registered { loopback: true };

#[tokio::test]
async fn exceptions_are_for_the_operators_clients_and_none_for_those_that_registered_themselves() {
    let allowed = ["10.0.0.0/8", "127.0.0.0/8", "localhost:8443", "portal.internal:8443", "192.168.1.1:8443"];
    let inside: LookUp = |_| Box::pin(async { Ok(vec![([10, 0, 0, 1], 0).into()]) });
    let outbound = Outbound::looking_up(inside, allowed.iter().map(|one| one.parse().unwrap()).collect(), Vec::new());
    for (uri, of_tester) in [
        ("https://10.1.2.3/", Err(OutboundError::Forbidden)),
        ("https://[::ffff:10.1.2.3]/", Err(OutboundError::Forbidden)),
        ("https://192.168.1.1:8443/", Err(OutboundError::Forbidden)),
        ("https://127.0.0.1/", Ok(())),
        ("http://127.0.0.1:8081/", Ok(())),
        ("http://localhost:8443/", Ok(())),
    ] {
        assert_eq!(outbound.check(uri, Trust::Operator), Ok(()), "{uri}");
        assert!(outbound.check(uri, STRANGER).is_err(), "{uri}");
        assert_eq!(outbound.check(uri, TESTER), of_tester, "{uri}");
    }
    for trust in [STRANGER, TESTER] {
        for host in ["portal.internal", "wiki.internal"] {
            let refused = outbound.get(&format!("https://{host}:8443/"), &ANY, trust).await;
            assert_eq!(refused.err(), Some(OutboundError::Forbidden), "{host} {trust:?}");
        }
    }
}

#[tokio::test]
async fn a_tester_reaches_loopback_only_where_the_operator_excepted_it() {
    let (port, asked) = server(OK).await;
    let uri = format!("https://127.0.0.1:{port}/");
    for allowed in ["10.0.0.0/8", "localhost:1", "127.0.0.9:443"] {
        let outbound = Outbound::new(vec![allowed.parse().unwrap()], None).unwrap();
        assert_eq!(outbound.get(&uri, &ANY, TESTER).await.err(), Some(OutboundError::Forbidden), "{allowed}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    let named = Outbound::new(vec![format!("localhost:{port}").parse().unwrap()], None).unwrap();
    for outbound in [named, on_loopback()] {
        let got = outbound.get(&format!("http://localhost:{port}/"), &ANY, TESTER).await.unwrap();
        assert_eq!(&*got.body, b"ok");
    }
}

#[tokio::test]
async fn names_that_are_looked_up_for_ever_keep_only_those_waiting_who_registered_themselves() {
    let (port, _) = server(OK).await;
    let partly: LookUp = |name| {
        Box::pin(async move {
            if name.starts_with("hang") {
                std::future::pending::<()>().await;
            }
            Ok(vec![([127, 0, 0, 1], 0).into()])
        })
    };
    let outbound = Outbound::looking_up(partly, vec!["127.0.0.0/8".parse().unwrap()], Vec::new());
    let uri = format!("http://localhost:{port}/");
    assert_eq!(&*outbound.get(&uri, &ANY, Trust::Operator).await.unwrap().body, b"ok");
    let stuck: Vec<_> = (0..100)
        .map(|nth| {
            let outbound = outbound.clone();
            tokio::spawn(async move { outbound.get(&format!("https://hang{nth}.example/"), &ANY, STRANGER).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let meanwhile = timeout(Duration::from_secs(2), outbound.get(&uri, &ANY, Trust::Operator)).await;
    assert_eq!(&*meanwhile.unwrap().unwrap().body, b"ok");
    for fetch in stuck {
        assert_eq!(fetch.await.unwrap().err(), Some(OutboundError::TooSlow));
    }
}

#[tokio::test]
async fn a_stranger_is_told_the_same_of_a_host_inside_and_of_one_that_is_not_there() {
    let look_up: LookUp = |name| {
        Box::pin(async move {
            if name == "wiki.internal" { Ok(vec![([10, 0, 0, 1], 0).into()]) } else { Err(std::io::Error::other("no such name")) }
        })
    };
    let outbound = Outbound::looking_up(look_up, vec!["10.0.0.0/8".parse().unwrap()], Vec::new());
    let day = Duration::from_secs(24 * 60 * 60);
    let keeping: Keeping<()> =
        Keeping { wanted: ANY, read: |_| Ok(()), fresh: |_| Duration::ZERO, stale: day, renewed_after: day };
    let (kept, now) = (Kept::default(), poterne_protocol::time::Timestamp::from_secs(1));
    for uri in ["https://wiki.internal/", "https://10.0.0.1/", "https://nobody.example/"] {
        let refused = kept.get((&outbound, STRANGER), ("budget", uri), &keeping, Want::Fresh, now).await;
        assert_eq!(refused.err(), Some(KeptError::Fetch(OutboundError::Untold)), "{uri}");
    }
}
