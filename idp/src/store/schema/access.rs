//! The tables of proving who one is.

diesel::table! {
    factor (realm, id) {
        realm -> Binary,
        id -> Binary,
        account -> Binary,
        kind -> Text,
        label -> Nullable<Text>,
        sealed -> Binary,
        digest -> Nullable<Binary>,
        digest_key -> Nullable<Binary>,
        state -> Text,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
        last_step -> BigInt,
    }
}

diesel::table! {
    browser (realm, id) {
        realm -> Binary,
        id -> Binary,
        secret_digest -> Binary,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    session (realm, id) {
        realm -> Binary,
        id -> Binary,
        browser -> Binary,
        account -> Binary,
        is_current -> Bool,
        device -> Nullable<Text>,
        place -> Nullable<Text>,
        auth_time -> BigInt,
        acr -> Text,
        amr -> Text,
        created_at -> BigInt,
        last_used_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        told_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    session_client (realm, session, client) {
        realm -> Binary,
        session -> Binary,
        client -> Binary,
        sid -> Text,
        sub -> Text,
        message -> Nullable<Binary>,
        created_at -> BigInt,
    }
}

diesel::table! {
    flow (realm, id) {
        realm -> Binary,
        id -> Binary,
        browser -> Binary,
        client -> Nullable<Binary>,
        goal -> Text,
        progress -> Text,
        account -> Nullable<Binary>,
        consented_at -> Nullable<BigInt>,
        chosen_at -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    known_device (realm, account, browser) {
        realm -> Binary,
        account -> Binary,
        browser -> Binary,
        created_at -> BigInt,
        last_seen_at -> BigInt,
    }
}

diesel::table! {
    recovery (realm, id) {
        realm -> Binary,
        id -> Binary,
        browser -> Binary,
        flow -> Nullable<Binary>,
        account -> Nullable<Binary>,
        progress -> Text,
        version -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    not_me_link (realm, id) {
        realm -> Binary,
        id -> Binary,
        secret_digest -> Binary,
        account -> Binary,
        notice -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    challenge (realm, id) {
        realm -> Binary,
        id -> Binary,
        purpose -> Text,
        owner -> Binary,
        account -> Nullable<Binary>,
        channel -> Text,
        target -> Binary,
        codes -> Text,
        tries -> Integer,
        sends -> Integer,
        created_at -> BigInt,
        last_sent_at -> BigInt,
        expires_at -> BigInt,
        consumed_at -> Nullable<BigInt>,
    }
}
