//! Requests by route, method and status, and how long they took.

use super::text::Exposition;
use crate::urls::paths;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A route of a realm, by its place in the list of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route(usize);

impl Route {
    /// The route of a path below the issuer.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let exact = paths::ROUTES.iter().position(|route| *route == path);
        exact.or_else(|| paths::ROUTES.iter().position(|route| route.contains('{') && fits(route, path))).map(Self)
    }

    /// As axum writes it, such as `/ui/login/{flow}`.
    #[must_use]
    pub fn pattern(self) -> &'static str {
        paths::ROUTES.get(self.0).copied().unwrap_or(NONE)
    }
}

/// Whether a path has a route's parts, where a part in braces stands for any.
fn fits(route: &str, path: &str) -> bool {
    let (mut route, mut path) = (route.split('/'), path.split('/'));
    loop {
        match (route.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(part)) if wanted == part || (wanted.starts_with('{') && !part.is_empty()) => {}
            _ => return false,
        }
    }
}

/// What answers for itself: no realm, or no route of it.
const NONE: &str = "none";
const METHODS: [&str; 5] = ["GET", "POST", "HEAD", "OPTIONS", "other"];
/// What Poterne answers with; anything else is counted as one.
const STATUSES: [u16; 18] = [200, 204, 303, 304, 400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 500, 501, 503];
const STATUS_VALUES: usize = STATUSES.len() + 1;
const ROUTE_VALUES: usize = paths::ROUTES.len() + 1;
/// Upper bounds in seconds, and in microseconds.
const BOUNDS: [(&str, u64); 11] = [
    ("0.001", 1_000),
    ("0.005", 5_000),
    ("0.01", 10_000),
    ("0.025", 25_000),
    ("0.05", 50_000),
    ("0.1", 100_000),
    ("0.25", 250_000),
    ("0.5", 500_000),
    ("1", 1_000_000),
    ("2.5", 2_500_000),
    ("10", 10_000_000),
];

/// One route.
struct Row {
    counts: [[AtomicU64; STATUS_VALUES]; METHODS.len()],
    /// By bound, not yet summed up; the last is above all bounds.
    times: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

fn zeros<const N: usize>() -> [AtomicU64; N] {
    std::array::from_fn(|_| AtomicU64::new(0))
}

pub(super) struct Requests(Box<[Row]>);

impl Default for Requests {
    fn default() -> Self {
        let row = |_| Row { counts: std::array::from_fn(|_| zeros()), times: zeros(), micros: AtomicU64::new(0) };
        Self((0..ROUTE_VALUES).map(row).collect())
    }
}

impl Requests {
    pub(super) fn add(&self, route: Option<Route>, method: &str, status: u16, took: Duration) {
        let Some(row) = self.0.get(route.map_or(ROUTE_VALUES - 1, |route| route.0)) else { return };
        let method = METHODS.iter().position(|known| *known == method).unwrap_or(METHODS.len() - 1);
        let status = STATUSES.iter().position(|known| *known == status).unwrap_or(STATUSES.len());
        if let Some(count) = row.counts.get(method).and_then(|statuses| statuses.get(status)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bound = BOUNDS.iter().position(|(_, bound)| micros <= *bound).unwrap_or(BOUNDS.len());
        if let Some(count) = row.times.get(bound) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        row.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Writes what is not zero.
    pub(super) fn write(&self, out: &mut Exposition) {
        let name = |at: usize| paths::ROUTES.get(at).copied().unwrap_or(NONE);
        out.family("poterne_http_requests_total", "counter", "Requests answered, by route, method and status.");
        for (at, row) in self.0.iter().enumerate() {
            for (method, statuses) in METHODS.iter().zip(&row.counts) {
                for (nth, count) in statuses.iter().enumerate() {
                    let count = count.load(Ordering::Relaxed);
                    let status = STATUSES.get(nth).map_or_else(|| "other".to_owned(), ToString::to_string);
                    if count > 0 {
                        let labels = [("route", name(at)), ("method", *method), ("status", status.as_str())];
                        out.sample("poterne_http_requests_total", &labels, count);
                    }
                }
            }
        }
        let family = "poterne_http_request_duration_seconds";
        out.family(family, "histogram", "Time until an answer was ready, by route.");
        for (at, row) in self.0.iter().enumerate() {
            row.write_times(out, family, name(at));
        }
    }
}

impl Row {
    fn write_times(&self, out: &mut Exposition, family: &str, route: &str) {
        let mut sum = 0;
        let counts: Vec<u64> = self.times.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        if counts.iter().all(|count| *count == 0) {
            return;
        }
        let bounds = BOUNDS.iter().map(|(bound, _)| *bound).chain(["+Inf"]);
        for (bound, count) in bounds.zip(counts) {
            sum += count;
            out.sample(&format!("{family}_bucket"), &[("route", route), ("le", bound)], sum);
        }
        let micros = self.micros.load(Ordering::Relaxed);
        let seconds = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        out.sample(&format!("{family}_sum"), &[("route", route)], seconds);
        out.sample(&format!("{family}_count"), &[("route", route)], sum);
    }
}
