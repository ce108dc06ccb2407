-- The house: realms, their keys and clients, the registry, codes and enrollments, accounts, sessions, grants, and what keeps it running.
-- Times are microseconds since 1970 UTC. Every key and every reference carries the realm, so that none can cross it.
-- "digest" is SHA-256 of a random secret, or HMAC-SHA-256 of what people type; then "digest_key" names the key.

CREATE TABLE realm (
    id BYTEA NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    issuer TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE realm_key (
    realm BYTEA NOT NULL REFERENCES realm (id),
    id BYTEA NOT NULL,
    purpose TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT,
    PRIMARY KEY (realm, id)
);

CREATE TABLE signing_key (
    realm BYTEA NOT NULL REFERENCES realm (id),
    id BYTEA NOT NULL,
    alg TEXT NOT NULL,
    public TEXT NOT NULL,
    sealed BYTEA,
    created_at BIGINT NOT NULL,
    ready_at BIGINT NOT NULL,
    token_seconds BIGINT NOT NULL,
    signs_from BIGINT,
    former_from BIGINT,
    retired_at BIGINT,
    PRIMARY KEY (realm, id)
);
CREATE UNIQUE INDEX signing_key_one_next ON signing_key (realm, alg) WHERE signs_from IS NULL;
CREATE UNIQUE INDEX signing_key_one_current ON signing_key (realm, alg) WHERE signs_from IS NOT NULL AND former_from IS NULL;

CREATE TABLE client (
    realm BYTEA NOT NULL REFERENCES realm (id),
    id BYTEA NOT NULL,
    client_id TEXT NOT NULL,
    origin TEXT NOT NULL,
    document TEXT NOT NULL,
    secret_digest BYTEA,
    former_digest BYTEA,
    former_until BIGINT,
    secret_sealed BYTEA,
    secret_expires_at BIGINT,
    registration_digest BYTEA,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    removed_at BIGINT,
    used_at BIGINT,
    PRIMARY KEY (realm, id),
    UNIQUE (realm, client_id)
);
-- How many clients registered themselves is asked at every registration.
CREATE INDEX client_by_origin ON client (realm, origin, removed_at);

CREATE TABLE registry_entry (
    realm BYTEA NOT NULL REFERENCES realm (id),
    id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    population TEXT NOT NULL,
    registry_no TEXT NOT NULL,
    title TEXT,
    last_name TEXT NOT NULL,
    first_name TEXT,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    address_status TEXT NOT NULL,
    left_on TEXT,
    deceased_on TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    status_at BIGINT NOT NULL,
    PRIMARY KEY (realm, id),
    UNIQUE (realm, registry_no)
);

CREATE TABLE identifier (
    realm BYTEA NOT NULL,
    entry BYTEA NOT NULL,
    field TEXT NOT NULL,
    digest BYTEA NOT NULL,
    digest_key BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (realm, entry, field, digest),
    FOREIGN KEY (realm, entry) REFERENCES registry_entry (realm, id),
    FOREIGN KEY (realm, digest_key) REFERENCES realm_key (realm, id)
);
CREATE INDEX identifier_by_value ON identifier (realm, field, digest);

-- What an import is about to change: put here in batches, merged into the registry at once. "base_at" is the entry's "updated_at" as the
-- import saw it, or nothing for one that is new; "former_status" and "former_since" stand where the status changes.
CREATE TABLE staged_entry (
    realm BYTEA NOT NULL REFERENCES realm (id),
    import BYTEA NOT NULL,
    entry BYTEA NOT NULL,
    base_at BIGINT,
    kind TEXT NOT NULL,
    population TEXT NOT NULL,
    registry_no TEXT NOT NULL,
    title TEXT,
    last_name TEXT NOT NULL,
    first_name TEXT,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    address_status TEXT NOT NULL,
    former_status TEXT,
    former_since BIGINT,
    new_identifiers BOOLEAN NOT NULL,
    PRIMARY KEY (realm, import, entry)
);

CREATE TABLE staged_identifier (
    realm BYTEA NOT NULL REFERENCES realm (id),
    import BYTEA NOT NULL,
    entry BYTEA NOT NULL,
    field TEXT NOT NULL,
    digest BYTEA NOT NULL,
    digest_key BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (realm, import, entry, field, digest)
);

CREATE TABLE account (
    realm BYTEA NOT NULL REFERENCES realm (id),
    id BYTEA NOT NULL,
    population TEXT NOT NULL,
    entry BYTEA,
    email TEXT NOT NULL,
    email_verified_at BIGINT,
    language TEXT NOT NULL,
    title TEXT,
    last_name TEXT,
    first_name TEXT,
    claims BYTEA,
    password_hash TEXT NOT NULL,
    password_set_at BIGINT NOT NULL,
    level TEXT NOT NULL,
    locked_until BIGINT,
    suspended_at BIGINT,
    deactivated_at BIGINT,
    access_ends_at BIGINT,
    cut_at BIGINT,
    created_at BIGINT NOT NULL,
    last_login_at BIGINT,
    previous_login_at BIGINT,
    PRIMARY KEY (realm, id),
    UNIQUE (realm, email),
    FOREIGN KEY (realm, entry) REFERENCES registry_entry (realm, id)
);
CREATE INDEX account_by_entry ON account (realm, entry);

CREATE TABLE factor (
    realm BYTEA NOT NULL,
    id BYTEA NOT NULL,
    account BYTEA NOT NULL,
    kind TEXT NOT NULL,
    label TEXT,
    sealed BYTEA NOT NULL,
    digest BYTEA,
    digest_key BYTEA,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    last_step BIGINT NOT NULL,
    PRIMARY KEY (realm, id),
    FOREIGN KEY (realm, account) REFERENCES account (realm, id),
    FOREIGN KEY (realm, digest_key) REFERENCES realm_key (realm, id)
);
CREATE INDEX factor_by_account ON factor (realm, account);

CREATE TABLE terms_version (
    realm BYTEA NOT NULL REFERENCES realm (id),
    population TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    text TEXT NOT NULL,
    hash BYTEA NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (realm, population, version, language)
);

CREATE TABLE acceptance (
    realm BYTEA NOT NULL,
    id BYTEA NOT NULL,
    account BYTEA NOT NULL,
    population TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    hash BYTEA NOT NULL,
    channel TEXT NOT NULL,
    accepted_at BIGINT NOT NULL,
    PRIMARY KEY (realm, id),
    FOREIGN KEY (realm, account) REFERENCES account (realm, id)
);
CREATE INDEX acceptance_by_account ON acceptance (realm, account);

CREATE TABLE browser (
    realm BYTEA NOT NULL REFERENCES realm (id),
    id BYTEA NOT NULL,
    secret_digest BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (realm, id)
);

CREATE TABLE session (
    realm BYTEA NOT NULL,
    id BYTEA NOT NULL,
    browser BYTEA NOT NULL,
    account BYTEA NOT NULL,
    is_current BOOLEAN NOT NULL,
    device TEXT,
    place TEXT,
    auth_time BIGINT NOT NULL,
    acr TEXT NOT NULL,
    amr TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    told_at BIGINT,
    PRIMARY KEY (realm, id),
    FOREIGN KEY (realm, browser) REFERENCES browser (realm, id),
    FOREIGN KEY (realm, account) REFERENCES account (realm, id)
);
CREATE INDEX session_by_browser ON session (realm, browser);
CREATE INDEX session_by_account ON session (realm, account);
-- Sessions that may have come to their end unnoticed, and those whose clients must be told that they did.
CREATE INDEX session_open ON session (realm, id) WHERE ended_at IS NULL;
CREATE INDEX session_untold ON session (realm, ended_at) WHERE ended_at IS NOT NULL AND told_at IS NULL;

CREATE TABLE session_client (
    realm BYTEA NOT NULL,
    session BYTEA NOT NULL,
    client BYTEA NOT NULL,
    sid TEXT NOT NULL,
    sub TEXT NOT NULL,
    message BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (realm, session, client),
    UNIQUE (realm, sid),
    FOREIGN KEY (realm, session) REFERENCES session (realm, id),
    FOREIGN KEY (realm, client) REFERENCES client (realm, id)
);

CREATE TABLE flow (
    realm BYTEA NOT NULL,
    id BYTEA NOT NULL,
    browser BYTEA NOT NULL,
    client BYTEA,
    goal TEXT NOT NULL,
    progress TEXT NOT NULL,
    account BYTEA,
    consented_at BIGINT,
    chosen_at BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (realm, id),
    FOREIGN KEY (realm, browser) REFERENCES browser (realm, id),
    FOREIGN KEY (realm, client) REFERENCES client (realm, id),
    FOREIGN KEY (realm, account) REFERENCES account (realm, id)
);
CREATE INDEX flow_by_account ON flow (realm, account) WHERE account IS NOT NULL;
CREATE INDEX flow_by_browser ON flow (realm, browser);

CREATE TABLE known_device (
    realm BYTEA NOT NULL,
    account BYTEA NOT NULL,
    browser BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (realm, account, browser),
    FOREIGN KEY (realm, account) REFERENCES account (realm, id),
    FOREIGN KEY (realm, browser) REFERENCES browser (realm, id)
);
CREATE INDEX known_device_by_browser ON known_device (realm, browser);

CREATE TABLE recovery (
    realm BYTEA NOT NULL,
    id BYTEA NOT NULL,
    browser BYTEA NOT NULL,
    flow BYTEA,
    account BYTEA,
    progress TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (realm, id),
    FOREIGN KEY (realm, browser) REFERENCES browser (realm, id),
    FOREIGN KEY (realm, account) REFERENCES account (realm, id)
);
CREATE INDEX recovery_by_browser ON recovery (realm, browser);

CREATE TABLE not_me_link (
    realm BYTEA NOT NULL,
    id BYTEA NOT NULL,
    secret_digest BYTEA NOT NULL,
    account BYTEA NOT NULL,
    notice TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (realm, id),
    FOREIGN KEY (realm, account) REFERENCES account (realm, id)
);

CREATE TABLE parked_request (
    realm BYTEA NOT NULL REFERENCES realm (id),
    id BYTEA NOT NULL,
    endpoint TEXT NOT NULL,
    parameters TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (realm, id)
);

CREATE TABLE challenge (
    realm BYTEA NOT NULL REFERENCES realm (id),
    id BYTEA NOT NULL,
    purpose TEXT NOT NULL,
    owner BYTEA NOT NULL,
    account BYTEA,
    channel TEXT NOT NULL,
    target BYTEA NOT NULL,
    codes TEXT NOT NULL,
    tries INTEGER NOT NULL,
    sends INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    last_sent_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    consumed_at BIGINT,
    PRIMARY KEY (realm, id)
);
CREATE INDEX challenge_by_owner ON challenge (realm, owner, purpose);

CREATE TABLE activation_code (
    realm BYTEA NOT NULL,
    id BYTEA NOT NULL,
    purpose TEXT NOT NULL,
    population TEXT NOT NULL,
    entry BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    digest_key BYTEA NOT NULL,
    carrier TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    state_reason TEXT,
    state_at BIGINT NOT NULL,
    account BYTEA,
    replaced_by BYTEA,
    enrollment BYTEA,
    PRIMARY KEY (realm, id),
    UNIQUE (realm, digest),
    FOREIGN KEY (realm, entry) REFERENCES registry_entry (realm, id),
    FOREIGN KEY (realm, digest_key) REFERENCES realm_key (realm, id),
    FOREIGN KEY (realm, account) REFERENCES account (realm, id)
);
CREATE UNIQUE INDEX activation_code_one_live ON activation_code (realm, entry, purpose) WHERE state = 'active';

CREATE TABLE enrollment (
    realm BYTEA NOT NULL,
    id BYTEA NOT NULL,
    browser BYTEA NOT NULL,
    flow BYTEA,
    population TEXT NOT NULL,
    entry BYTEA NOT NULL,
    code BYTEA NOT NULL,
    step TEXT NOT NULL,
    state BYTEA NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (realm, id),
    FOREIGN KEY (realm, browser) REFERENCES browser (realm, id),
    FOREIGN KEY (realm, entry) REFERENCES registry_entry (realm, id),
    FOREIGN KEY (realm, code) REFERENCES activation_code (realm, id)
);
CREATE INDEX enrollment_by_browser ON enrollment (realm, browser);

CREATE TABLE oauth_grant (
    realm BYTEA NOT NULL,
    id BYTEA NOT NULL,
    account BYTEA NOT NULL,
    client BYTEA NOT NULL,
    session BYTEA,
    sub TEXT NOT NULL,
    sid TEXT NOT NULL,
    scope TEXT NOT NULL,
    claims TEXT,
    resources TEXT,
    auth_time BIGINT NOT NULL,
    acr TEXT NOT NULL,
    amr TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (realm, id),
    FOREIGN KEY (realm, account) REFERENCES account (realm, id),
    FOREIGN KEY (realm, client) REFERENCES client (realm, id)
);
CREATE INDEX oauth_grant_by_session ON oauth_grant (realm, session);
CREATE INDEX oauth_grant_by_account ON oauth_grant (realm, account);

CREATE TABLE authorization_code (
    realm BYTEA NOT NULL,
    id BYTEA NOT NULL,
    secret_digest BYTEA NOT NULL,
    oauth_grant BYTEA NOT NULL,
    redirect_uri TEXT NOT NULL,
    code_challenge TEXT,
    nonce TEXT,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    redeemed_at BIGINT,
    PRIMARY KEY (realm, id),
    FOREIGN KEY (realm, oauth_grant) REFERENCES oauth_grant (realm, id)
);
CREATE INDEX authorization_code_by_grant ON authorization_code (realm, oauth_grant);

CREATE TABLE refresh_token (
    realm BYTEA NOT NULL,
    id BYTEA NOT NULL,
    secret_digest BYTEA NOT NULL,
    oauth_grant BYTEA NOT NULL,
    scope TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    rotated_at BIGINT,
    successor BYTEA,
    PRIMARY KEY (realm, id),
    FOREIGN KEY (realm, oauth_grant) REFERENCES oauth_grant (realm, id)
);
CREATE INDEX refresh_token_by_grant ON refresh_token (realm, oauth_grant);

CREATE TABLE access_token (
    realm BYTEA NOT NULL,
    id BYTEA NOT NULL,
    secret_digest BYTEA NOT NULL,
    oauth_grant BYTEA,
    client BYTEA NOT NULL,
    scope TEXT NOT NULL,
    audience TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (realm, id),
    FOREIGN KEY (realm, oauth_grant) REFERENCES oauth_grant (realm, id),
    FOREIGN KEY (realm, client) REFERENCES client (realm, id)
);
CREATE INDEX access_token_by_grant ON access_token (realm, oauth_grant) WHERE oauth_grant IS NOT NULL;

CREATE TABLE consent (
    realm BYTEA NOT NULL,
    account BYTEA NOT NULL,
    client BYTEA NOT NULL,
    scope TEXT NOT NULL,
    claims TEXT,
    given_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (realm, account, client),
    FOREIGN KEY (realm, account) REFERENCES account (realm, id),
    FOREIGN KEY (realm, client) REFERENCES client (realm, id)
);

CREATE TABLE single_use (
    realm BYTEA NOT NULL REFERENCES realm (id),
    kind TEXT NOT NULL,
    digest BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (realm, kind, digest)
);

CREATE INDEX single_use_over ON single_use (realm, expires_at);

CREATE TABLE initial_access_token (
    realm BYTEA NOT NULL REFERENCES realm (id),
    id BYTEA NOT NULL,
    secret_digest BYTEA NOT NULL,
    label TEXT NOT NULL,
    uses_left INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (realm, id)
);

CREATE TABLE client_logo (
    realm BYTEA NOT NULL,
    client BYTEA NOT NULL,
    uri TEXT NOT NULL,
    media_type TEXT,
    image BYTEA,
    fetched_at BIGINT NOT NULL,
    PRIMARY KEY (realm, client),
    FOREIGN KEY (realm, client) REFERENCES client (realm, id)
);

CREATE TABLE subject_identifier (
    realm BYTEA NOT NULL,
    sector TEXT NOT NULL,
    account BYTEA NOT NULL,
    sub TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (realm, sector, account),
    UNIQUE (realm, sector, sub),
    FOREIGN KEY (realm, account) REFERENCES account (realm, id)
);

CREATE TABLE counter (
    realm BYTEA NOT NULL REFERENCES realm (id),
    kind TEXT NOT NULL,
    subject BYTEA NOT NULL,
    failures INTEGER NOT NULL,
    blocked_until BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (realm, kind, subject)
);

CREATE TABLE message (
    realm BYTEA NOT NULL REFERENCES realm (id),
    id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    target TEXT NOT NULL,
    payload BYTEA,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    error TEXT,
    PRIMARY KEY (realm, id)
);
CREATE INDEX message_due ON message (realm, state, next_at);

CREATE TABLE audit_event (
    realm BYTEA NOT NULL REFERENCES realm (id),
    id BYTEA NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT,
    data TEXT NOT NULL,
    sequence BIGINT,
    digest BYTEA,
    PRIMARY KEY (realm, id)
);
CREATE UNIQUE INDEX audit_event_in_order ON audit_event (realm, sequence);

CREATE TABLE lease (
    realm BYTEA NOT NULL REFERENCES realm (id),
    name TEXT NOT NULL,
    holder BYTEA NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (realm, name)
);
