//! The tables of keeping it running.

diesel::table! {
    counter (realm, kind, subject) {
        realm -> Binary,
        kind -> Text,
        subject -> Binary,
        failures -> Integer,
        blocked_until -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    message (realm, id) {
        realm -> Binary,
        id -> Binary,
        kind -> Text,
        channel -> Text,
        target -> Text,
        payload -> Nullable<Binary>,
        state -> Text,
        attempts -> Integer,
        next_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    audit_event (realm, id) {
        realm -> Binary,
        id -> Binary,
        at -> BigInt,
        kind -> Text,
        actor -> Text,
        subject -> Nullable<Text>,
        data -> Text,
        sequence -> Nullable<BigInt>,
        digest -> Nullable<Binary>,
    }
}

diesel::table! {
    lease (realm, name) {
        realm -> Binary,
        name -> Text,
        holder -> Binary,
        until -> BigInt,
    }
}
