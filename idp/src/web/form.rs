//! A form as a page shows it: what the person typed is kept, what is wrong with it is said above and beside the field.

mod fault;

pub use fault::Fault;

use minijinja::Value;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// A fault at a field, or of the form as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field's name, which is also its id; `None` for the form as a whole.
    pub field: Option<String>,
    /// The key of the words.
    pub key: &'static str,
    /// The arguments of the words.
    pub args: BTreeMap<&'static str, u32>,
}

impl FieldError {
    /// A fault at the field of this name.
    #[must_use]
    pub fn at(field: &str, fault: Fault) -> Self {
        Self { field: Some(field.to_owned()), key: fault.key(), args: fault.args() }
    }

    /// A fault that belongs to no single field.
    #[must_use]
    pub fn of_form(fault: Fault) -> Self {
        Self { field: None, key: fault.key(), args: fault.args() }
    }
}

/// A form: where it is posted, what stands in it, what is wrong. Passwords and codes by mail or SMS are never put back.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Form {
    /// The URL it is posted to.
    pub action: String,
    /// What was typed, by the field's name.
    pub values: BTreeMap<String, String>,
    /// What is wrong, in the order of the fields.
    pub errors: Vec<FieldError>,
}

impl Form {
    /// An empty form posted to `action`.
    #[must_use]
    pub fn to(action: impl Into<String>) -> Self {
        Self { action: action.into(), ..Self::default() }
    }

    /// The form with a field's value.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<String>) -> Self {
        self.values.insert(field.to_owned(), value.into());
        self
    }

    /// The form with a fault at a field.
    #[must_use]
    pub fn wrong(mut self, field: &str, fault: Fault) -> Self {
        self.errors.push(FieldError::at(field, fault));
        self
    }

    /// The form with a fault of its own.
    #[must_use]
    pub fn refused(mut self, fault: Fault) -> Self {
        self.errors.push(FieldError::of_form(fault));
        self
    }

    /// Whether something is wrong.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }
}

/// Sending a code again: asked for with the form's own button (`action` = `resend`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Resend {
    /// Seconds until another code may be asked for; 0 is now.
    pub wait_seconds: u32,
    /// Whether a code was just sent again, so that the page says so.
    pub just_sent: bool,
}

/// Whole minutes of a wait, as a page says them; never none.
#[must_use]
pub fn minutes(wait: Duration) -> u32 {
    u32::try_from(wait.as_secs().div_ceil(60).max(1)).unwrap_or(u32::MAX)
}

/// Whole seconds of a wait, rounded up.
#[must_use]
pub fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}

/// Template function `errors_of(form, field)`: the errors at one field.
pub(super) fn errors_of(form: &Value, field: &str) -> Result<Vec<Value>, minijinja::Error> {
    let errors = form.get_attr("errors")?;
    let mut found = Vec::new();
    for error in errors.try_iter()? {
        if error.get_attr("field")?.as_str() == Some(field) {
            found.push(error);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::words::{Lang, t};
    use fluent_templates::fluent_bundle::FluentValue;
    use std::collections::BTreeSet;

    #[test]
    fn every_fault_has_its_own_words_in_every_language() {
        let keys: BTreeSet<_> = Fault::ALL.iter().map(|fault| fault.key()).collect();
        assert_eq!(keys.len(), Fault::ALL.len());
        for lang in Lang::ALL {
            for fault in Fault::ALL {
                let args: Vec<(&str, FluentValue<'_>)> =
                    fault.args().into_iter().map(|(name, value)| (name, FluentValue::from(value))).collect();
                assert!(t(lang, fault.key(), &args).is_ok(), "{fault:?} in {lang:?}");
            }
        }
    }

    #[test]
    fn a_wait_is_told_in_whole_minutes_or_seconds_rounded_up() {
        for (millis, in_minutes, in_seconds) in
            [(0, 1, 0), (1, 1, 1), (59_999, 1, 60), (60_000, 1, 60), (61_000, 2, 61), (3_600_000, 60, 3_600)]
        {
            let wait = Duration::from_millis(millis);
            assert_eq!((minutes(wait), seconds(wait)), (in_minutes, in_seconds), "{millis}");
        }
    }
}
