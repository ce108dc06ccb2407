//! The `claims` parameter (OpenID Connect Core section 5.5): single claims that a client asks for by name, beside its scopes.
//!
//! A claim is granted where a scope opens it that the client is registered for, whether or not the request names that scope: what a
//! client may know is its registration's to say. Everything else that is asked for is ignored, as the specification wants it.

use super::level::Level;
use super::{DOMAIN, names_of, scope_of};
use crate::scope::Scope;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Longest text that is read: more than twice what asking for every claim twice takes.
const LONGEST: usize = 4_096;

/// Names of claims about a person that are granted, by the place they are asked for in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Into the ID token.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub id_token: BTreeSet<String>,
    /// Into the userinfo answer.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub userinfo: BTreeSet<String>,
}

/// What a client asks for by the parameter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// Claims about the person.
    #[serde(default)]
    pub wanted: Wanted,
    /// The levels of which one must be reached (section 5.5.1.1): `acr` is asked for as essential, with values. Values that name no
    /// level are left out, so that an empty list can never be met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<Level>>,
    /// The levels that `acr` is asked for with, without insisting on them; not checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wished_levels: Vec<String>,
    /// Who the person must be, as the client knows them: `sub` is asked for with a value, or with several, of which one must be theirs
    /// (section 5.5.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subjects: Option<Vec<String>>,
}

/// A text that asks for no claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadClaims {
    /// It has more than 4,096 bytes.
    #[error("claims is longer than {LONGEST} bytes")]
    TooLong,
    /// It is no JSON object.
    #[error("claims is no JSON object")]
    NoObject,
    /// `id_token` or `userinfo` is no object of claims, each null or an object.
    #[error("a member of claims is no object of claims, each null or an object")]
    BadMember,
    /// `essential` is no boolean, or `values` no list.
    #[error("claims asks for a claim with an essential that is no boolean, or values that are no list")]
    BadClaim,
    /// `sub` is asked for with a value that no `sub` can have.
    #[error("claims asks for a sub that is no text")]
    BadSubject,
}

impl Wanted {
    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.id_token.is_empty() && self.userinfo.is_empty()
    }

    /// Without what the client is no longer registered for: a claim that was taken from it is told no more, whatever was granted.
    #[must_use]
    pub fn narrowed(mut self, registered: &Scope) -> Self {
        for names in [&mut self.id_token, &mut self.userinfo] {
            names.retain(|name| scope_of(name).is_some_and(|scope| registered.contains(scope)));
        }
        self
    }
}

/// Reads the parameter for a client registered for these scopes.
pub fn parse(text: &str, registered: &Scope) -> Result<ClaimsRequest, BadClaims> {
    if text.len() > LONGEST {
        return Err(BadClaims::TooLong);
    }
    let Ok(Value::Object(document)) = serde_json::from_str(text) else { return Err(BadClaims::NoObject) };
    let (id_token, userinfo) = (member(&document, "id_token")?, member(&document, "userinfo")?);
    let granted = |asked: &[Individual<'_>]| {
        let names = asked.iter().map(|claim| claim.name);
        let open = names.filter(|name| scope_of(name).is_some_and(|scope| registered.contains(scope)));
        open.map(str::to_owned).collect()
    };
    let acr = id_token.iter().find(|claim| claim.name == "acr" && !claim.values.is_empty());
    let level = |value: &&Value| Level::ALL.into_iter().find(|level| value.as_str() == Some(level.as_str()));
    let wished = acr.filter(|claim| !claim.essential).into_iter().flat_map(|claim| &claim.values);
    Ok(ClaimsRequest {
        wanted: Wanted { id_token: granted(&id_token), userinfo: granted(&userinfo) },
        levels: acr.filter(|claim| claim.essential).map(|claim| claim.values.iter().filter_map(level).collect()),
        wished_levels: wished.filter_map(|value| value.as_str()).map(str::to_owned).collect(),
        subjects: subjects(&id_token, &userinfo)?,
    })
}

/// Both places are about the one person who signs in: where both name somebody, it must be the same.
fn subjects(id_token: &[Individual<'_>], userinfo: &[Individual<'_>]) -> Result<Option<Vec<String>>, BadClaims> {
    let named = |claims: &[Individual<'_>]| {
        let sub = claims.iter().find(|claim| claim.name == "sub" && !claim.values.is_empty());
        let texts = sub.map(|claim| claim.values.iter().map(|value| value.as_str().map(str::to_owned)).collect());
        texts.map(|texts: Option<Vec<String>>| texts.ok_or(BadClaims::BadSubject)).transpose()
    };
    Ok(match (named(id_token)?, named(userinfo)?) {
        (Some(one), Some(other)) => Some(one.into_iter().filter(|subject| other.contains(subject)).collect()),
        (one, other) => one.or(other),
    })
}

