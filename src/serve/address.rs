//! The client's address, the peer's or what a trusted proxy says of it, and the id that such a proxy gave the request. Nobody else's
//! header is believed.

use axum::extract::Request;
use axum::http::HeaderMap;
use ipnet::IpNet;
use poterne_idp::{ClientAddress, RequestId};
use std::net::{IpAddr, SocketAddr};

/// Notes the client's address for those who count by it, and a trusted proxy's id of the request.
pub fn note(trusted: &[IpNet], peer: SocketAddr, request: &mut Request) {
    let peer = peer.ip().to_canonical();
    let address = client(peer, request.headers(), trusted);
    request.extensions_mut().insert(ClientAddress(address));
    let given = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).and_then(RequestId::parse);
    if let Some(id) = given.filter(|_| trusted.iter().any(|net| net.contains(&peer))) {
        request.extensions_mut().insert(id);
    }
}

/// The nearest address that is no trusted proxy's, read from the proxy's end of `X-Forwarded-For`: what stands further left, anybody
/// may have written.
pub fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    // By bytes: what a client wrote into the line must not take away what the proxy wrote behind it.
    let values = headers.get_all("x-forwarded-for").iter();
    let hops: Vec<&[u8]> = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).collect();
    let mut nearest = peer;
    for hop in hops.into_iter().rev() {
        if !is_trusted(&nearest) {
            break;
        }
        let Some(address) = parsed(hop) else { break };
        nearest = address;
    }
    nearest
}

/// An address, with or without a port.
fn parsed(hop: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(hop).ok()?.trim();
    let text = text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(text);
    let plain = text.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    plain.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_about_its_neighbour() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/24".parse().unwrap()];
        let cases = [
            ("203.0.113.7", &["198.51.100.1"][..], "203.0.113.7"),
            ("10.0.0.5", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.5", &["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.5", &["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.5", &["198.51.100.1, 10.0.0.6"], "198.51.100.1"),
            ("10.0.0.5", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.0.0.5", &["nonsense"], "10.0.0.5"),
            ("10.0.0.5", &["198.51.100.1, nonsense"], "10.0.0.5"),
            ("10.0.0.5", &[], "10.0.0.5"),
            ("10.0.0.5", &["\u{fffd}, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.5", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.0.0.5", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("::ffff:10.0.0.5", &["2001:db8::1"], "2001:db8::1"),
        ];
        for (peer, lines, expected) in cases {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", axum::http::HeaderValue::from_bytes(line.as_bytes()).unwrap());
            }
            let peer: IpAddr = peer.parse::<IpAddr>().unwrap().to_canonical();
            assert_eq!(client(peer, &headers, &trusted), expected.parse::<IpAddr>().unwrap(), "{peer} {lines:?}");
        }
    }
}
