//! The tables of the way from letter to account.

diesel::table! {
    activation_code (realm, id) {
        realm -> Binary,
        id -> Binary,
        purpose -> Text,
        population -> Text,
        entry -> Binary,
        digest -> Binary,
        digest_key -> Binary,
        carrier -> Text,
        issued_at -> BigInt,
        expires_at -> BigInt,
        state -> Text,
        state_reason -> Nullable<Text>,
        state_at -> BigInt,
        account -> Nullable<Binary>,
        replaced_by -> Nullable<Binary>,
        enrollment -> Nullable<Binary>,
    }
}

diesel::table! {
    enrollment (realm, id) {
        realm -> Binary,
        id -> Binary,
        browser -> Binary,
        flow -> Nullable<Binary>,
        population -> Text,
        entry -> Binary,
        code -> Binary,
        step -> Text,
        state -> Binary,
        version -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}
