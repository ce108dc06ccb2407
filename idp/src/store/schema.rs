//! The tables as diesel sees them: written by hand beside `migrations/`, and compared with both databases by a test.

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
    client (realm, id) {
        realm -> Binary,
        id -> Binary,
        client_id -> Text,
        origin -> Text,
        document -> Text,
        secret_digest -> Nullable<Binary>,
        former_digest -> Nullable<Binary>,
        former_until -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
        removed_at -> Nullable<BigInt>,
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
    }
}

diesel::table! {
    session_client (realm, session, client) {
        realm -> Binary,
        session -> Binary,
        client -> Binary,
        sid -> Text,
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
    parked_request (realm, id) {
        realm -> Binary,
        id -> Binary,
        endpoint -> Text,
        parameters -> Text,
        expires_at -> BigInt,
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
        redirect_uri -> Nullable<Text>,
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
        previous -> Nullable<Binary>,
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

diesel::allow_tables_to_appear_in_same_query!(
    realm,
    realm_key,
    signing_key,
    client,
    registry_entry,
    identifier,
    staged_entry,
    staged_identifier,
    account,
    factor,
    terms_version,
    acceptance,
    browser,
    session,
    session_client,
    flow,
    known_device,
    recovery,
    not_me_link,
    parked_request,
    challenge,
    activation_code,
    enrollment,
    oauth_grant,
    authorization_code,
    refresh_token,
    subject_identifier,
    counter,
    message,
    audit_event,
    lease,
);
