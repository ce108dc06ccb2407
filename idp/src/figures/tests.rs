//! Counters as a monitoring reads them.

use super::{Attempt, Exposition, Figures, Grant, Road, Route, SignIn};
use std::time::Duration;

#[test]
fn what_was_counted_is_told_by_fixed_labels_alone() {
    let figures = Figures::default();
    let login = Route::of("/ui/login/0123").expect("a route");
    figures.request(Some(login), "POST", 303, Duration::from_millis(30));
    figures.request(Some(login), "POST", 303, Duration::from_millis(3));
    figures.request(None, "BREW", 418, Duration::from_mins(1));
    figures.signin(SignIn::WrongPassword);
    figures.tokens(Grant::RefreshToken);
    figures.message(Road::Sms, Attempt::Dead);
    let waiting = figures.password_waits();
    let mut out = Exposition::default();
    figures.write(&mut out);
    drop(waiting);
    let text = out.into_text();
    for line in [
        "poterne_http_requests_total{route=\"/ui/login/{flow}\",method=\"POST\",status=\"303\"} 2",
        "poterne_http_requests_total{route=\"none\",method=\"other\",status=\"other\"} 1",
        "poterne_http_request_duration_seconds_bucket{route=\"/ui/login/{flow}\",le=\"0.005\"} 1",
        "poterne_http_request_duration_seconds_bucket{route=\"/ui/login/{flow}\",le=\"0.05\"} 2",
        "poterne_http_request_duration_seconds_bucket{route=\"/ui/login/{flow}\",le=\"+Inf\"} 2",
        "poterne_http_request_duration_seconds_sum{route=\"/ui/login/{flow}\"} 0.033000",
        "poterne_http_request_duration_seconds_count{route=\"none\"} 1",
        "poterne_sign_ins_total{outcome=\"wrong_password\"} 1",
        "poterne_sign_ins_total{outcome=\"succeeded\"} 0",
        "poterne_tokens_issued_total{grant=\"refresh_token\"} 1",
        "poterne_messages_total{channel=\"sms\",outcome=\"dead\"} 1",
        "poterne_messages_total{channel=\"mail\",outcome=\"dead\"} 0",
        "poterne_password_hashing_waiting 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
    }
    let mut out = Exposition::default();
    figures.write(&mut out);
    assert!(out.into_text().contains("poterne_password_hashing_waiting 0\n"));
}

#[test]
fn a_path_belongs_to_its_route_whatever_stands_for_its_variable_parts() {
    let pattern = |path: &str| Route::of(path).map(Route::pattern);
    assert_eq!(pattern("/token"), Some("/token"));
    assert_eq!(pattern("/"), Some("/"));
    assert_eq!(pattern("/ui/login/0123/factor"), Some("/ui/login/{flow}/factor"));
    assert_eq!(pattern("/ui/enroll/cancelled"), Some("/ui/enroll/cancelled"));
    assert_eq!(pattern("/ui/terms/insured/2"), Some("/ui/terms/{population}/{version}"));
    for nowhere in ["", "/nowhere", "/token/", "/ui/login/", "/ui/login//factor", "/ui/login/0123/other", "/ui/terms/a/b/c"] {
        assert_eq!(pattern(nowhere), None, "{nowhere}");
    }
}

#[test]
fn values_of_labels_are_escaped() {
    let mut out = Exposition::default();
    out.family("x", "gauge", "Something.");
    out.sample("x", &[("a", "b\"\\\n")], 1);
    assert_eq!(out.into_text(), "# HELP x Something.\n# TYPE x gauge\nx{a=\"b\\\"\\\\\\n\"} 1\n");
}
