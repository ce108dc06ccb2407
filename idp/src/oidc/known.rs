//! What is known of the person behind a grant, for ID tokens and userinfo.

use crate::app::App;
use crate::directory::account::{self, Account};
use crate::directory::registry::{self, EntryKind};
use crate::error::Result;
use crate::host::{ClaimsPlace, ClaimsSubject};
use crate::realm::Realm;
use crate::store::Rx;
use poterne_protocol::claims::ORG;
use poterne_protocol::claims::person::{Organisation, Person};
use poterne_protocol::claims::request::Opened;
use poterne_protocol::scope::Scope;
use serde_json::{Map, Value};

/// A person, as far as it is asked for.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// For the claims.
    pub person: Person,
    /// The fund's own key, where the host wants to know.
    registry_no: Option<String>,
}

/// Claims that an account's further ones may hold: without any of these open they stay sealed.
const FURTHER: [&str; 14] = [
    "name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "updated_at",
    "address",
    "phone_number",
    "phone_number_verified",
];

/// Reads what the opened claims need, and the registry's key `for_host`. Who was not asked for a name at enrollment has the one the fund
/// knows.
pub fn known_of(rx: &mut Rx<'_>, realm: &Realm, account: Account, opened: Opened<'_>, for_host: bool) -> Result<Known> {
    let told = if FURTHER.iter().any(|name| opened.opens(name)) { account::claims_of(realm, &account)? } else { None };
    let (further, updated_at) = told.map(|told| (told.claims, told.updated_at)).unzip();
    let entry = match account.entry {
        Some(entry) if for_host || account.last_name.is_none() || opened.opens(ORG) => registry::load(rx, entry)?,
        _ => None,
    };
    let organisation = match &entry {
        Some(entry) if opened.opens(ORG) && registry::kind(rx, entry.id)? == Some(EntryKind::Organisation) => {
            Some(Organisation { registry_no: entry.registry_no.clone(), name: entry.last_name.clone() })
        }
        _ => None,
    };
    let registry_no = entry.as_ref().filter(|_| for_host).map(|entry| entry.registry_no.clone());
    // An organisation has a name, but is nobody's given or family name.
    let registered = entry.filter(|_| account.last_name.is_none()).and_then(|entry| Some((entry.first_name?, entry.last_name)));
    let (first, last) = registered.unzip();
    let person = Person {
        given_name: account.first_name.or(first).unwrap_or_default(),
        family_name: account.last_name.or(last).unwrap_or_default(),
        locale: account.language.tag().to_owned(),
        email: account.email,
        email_verified: account.email_verified_at.is_some(),
        population: account.population,
        organisation,
        updated_at,
        further: further.unwrap_or_default(),
    };
    Ok(Known { person, registry_no })
}

/// Who reads the host's claims, and where.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// The client.
    pub client_id: &'a str,
    /// The scopes it was granted.
    pub scope: &'a Scope,
    /// The person, as it knows them.
    pub sub: &'a str,
    /// Where the claims go.
    pub place: ClaimsPlace,
}

/// What the host adds about a person, if it supplies a source of claims.
pub async fn of_the_host(app: &App, realm: &Realm, known: &Known, reader: Reader<'_>) -> Map<String, Value> {
    let Some(claims) = &app.claims else { return Map::new() };
    let about = ClaimsSubject {
        realm: realm.document.slug.clone(),
        client_id: reader.client_id.to_owned(),
        scopes: reader.scope.words().map(str::to_owned).collect(),
        sub: reader.sub.to_owned(),
        population: known.person.population.clone(),
        registry_no: known.registry_no.clone(),
        place: reader.place,
    };
    claims.about(about).await
}

#[cfg(test)]
mod tests {
    use crate::oidc::tests::World;
    use poterne_protocol::claims::further::{Address, FurtherClaims};
    use serde_json::json;

    fn told() -> FurtherClaims {
        FurtherClaims {
            nickname: Some("Mimi".into()),
            address: Some(Address { locality: Some("Lausanne".into()), ..Address::default() }),
            ..FurtherClaims::default()
        }
    }

    #[tokio::test]
    async fn what_is_set_is_told_where_its_scope_is_open_and_lies_sealed() {
        for world in World::everywhere().await {
            let marie = world.person("Marie").await;
            world.manage().set_account_claims("lindenhof", "Marie@mail.example", told()).await.unwrap();
            let mut browser = world.signed_in(marie).await;
            let tokens = world.tokens(&mut browser, "flex", &[("scope", "openid profile address")]).await;
            let person = world.userinfo(tokens["access_token"].as_str().unwrap()).await.json();
            assert_eq!((&person["nickname"], &person["updated_at"]), (&json!("Mimi"), &json!(world.now().secs())));
            assert!(person.get("address").is_none(), "flex is not registered for it: {person}");
            let row = world.read(move |rx| crate::directory::account::load(rx, marie)).await.unwrap();
            let sealed = row.claims.unwrap();
            assert!(!sealed.as_bytes().windows(4).any(|part| part == b"Mimi"));
            assert!(world.events().await.contains(&"account.claims_set".to_owned()));
        }
    }

    #[tokio::test]
    async fn claims_of_nobody_or_without_form_are_refused_in_words() {
        let world = World::new().await;
        world.person("Marie").await;
        let set = async |email: &str, claims: FurtherClaims| {
            let set = world.manage().set_account_claims("lindenhof", email, claims).await;
            set.unwrap_err().to_string()
        };
        assert!(set("urs@mail.example", told()).await.contains("nobody has an account"));
        assert!(set("marie@mail.example", FurtherClaims { picture: Some("x".into()), ..told() }).await.contains("picture"));
    }
}
