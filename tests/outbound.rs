//! What the provider fetches over TLS: only from whom it trusts, under the name it asked for.

use crate::support::gateways::Authority;
use poterne_idp::{Outbound, OutboundError, Trust, Wanted};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const ANY: Wanted = Wanted { media_types: &[], max_bytes: 1024 };

async fn server(tls: TlsAcceptor) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = tls.accept(stream).await else { continue };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

fn outbound(authority: Option<&Authority>) -> Outbound {
    Outbound::new(vec!["127.0.0.0/8".parse().unwrap()], authority.map(|authority| authority.pem.as_bytes())).unwrap()
}

#[tokio::test]
async fn an_extra_trust_anchor_opens_its_own_hosts_and_no_others() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let port = server(ours.server("localhost", 2035)).await;
    let uri = format!("https://localhost:{port}/jwks");
    let got = outbound(Some(&ours)).get(&uri, &ANY, Trust::Operator).await.unwrap();
    assert_eq!(&*got.body, b"{}");
    for stranger in [None, Some(&theirs)] {
        let refused = outbound(stranger).get(&uri, &ANY, Trust::Operator).await;
        assert!(matches!(refused, Err(OutboundError::Unreachable(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_certificate_of_another_name_or_past_its_time_is_none() {
    let authority = Authority::new();
    for (name, until) in [("other.example", 2035), ("localhost", 2020)] {
        let port = server(authority.server(name, until)).await;
        let refused = outbound(Some(&authority)).get(&format!("https://localhost:{port}/"), &ANY, Trust::Operator).await;
        assert!(matches!(refused, Err(OutboundError::Unreachable(_))), "{name}: {refused:?}");
    }
}

#[tokio::test]
async fn without_an_exception_loopback_is_not_even_asked() {
    let authority = Authority::new();
    let port = server(authority.server("localhost", 2035)).await;
    let strict = Outbound::new(Vec::new(), Some(authority.pem.as_bytes())).unwrap();
    assert_eq!(
        strict.get(&format!("https://localhost:{port}/"), &ANY, Trust::Operator).await.err(),
        Some(OutboundError::Forbidden)
    );
}
