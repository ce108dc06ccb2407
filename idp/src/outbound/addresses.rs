//! Where a fetch may go: to public addresses, and to what the operator excepted.

use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use url::Host;

/// One exception of an operator's: what may be fetched although its address is not public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// A host and port as addresses name them, such as `portal.internal:8443`; wherever the name leads.
    Host(Host<String>, u16),
    /// All addresses of a network, such as `10.20.0.0/16`.
    Network(IpNet),
}

/// What is no exception, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is neither a host with its port, such as portal.internal:8443, nor a network, such as 10.20.0.0/16")]
pub struct NotAllowed(String);

impl FromStr for Allowed {
    type Err = NotAllowed;

    fn from_str(text: &str) -> Result<Self, NotAllowed> {
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(network.trunc()));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        let named = text.rsplit_once(':').and_then(|(host, port)| Some((Host::parse(host).ok()?, port.parse().ok()?)));
        named.map(|(host, port)| Self::Host(host, port)).ok_or_else(|| NotAllowed(text.to_owned()))
    }
}

/// Whether both are the same host.
fn same(one: &Host<String>, other: &Host<&str>) -> bool {
    match (one, other) {
        (Host::Domain(one), Host::Domain(other)) => one == other,
        (Host::Ipv4(one), Host::Ipv4(other)) => one == other,
        (Host::Ipv6(one), Host::Ipv6(other)) => one == other,
        _ => false,
    }
}

impl Allowed {
    /// Whether this is the exception of that very host and port.
    pub(super) fn names(&self, host: &Host<&str>, port: u16) -> bool {
        matches!(self, Self::Host(named, at) if *at == port && same(named, host))
    }

    pub(super) const fn network(&self) -> Option<IpNet> {
        match self {
            Self::Network(network) => Some(*network),
            Self::Host(..) => None,
        }
    }
}

/// Whether a fetch may go to this address.
pub(super) fn may_go(address: IpAddr, networks: &[IpNet]) -> bool {
    let address = address.to_canonical();
    is_public(address) || networks.iter().any(|network| network.contains(&address))
}

/// Whether the host is this machine by its own account: an address of loopback, or a name that is reserved for it (RFC 6761 section 6.3).
pub(super) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Whether everybody could reach this address: none that the registries of special-purpose addresses (RFC 6890) keep for something else.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        // This network, private use, loopback, multicast and everything above.
        [0 | 10 | 127 | 224.., ..]
        // Link-local, private use.
        | [169, 254, ..] | [192, 168, ..]
        // Protocol assignments, documentation, 6to4 relays.
        | [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        // Shared by carriers (RFC 6598), private use, benchmarks.
        [100, second, ..] => (64..128).contains(&second),
        [172, second, ..] => (16..32).contains(&second),
        [198, second, ..] => (18..20).contains(&second),
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // An IPv4 address behind a translator (RFC 6052 section 2.1): it is that address that counts.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Protocol assignments with Teredo, documentation, 6to4.
        [0x2001, second, ..] => second > 0x01ff && second != 0x0db8,
        [0x2002, ..] => false,
        [0x3fff, second, ..] => second > 0x0fff,
        // Of all the rest only what is given out to networks (RFC 4291 section 2.4).
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes(address: &str, networks: &[&str]) -> bool {
        let networks: Vec<IpNet> = networks.iter().map(|network| network.parse().unwrap()).collect();
        may_go(address.parse().unwrap(), &networks)
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn rfc6890_no_special_address_is_public() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!goes(address, &[]), "{address}");
        }
        for address in [
            "1.1.1.1",
            "9.9.9.9",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2001:4860::8888",
            "2606:4700::1111",
            "2a00::1",
        ] {
            assert!(goes(address, &[]), "{address}");
        }
    }

    #[test]
    fn an_excepted_network_is_reached_by_either_spelling_of_its_addresses() {
        assert!(goes("10.20.1.1", &["10.20.0.0/16"]) && goes("::ffff:10.20.1.1", &["10.20.0.0/16"]));
        assert!(!goes("10.21.1.1", &["10.20.0.0/16"]) && goes("fd00::1", &["fd00::/8"]));
    }

    #[test]
    fn an_exception_is_a_host_with_its_port_or_a_network() {
        let read = |text: &str| text.parse::<Allowed>();
        assert_eq!(read("10.20.1.1/16"), Ok(Allowed::Network("10.20.0.0/16".parse().unwrap())));
        assert_eq!(read("10.20.1.1"), Ok(Allowed::Network("10.20.1.1/32".parse().unwrap())));
        assert_eq!(read("::1"), Ok(Allowed::Network("::1/128".parse().unwrap())));
        let named = read("Portal.Internal:8443").unwrap();
        assert!(named.names(&Host::Domain("portal.internal"), 8443));
        assert!(!named.names(&Host::Domain("portal.internal"), 443) && !named.names(&Host::Domain("x.portal.internal"), 8443));
        assert!(read("[::1]:9000").unwrap().names(&Host::Ipv6(Ipv6Addr::LOCALHOST), 9000));
        assert!(read("127.0.0.1:9000").unwrap().names(&Host::Ipv4(Ipv4Addr::LOCALHOST), 9000));
        for text in
            ["", "portal.internal", "portal.internal:", "portal.internal:99999", "https://a.example:1", "10.0.0.0/33", ":1"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
