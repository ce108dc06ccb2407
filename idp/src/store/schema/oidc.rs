//! The tables of what relying parties are given.

diesel::table! {
    signing_key (realm, id) {
        realm -> Binary,
        id -> Binary,
        alg -> Text,
        public -> Text,
        sealed -> Nullable<Binary>,
        created_at -> BigInt,
        ready_at -> BigInt,
        token_seconds -> BigInt,
        signs_from -> Nullable<BigInt>,
        former_from -> Nullable<BigInt>,
        retired_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    parked_request (realm, id) {
        realm -> Binary,
        id -> Binary,
        endpoint -> Text,
        parameters -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    oauth_grant (realm, id) {
        realm -> Binary,
        id -> Binary,
        account -> Binary,
        client -> Binary,
        session -> Nullable<Binary>,
        sub -> Text,
        sid -> Text,
        scope -> Text,
        claims -> Nullable<Text>,
        resources -> Nullable<Text>,
        auth_time -> BigInt,
        acr -> Text,
        amr -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    authorization_code (realm, id) {
        realm -> Binary,
        id -> Binary,
        secret_digest -> Binary,
        oauth_grant -> Binary,
        redirect_uri -> Text,
        code_challenge -> Nullable<Text>,
        nonce -> Nullable<Text>,
        issued_at -> BigInt,
        expires_at -> BigInt,
        redeemed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    refresh_token (realm, id) {
        realm -> Binary,
        id -> Binary,
        secret_digest -> Binary,
        oauth_grant -> Binary,
        scope -> Text,
        issued_at -> BigInt,
        expires_at -> BigInt,
        rotated_at -> Nullable<BigInt>,
        successor -> Nullable<Binary>,
    }
}

diesel::table! {
    subject_identifier (realm, sector, account) {
        realm -> Binary,
        sector -> Text,
        account -> Binary,
        sub -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    access_token (realm, id) {
        realm -> Binary,
        id -> Binary,
        secret_digest -> Binary,
        oauth_grant -> Nullable<Binary>,
        client -> Binary,
        scope -> Text,
        audience -> Text,
        issued_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    consent (realm, account, client) {
        realm -> Binary,
        account -> Binary,
        client -> Binary,
        scope -> Text,
        claims -> Nullable<Text>,
        given_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    single_use (realm, kind, digest) {
        realm -> Binary,
        kind -> Text,
        digest -> Binary,
        expires_at -> BigInt,
    }
}

diesel::table! {
    initial_access_token (realm, id) {
        realm -> Binary,
        id -> Binary,
        secret_digest -> Binary,
        label -> Text,
        uses_left -> Integer,
        created_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    client_logo (realm, client) {
        realm -> Binary,
        client -> Binary,
        uri -> Text,
        media_type -> Nullable<Text>,
        image -> Nullable<Binary>,
        fetched_at -> BigInt,
    }
}
