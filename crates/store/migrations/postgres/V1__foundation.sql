-- The foundation. Portable dialect: ids and enums are text, times are microseconds UTC, JSON is text.
-- Hot tables are keyed by the account first, so that they can be sharded by account.

CREATE TABLE key_checks (
    key_id      BIGINT NOT NULL PRIMARY KEY,
    check_value BYTEA   NOT NULL
);

-- One row: counts every change to brands, policies and API clients, so that a node sees at once when its copy is old.
CREATE TABLE directory (
    id      BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO directory (id, version) VALUES (1, 1);

CREATE TABLE brands (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug           TEXT COLLATE "C" NOT NULL UNIQUE,
    name           TEXT COLLATE "C" NOT NULL,
    host           TEXT COLLATE "C" UNIQUE,
    default_region TEXT COLLATE "C",
    created_at     BIGINT NOT NULL,
    version        BIGINT NOT NULL DEFAULT 1,
    audit_sequence BIGINT NOT NULL DEFAULT 0,
    audit_head     BYTEA   NOT NULL
);

CREATE TABLE policies (
    brand_id   TEXT COLLATE "C" NOT NULL REFERENCES brands (id),
    version    BIGINT NOT NULL,
    document   TEXT COLLATE "C" NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (brand_id, version)
);

CREATE TABLE api_clients (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    brand_id    TEXT COLLATE "C" NOT NULL REFERENCES brands (id),
    name        TEXT COLLATE "C" NOT NULL,
    key_hash    BYTEA   NOT NULL UNIQUE,
    key_prefix  TEXT COLLATE "C" NOT NULL,
    scopes      TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    disabled_at BIGINT,
    UNIQUE (brand_id, name)
);

CREATE TABLE accounts (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    brand_id   TEXT COLLATE "C" NOT NULL REFERENCES brands (id),
    number     TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    name_key   TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    version    BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX accounts_by_number ON accounts (brand_id, number);
CREATE INDEX accounts_by_name ON accounts (brand_id, name_key, id);

CREATE TABLE people (
    account_id         TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
    id                 TEXT COLLATE "C" NOT NULL,
    brand_id           TEXT COLLATE "C" NOT NULL,
    name               TEXT COLLATE "C" NOT NULL,
    name_key           TEXT COLLATE "C" NOT NULL,
    role               TEXT COLLATE "C" NOT NULL,
    username           TEXT COLLATE "C",
    username_key       TEXT COLLATE "C",
    password_hash      TEXT COLLATE "C",
    email              TEXT COLLATE "C",
    email_key          TEXT COLLATE "C",
    phone              TEXT COLLATE "C",
    created_at         BIGINT NOT NULL,
    disabled_at        BIGINT,
    version            BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX people_by_id ON people (id);
CREATE UNIQUE INDEX people_by_username ON people (brand_id, username_key) WHERE username_key IS NOT NULL;
CREATE INDEX people_by_email ON people (brand_id, email_key, id) WHERE email_key IS NOT NULL;
CREATE INDEX people_by_phone ON people (brand_id, phone, id) WHERE phone IS NOT NULL;
CREATE INDEX people_by_name ON people (brand_id, name_key, id);

-- One row for every account and every person, and for a brand's decoys (what stands in for an account that does not
-- exist): the Support PIN where there is one, its tries and lock, and the head of the holder's audit chain.
CREATE TABLE pins (
    account_id      TEXT COLLATE "C" NOT NULL,
    holder_id       TEXT COLLATE "C" NOT NULL,
    brand_id        TEXT COLLATE "C" NOT NULL,
    state           TEXT COLLATE "C" NOT NULL,
    mac             BYTEA   NOT NULL,
    mac_key         BIGINT NOT NULL,
    sealed          BYTEA,
    pin_version     BIGINT NOT NULL,
    chosen          BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    tries           BIGINT NOT NULL,
    machine_tries   BIGINT NOT NULL,
    window_tries    BIGINT NOT NULL,
    window_since    BIGINT NOT NULL,
    unlocks         BIGINT NOT NULL,
    unlocks_since   BIGINT NOT NULL,
    locked_at       BIGINT,
    locked_by       TEXT COLLATE "C",
    revision        BIGINT NOT NULL,
    audit_sequence  BIGINT NOT NULL,
    audit_head      BYTEA   NOT NULL,
    last_event      TEXT COLLATE "C",
    row_mac         BYTEA   NOT NULL,
    row_key         BIGINT NOT NULL,
    PRIMARY KEY (account_id, holder_id)
) WITH (fillfactor = 80);

-- The whole event stands in its body (JSON); beside it only what filters and the proof need. An account's events are
-- found by walking back from `pins.last_event` along `previous`: an index by account would dirty one more random page
-- with every verification.
CREATE TABLE audit_events (
    brand_id   TEXT COLLATE "C" NOT NULL,
    id         TEXT COLLATE "C" NOT NULL,
    previous   TEXT COLLATE "C",
    actor      TEXT COLLATE "C" NOT NULL,
    action     TEXT COLLATE "C" NOT NULL,
    outcome    TEXT COLLATE "C" NOT NULL,
    body       TEXT COLLATE "C" NOT NULL,
    hash       BYTEA NOT NULL,
    PRIMARY KEY (brand_id, id)
);

CREATE TABLE conversations (
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    brand_id         TEXT COLLATE "C" NOT NULL,
    account_id       TEXT COLLATE "C" NOT NULL,
    person_id        TEXT COLLATE "C",
    channel          TEXT COLLATE "C" NOT NULL,
    direction        TEXT COLLATE "C" NOT NULL,
    subject          TEXT COLLATE "C",
    reference        TEXT COLLATE "C",
    opened_at        BIGINT NOT NULL,
    opened_by        TEXT COLLATE "C" NOT NULL,
    staff_id         TEXT COLLATE "C",
    closed_at        BIGINT,
    assurance        TEXT COLLATE "C" NOT NULL,
    verified_holder  TEXT COLLATE "C",
    verified_at      BIGINT,
    verified_until   BIGINT,
    verified_version BIGINT,
    revision         BIGINT NOT NULL
);
CREATE INDEX conversations_open_by_staff ON conversations (staff_id, id)
    WHERE staff_id IS NOT NULL AND closed_at IS NULL;

CREATE TABLE staff (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name           TEXT COLLATE "C" NOT NULL,
    username       TEXT COLLATE "C" NOT NULL,
    username_key   TEXT COLLATE "C" NOT NULL UNIQUE,
    email          TEXT COLLATE "C",
    password_hash  TEXT COLLATE "C" NOT NULL,
    created_at     BIGINT NOT NULL,
    disabled_at    BIGINT,
    version        BIGINT NOT NULL DEFAULT 1,
    audit_sequence BIGINT NOT NULL DEFAULT 0,
    audit_head     BYTEA   NOT NULL
);

CREATE TABLE staff_grants (
    staff_id TEXT COLLATE "C" NOT NULL REFERENCES staff (id),
    brand_id TEXT COLLATE "C" NOT NULL REFERENCES brands (id),
    role     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (staff_id, brand_id)
);

-- Wrong tries of an agent, one row for each holder and day: the budget counts distinct holders.
CREATE TABLE agent_wrong_tries (
    staff_id  TEXT COLLATE "C" NOT NULL,
    day       BIGINT NOT NULL,
    holder_id TEXT COLLATE "C" NOT NULL,
    tries     BIGINT NOT NULL,
    PRIMARY KEY (staff_id, day, holder_id)
);

CREATE TABLE sessions (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    token_hash   BYTEA   NOT NULL UNIQUE,
    realm        TEXT COLLATE "C" NOT NULL,
    subject_id   TEXT COLLATE "C" NOT NULL,
    account_id   TEXT COLLATE "C",
    brand_id     TEXT COLLATE "C",
    csrf         TEXT COLLATE "C" NOT NULL,
    browser      TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    ended_at     BIGINT
);
CREATE INDEX sessions_by_subject ON sessions (subject_id, id) WHERE ended_at IS NULL;

-- Failed sign-ins by submitted name (hashed) and by address: never by account, so that nobody locks another out.
CREATE TABLE sign_in_failures (
    realm      TEXT COLLATE "C" NOT NULL,
    key_hash   BYTEA   NOT NULL,
    failures   BIGINT NOT NULL,
    since      BIGINT NOT NULL,
    closed_until BIGINT NOT NULL,
    PRIMARY KEY (realm, key_hash)
);

CREATE TABLE idempotency_keys (
    actor       TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    fingerprint BYTEA   NOT NULL,
    answer      TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- The outbox: what waits to be sent, and what was.
CREATE TABLE messages (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    brand_id     TEXT COLLATE "C" NOT NULL,
    account_id   TEXT COLLATE "C",
    channel      TEXT COLLATE "C" NOT NULL,
    recipient    TEXT COLLATE "C" NOT NULL,
    subject      TEXT COLLATE "C",
    body         TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT NOT NULL,
    state        TEXT COLLATE "C" NOT NULL,
    attempts     BIGINT NOT NULL,
    next_at      BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    ended_at     BIGINT
);
CREATE INDEX messages_due ON messages (next_at) WHERE state = 'queued';