/// One claim as it is asked for (section 5.5.1).
struct Individual<'a> {
    name: &'a str,
    essential: bool,
    /// Its `value`, or its `values`.
    values: Vec<&'a Value>,
}

fn member<'a>(document: &'a Map<String, Value>, name: &str) -> Result<Vec<Individual<'a>>, BadClaims> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(claims)) => claims.iter().map(|(name, asked)| individual(name, asked)).collect(),
        Some(_) => Err(BadClaims::BadMember),
    }
}

fn individual<'a>(name: &'a str, asked: &'a Value) -> Result<Individual<'a>, BadClaims> {
    let details = match asked {
        Value::Null => return Ok(Individual { name, essential: false, values: Vec::new() }),
        Value::Object(details) => details,
        _ => return Err(BadClaims::BadMember),
    };
    let essential = match details.get("essential") {
        None => false,
        Some(Value::Bool(essential)) => *essential,
        Some(_) => return Err(BadClaims::BadClaim),
    };
    let mut values: Vec<&Value> = details.get("value").into_iter().collect();
    match details.get("values") {
        None => {}
        Some(Value::Array(list)) => values.extend(list),
        Some(_) => return Err(BadClaims::BadClaim),
    }
    Ok(Individual { name, essential, values })
}

/// Which claims somebody gets: those that a scope opens, and those granted by name.
#[derive(Debug, Clone, Copy)]
pub struct Opened<'a> {
    /// The scope.
    pub scope: &'a Scope,
    /// The names.
    pub names: &'a BTreeSet<String>,
}

