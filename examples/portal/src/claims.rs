//! Claims as a person reads them.

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Zurich;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::language::Words;

/// The start of the names of the provider's levels; a level of another provider is shown as it is.
const LEVEL: &str = "urn:poterne:level:";

/// What the signed-in page shows of a person.
#[derive(Serialize)]
pub(crate) struct Shown {
    name: Option<String>,
    sub: String,
    email: Option<String>,
    email_verified: bool,
    population: Option<String>,
    org: Option<String>,
    sid: Option<String>,
    acr: Option<Said>,
    amr: Option<Said>,
    auth_time: Option<Said>,
}

/// A claim in words, with its value as it was sent.
#[derive(Serialize, PartialEq, Debug)]
pub(crate) struct Said {
    value: String,
    words: String,
}

impl Shown {
    /// What `claims` say, in `words`.
    pub(crate) fn of(claims: &Map<String, Value>, words: &Words) -> Self {
        let text = |key: &str| claims.get(key).and_then(Value::as_str).map(str::to_owned);
        Self {
            name: text("given_name").or_else(|| text("name")),
            sub: text("sub").unwrap_or_default(),
            email: text("email"),
            email_verified: claims.get("email_verified").and_then(Value::as_bool).unwrap_or(false),
            population: text("urn:poterne:population"),
            org: claims.get("urn:poterne:org").and_then(organisation),
            sid: text("sid"),
            acr: text("acr").map(|acr| level(acr, words)),
            amr: claims.get("amr").and_then(Value::as_array).map(|amr| methods(amr, words)),
            auth_time: claims.get("auth_time").and_then(Value::as_i64).and_then(moment),
        }
    }
}

/// An organisation's name with the fund's own key for it.
fn organisation(org: &Value) -> Option<String> {
    let text = |key: &str| org.get(key).and_then(Value::as_str);
    let name = text("name")?;
    Some(text("registry_no").map_or_else(|| name.to_owned(), |key| format!("{name} ({key})")))
}

fn level(acr: String, words: &Words) -> Said {
    let known = acr.strip_prefix(LEVEL).and_then(|level| words.get(&format!("level-{level}")));
    Said { words: known.unwrap_or(&acr).clone(), value: acr }
}

/// Authentication methods (RFC 8176) as «a, b and c». `mfa` only says that there were several, which the level says already.
fn methods(amr: &[Value], words: &Words) -> Said {
    let methods: Vec<&str> = amr.iter().filter_map(Value::as_str).collect();
    let mut said: Vec<&str> = methods
        .iter()
        .filter(|method| **method != "mfa")
        .map(|method| words.get(&format!("amr-{method}")).map_or(*method, String::as_str))
        .collect();
    let final_one = said.pop().unwrap_or_default();
    let and = words.get("and").map_or("", String::as_str);
    let list = if said.is_empty() { final_one.to_owned() } else { format!("{} {and} {final_one}", said.join(", ")) };
    Said { value: methods.join(" "), words: list }
}

/// A moment as the clock on the wall showed it in Switzerland.
fn moment(seconds: i64) -> Option<Said> {
    let utc = DateTime::<Utc>::from_timestamp(seconds, 0)?;
    Some(Said {
        value: utc.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        words: utc.with_timezone(&Zurich).format("%d.%m.%Y %H:%M").to_string(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::language::Language;

    #[test]
    fn an_organisation_is_its_name_with_the_funds_key() {
        let org = json!({"registry_no": "E10428", "name": "Boulangerie du Lac Sàrl"});
        assert_eq!(organisation(&org).as_deref(), Some("Boulangerie du Lac Sàrl (E10428)"));
        assert_eq!(organisation(&json!({"name": "Holzbau"})).as_deref(), Some("Holzbau"));
        assert_eq!(organisation(&json!("Holzbau")), None);
    }

    #[test]
    fn methods_are_said_in_words() {
        let words = Language::Fr.words().unwrap();
        let said = methods(&[json!("pwd"), json!("sms"), json!("mfa")], &words);
        assert_eq!(said, Said { value: "pwd sms mfa".to_owned(), words: "mot de passe et code par SMS".to_owned() });
        assert_eq!(methods(&[json!("pwd"), json!("retina")], &words).words, "mot de passe et retina");
        assert_eq!(methods(&[], &words).words, "");
    }

    #[test]
    fn a_level_is_said_in_words_and_an_unknown_one_as_it_is() {
        let words = Language::En.words().unwrap();
        assert_eq!(level("urn:poterne:level:multi".to_owned(), &words).words, "Two factors");
        assert_eq!(level("urn:other:gold".to_owned(), &words).words, "urn:other:gold");
    }

    #[test]
    fn the_time_is_the_swiss_time_in_summer_and_in_winter() {
        assert_eq!(moment(1_782_907_200).unwrap().words, "01.07.2026 14:00");
        assert_eq!(moment(1_768_478_400).unwrap().words, "15.01.2026 13:00");
        assert_eq!(moment(1_768_478_400).unwrap().value, "2026-01-15T12:00:00Z");
    }
}
