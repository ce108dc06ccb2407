//! A host's look-up of persons: whether somebody with these identifiers is in its own system.

use super::asked::{Answering, LIMIT, answer};
use crate::error::{Failure, Result};
use crate::lang::Lang;
use poterne_protocol::secret::Secret;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a look-up takes at the least, whoever it is about and whether or not the host was asked at all: below this, the time of an
/// answer tells nothing.
const FLOOR: Duration = Duration::from_millis(300);

/// What somebody typed to say who they are, in normal form. It holds personal numbers: it has no `Debug`.
#[derive(Clone)]
pub struct TypedIdentifiers {
    /// The realm's slug.
    pub realm: String,
    /// The key of the population whose page was filled in.
    pub population: String,
    /// The population's fields with their values: an AVS number as 13 digits, a date as `YYYY-MM-DD` (`00` for a month or day that is not
    /// known), a company's name folded, without legal form.
    pub values: BTreeMap<String, Secret>,
}

impl TypedIdentifiers {
    /// The value of a field; empty where the population has no such field.
    #[must_use]
    pub fn value(&self, field: &str) -> &str {
        self.values.get(field).map_or("", Secret::expose)
    }
}

/// Somebody whom the host knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPerson {
    /// The fund's own key: the one that the entry was put into the registry with, for which the code was issued.
    pub registry_no: String,
    /// Last name, or the organisation's name.
    pub last_name: String,
    /// First name of a person.
    pub first_name: Option<String>,
    /// The language of their letters and mails.
    pub language: Lang,
}

/// Says who the person with these identifiers is, from the host's own system, so that identifying values need not be copied into the
/// registry: an entry then has a registry number, a name and a language, and an activation code is issued for it as for any other.
///
/// It is asked at the first step of an enrollment, and only when the code typed is one of this population's, its entry has no
/// matching identifiers of its own, and none of the tries counted is used up. Nobody can therefore ask the host's system about people
/// without holding a letter. Its answer counts only when it names the entry that the code was issued for. The
/// person then gets the name and language that the host says; of the values typed, those by which the population signs in are kept.
///
/// It is given two seconds. When it fails or hangs the person is asked to try again shortly, and no try is counted. An answer comes no
/// sooner than 300 ms, so that its time does not tell whether somebody is known: a system that is slower must take as long for strangers.
pub trait People: Send + Sync + 'static {
    /// The person with all of these identifiers; `None` when there is none. Which of them is wrong is nobody's to know.
    fn find<'a>(&'a self, typed: &'a TypedIdentifiers) -> Answering<'a, Option<KnownPerson>>;
}

/// A host's look-up, with its limits.
#[derive(Clone)]
pub(crate) struct HostPeople(Arc<dyn People>);

impl HostPeople {
    pub(crate) fn new(people: Arc<dyn People>) -> Self {
        Self(people)
    }

    /// Asks the host, or nobody: either way no sooner than [`FLOOR`].
    ///
    /// # Errors
    /// [`Failure::Busy`] when the host's system gives no answer.
    pub(crate) async fn find(&self, typed: Option<TypedIdentifiers>) -> Result<Option<KnownPerson>> {
        let asked = async {
            let Some(typed) = typed else { return Ok(None) };
            let people = self.0.clone();
            answer(LIMIT, async move { people.find(&typed).await }).await
        };
        let (found, ()) = tokio::join!(asked, tokio::time::sleep(FLOOR));
        found.map_err(|error| {
            tracing::error!(%error, "the host's look-up of persons gives no answer");
            Failure::Busy("the host's look-up of persons gives no answer")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::HookError;
    use tokio::time::Instant;

    struct Somebody(bool);

    impl People for Somebody {
        fn find<'a>(&'a self, _typed: &'a TypedIdentifiers) -> Answering<'a, Option<KnownPerson>> {
            Box::pin(async { if self.0 { Ok(None) } else { Err(HookError::new("down")) } })
        }
    }

    #[tokio::test]
    async fn an_answer_takes_as_long_whether_or_not_the_host_was_asked() {
        let typed = || TypedIdentifiers { realm: "lac".into(), population: "insured".into(), values: BTreeMap::new() };
        for (answers, typed) in [(true, None), (true, Some(typed())), (false, Some(typed()))] {
            let asked = typed.is_some();
            let (people, began) = (HostPeople::new(Arc::new(Somebody(answers))), Instant::now());
            let found = people.find(typed).await;
            assert!(began.elapsed() >= FLOOR, "{answers} {asked}");
            assert_eq!(matches!(found, Err(Failure::Busy(_))), !answers, "{found:?}");
        }
    }
}
