//! The tables of who there is.

diesel::table! {
    realm (id) {
        id -> Binary,
        slug -> Text,
        issuer -> Text,
        document -> Text,
        generation -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    realm_key (realm, id) {
        realm -> Binary,
        id -> Binary,
        purpose -> Text,
        sealed -> Binary,
        created_at -> BigInt,
        retired_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    client (realm, id) {
        realm -> Binary,
        id -> Binary,
        client_id -> Text,
        origin -> Text,
        document -> Text,
        secret_digest -> Nullable<Binary>,
        former_digest -> Nullable<Binary>,
        former_until -> Nullable<BigInt>,
        secret_sealed -> Nullable<Binary>,
        secret_expires_at -> Nullable<BigInt>,
        registration_digest -> Nullable<Binary>,
        created_at -> BigInt,
        updated_at -> BigInt,
        removed_at -> Nullable<BigInt>,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    registry_entry (realm, id) {
        realm -> Binary,
        id -> Binary,
        kind -> Text,
        population -> Text,
        registry_no -> Text,
        title -> Nullable<Text>,
        last_name -> Text,
        first_name -> Nullable<Text>,
        language -> Text,
        status -> Text,
        address_status -> Text,
        left_on -> Nullable<Text>,
        deceased_on -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        status_at -> BigInt,
    }
}

diesel::table! {
    identifier (realm, entry, field, digest) {
        realm -> Binary,
        entry -> Binary,
        field -> Text,
        digest -> Binary,
        digest_key -> Binary,
        sealed -> Binary,
    }
}

diesel::table! {
    staged_entry (realm, import, entry) {
        realm -> Binary,
        import -> Binary,
        entry -> Binary,
        base_at -> Nullable<BigInt>,
        kind -> Text,
        population -> Text,
        registry_no -> Text,
        title -> Nullable<Text>,
        last_name -> Text,
        first_name -> Nullable<Text>,
        language -> Text,
        status -> Text,
        address_status -> Text,
        former_status -> Nullable<Text>,
        former_since -> Nullable<BigInt>,
        new_identifiers -> Bool,
    }
}

diesel::table! {
    staged_identifier (realm, import, entry, field, digest) {
        realm -> Binary,
        import -> Binary,
        entry -> Binary,
        field -> Text,
        digest -> Binary,
        digest_key -> Binary,
        sealed -> Binary,
    }
}

diesel::table! {
    account (realm, id) {
        realm -> Binary,
        id -> Binary,
        population -> Text,
        entry -> Nullable<Binary>,
        email -> Text,
        email_verified_at -> Nullable<BigInt>,
        language -> Text,
        title -> Nullable<Text>,
        last_name -> Nullable<Text>,
        first_name -> Nullable<Text>,
        claims -> Nullable<Binary>,
        password_hash -> Text,
        password_set_at -> BigInt,
        level -> Text,
        locked_until -> Nullable<BigInt>,
        suspended_at -> Nullable<BigInt>,
        deactivated_at -> Nullable<BigInt>,
        access_ends_at -> Nullable<BigInt>,
        cut_at -> Nullable<BigInt>,
        created_at -> BigInt,
        last_login_at -> Nullable<BigInt>,
        previous_login_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    terms_version (realm, population, version, language) {
        realm -> Binary,
        population -> Text,
        version -> Text,
        language -> Text,
        effective_from -> Text,
        text -> Text,
        hash -> Binary,
        published_at -> BigInt,
    }
}

diesel::table! {
    acceptance (realm, id) {
        realm -> Binary,
        id -> Binary,
        account -> Binary,
        population -> Text,
        version -> Text,
        language -> Text,
        hash -> Binary,
        channel -> Text,
        accepted_at -> BigInt,
    }
}
