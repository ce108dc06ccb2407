//! Pages that belong to no room: errors.

use crate::web::render::{Link, Page};
use serde::Serialize;

/// What went wrong, as far as the person needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ErrorKind {
    /// An app sent a request that cannot be accepted and must not be answered by redirect (RFC 6749 section 4.1.2.1).
    RequestRefused {
        /// The OAuth error code, such as `invalid_request`.
        code: String,
        /// In the demo only: the parameter and the cause, for the app's developer.
        detail: Option<String>,
    },
    /// Nothing lives at this address.
    NotFound,
    /// What was sent is too large.
    TooLarge,
    /// Too much to do at the moment; the same request may be sent again.
    Busy {
        /// Seconds to wait, as in `Retry-After`.
        retry_seconds: u32,
    },
    /// Too much began from one address: again later.
    TooMany {
        /// Seconds to wait, as in `Retry-After`.
        retry_seconds: u32,
    },
    /// A fault of ours.
    Internal,
    /// A form came from a foreign page.
    CrossSite,
}

/// An error page. The reference number is the frame's.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    /// What went wrong.
    #[serde(flatten)]
    pub kind: ErrorKind,
    /// The app or page to go back to, when it is known.
    pub back: Option<Link>,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "pages/error.html";

    fn samples() -> Vec<Self> {
        let back = Some(Link::new("Lindenhof flex", "http://localhost:8081/"));
        let detail = Some("redirect_uri differs from the registered one by a trailing slash".into());
        let refused = |code: &str, detail| ErrorKind::RequestRefused { code: code.into(), detail };
        let page = |kind| Self { kind, back: None };
        vec![
            Self { kind: refused("invalid_request", None), back: back.clone() },
            page(refused("unauthorized_client", detail)),
            page(ErrorKind::NotFound),
            page(ErrorKind::TooLarge),
            page(ErrorKind::Busy { retry_seconds: 5 }),
            page(ErrorKind::TooMany { retry_seconds: 412 }),
            Self { kind: ErrorKind::Internal, back },
            page(ErrorKind::CrossSite),
        ]
    }
}