impl Opened<'_> {
    /// Whether this claim is among them.
    #[must_use]
    pub fn opens(&self, name: &str) -> bool {
        self.names.contains(name) || scope_of(name).is_some_and(|scope| self.scope.contains(scope))
    }

    /// Whether any of the claims of the fund's own kind is among them.
    #[must_use]
    pub fn opens_domain(&self) -> bool {
        names_of(DOMAIN).any(|name| self.opens(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn read(asked: &Value, registered: &str) -> Result<ClaimsRequest, BadClaims> {
        parse(&asked.to_string(), &scope(registered))
    }

    #[test]
    fn core_5_5_names_are_kept_by_place_and_unknown_ones_ignored() {
        let all = "openid profile email phone poterne";
        for (asked, id_token, userinfo) in [
            (json!({}), vec![], vec![]),
            (json!({"id_token": {"urn:poterne:population": null}}), vec!["urn:poterne:population"], vec![]),
            (json!({"userinfo": {"urn:poterne:org": {"essential": true}}}), vec![], vec!["urn:poterne:org"]),
            (json!({"id_token": null, "userinfo": {"email": null, "name": {}}}), vec![], vec!["email", "name"]),
            (json!({"id_token": {"nonsense": null, "urn:poterne:x": null, "portrait": null}}), vec![], vec![]),
            (json!({"id_token": {"iss": null, "auth_time": {"essential": true}, "sub": null}}), vec![], vec![]),
            (json!({"other": {"email": null}, "id_token": {"email": {"value": "x", "foo": 1}}}), vec!["email"], vec![]),
        ] {
            let expected = Wanted { id_token: set(&id_token), userinfo: set(&userinfo) };
            assert_eq!(read(&asked, all).unwrap(), ClaimsRequest { wanted: expected, ..ClaimsRequest::default() }, "{asked}");
        }
    }

    #[test]
    fn a_client_is_granted_the_claims_of_the_scopes_it_is_registered_for() {
        let asked = json!({"id_token": {"urn:poterne:population": null, "email": null, "phone_number": null}});
        for (registered, granted) in [
            ("openid", vec![]),
            ("openid email", vec!["email"]),
            ("openid poterne", vec!["urn:poterne:population"]),
            ("openid email phone poterne", vec!["email", "phone_number", "urn:poterne:population"]),
        ] {
            assert_eq!(read(&asked, registered).unwrap().wanted.id_token, set(&granted), "{registered}");
        }
    }

    #[test]
    fn what_a_client_is_registered_for_no_more_is_told_no_more() {
        let both = || set(&["email", "urn:poterne:population"]);
        for (registered, left) in [("openid email poterne", both()), ("openid email", set(&["email"])), ("openid", set(&[]))] {
            let narrowed = Wanted { id_token: both(), userinfo: both() }.narrowed(&scope(registered));
            assert_eq!(narrowed, Wanted { id_token: left.clone(), userinfo: left }, "{registered}");
        }
    }

    #[test]
    fn core_5_5_1_1_an_essential_acr_with_values_names_the_levels() {
        let multi = "urn:poterne:level:multi";
        for (acr, levels) in [
            (json!(null), None),
            (json!({"essential": true}), None),
            (json!({"values": [multi]}), None),
            (json!({"essential": false, "value": multi}), None),
            (json!({"essential": true, "value": multi}), Some(vec![Level::Multi])),
            (json!({"essential": true, "values": ["urn:other:gold", multi]}), Some(vec![Level::Multi])),
            (json!({"essential": true, "values": ["urn:other:gold", 7]}), Some(vec![])),
        ] {
            assert_eq!(read(&json!({"id_token": {"acr": acr}}), "openid").unwrap().levels, levels, "{acr}");
        }
        let elsewhere = json!({"userinfo": {"acr": {"essential": true, "value": multi}}});
        assert_eq!(read(&elsewhere, "openid").unwrap().levels, None, "it is a claim of the ID token");
    }

    #[test]
    fn core_5_5_1_a_sub_with_a_value_names_the_person() {
        let subjects = |asked: Value| read(&asked, "openid").map(|read| read.subjects);
        let in_id_token = |sub: Value| subjects(json!({"id_token": {"sub": sub}}));
        let these = |names: &[&str]| Ok(Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()));
        assert_eq!(in_id_token(json!({"value": "marie"})), these(&["marie"]));
        assert_eq!(in_id_token(json!({"values": ["marie", "urs"]})), these(&["marie", "urs"]), "any of several");
        assert_eq!(in_id_token(json!({"value": "marie", "values": ["urs"]})), these(&["marie", "urs"]));
        for open in [json!(null), json!({"essential": true}), json!({"values": []})] {
            assert_eq!(in_id_token(open), Ok(None));
        }
        for nobody in [json!({"value": 42}), json!({"value": null}), json!({"values": ["marie", 42]}), json!({"value": {}})] {
            assert_eq!(in_id_token(nobody.clone()), Err(BadClaims::BadSubject), "{nobody}");
        }
        let both = |one: &str, other: &str| {
            subjects(json!({"id_token": {"sub": {"value": one}}, "userinfo": {"sub": {"value": other}}}))
        };
        assert_eq!(subjects(json!({"userinfo": {"sub": {"value": "marie"}}})), these(&["marie"]));
        assert_eq!(both("marie", "marie"), these(&["marie"]));
        assert_eq!(both("marie", "urs"), these(&[]), "nobody is both");
    }

    #[test]
    fn what_is_no_request_for_claims_is_refused() {
        for (text, bad) in [
            ("", BadClaims::NoObject),
            ("email", BadClaims::NoObject),
            ("[]", BadClaims::NoObject),
            ("{", BadClaims::NoObject),
            (r#"{"id_token":{}} {}"#, BadClaims::NoObject),
            (r#"{"id_token":["email"]}"#, BadClaims::BadMember),
            (r#"{"userinfo":"email"}"#, BadClaims::BadMember),
            (r#"{"userinfo":{"email":true}}"#, BadClaims::BadMember),
            (r#"{"userinfo":{"email":{"essential":"yes"}}}"#, BadClaims::BadClaim),
            (r#"{"id_token":{"acr":{"values":"x"}}}"#, BadClaims::BadClaim),
        ] {
            assert_eq!(parse(text, &scope("openid")), Err(bad), "{text}");
        }
        let long = json!({"id_token": {"x".repeat(LONGEST): null}});
        assert_eq!(read(&long, "openid"), Err(BadClaims::TooLong));
        let deep = format!("{{\"id_token\":{}{}}}", "{\"a\":".repeat(500), "}".repeat(500));
        assert_eq!(parse(&deep, &scope("openid")), Err(BadClaims::NoObject), "depth is bounded");
    }

    #[test]
    fn a_claim_is_opened_by_its_scope_or_by_its_name() {
        let (email, nothing, names) = (scope("openid email"), Scope::default(), set(&["urn:poterne:org"]));
        let opened = Opened { scope: &email, names: &names };
        assert!(opened.opens("email") && opened.opens("email_verified") && opened.opens("urn:poterne:org"));
        assert!(!opened.opens("name") && !opened.opens("urn:poterne:population") && !opened.opens("nonsense"));
        assert!(opened.opens_domain());
        assert!(!Opened { scope: &email, names: &BTreeSet::new() }.opens_domain());
        assert!(!Opened { scope: &nothing, names: &BTreeSet::new() }.opens("email"));
        assert!(Opened { scope: &scope("poterne"), names: &BTreeSet::new() }.opens_domain());
    }
}
