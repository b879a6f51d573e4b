-- The foundation. Portable dialect: ids and enums are text, times are microseconds UTC, JSON is text.
-- Hot tables are keyed by the account first, so that they can be sharded by account.

CREATE TABLE key_checks (
    key_id      INTEGER NOT NULL PRIMARY KEY,
    check_value BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

-- One row: counts every change to brands, policies and API clients, so that a node sees at once when its copy is old.
CREATE TABLE directory (
    id      INTEGER NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO directory (id, version) VALUES (1, 1);

CREATE TABLE brands (
    id             TEXT    NOT NULL PRIMARY KEY,
    slug           TEXT    NOT NULL UNIQUE,
    name           TEXT    NOT NULL,
    host           TEXT    UNIQUE,
    default_region TEXT,
    created_at     INTEGER NOT NULL,
    version        INTEGER NOT NULL DEFAULT 1,
    audit_sequence INTEGER NOT NULL DEFAULT 0,
    audit_head     BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE policies (
    brand_id   TEXT    NOT NULL REFERENCES brands (id),
    version    INTEGER NOT NULL,
    document   TEXT    NOT NULL,
    changed_at INTEGER NOT NULL,
    changed_by TEXT    NOT NULL,
    PRIMARY KEY (brand_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_clients (
    id          TEXT    NOT NULL PRIMARY KEY,
    brand_id    TEXT    NOT NULL REFERENCES brands (id),
    name        TEXT    NOT NULL,
    key_hash    BLOB    NOT NULL UNIQUE,
    key_prefix  TEXT    NOT NULL,
    scopes      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    disabled_at INTEGER,
    UNIQUE (brand_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    id         TEXT    NOT NULL PRIMARY KEY,
    brand_id   TEXT    NOT NULL REFERENCES brands (id),
    number     TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    name_key   TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX accounts_by_number ON accounts (brand_id, number);
CREATE INDEX accounts_by_name ON accounts (brand_id, name_key, id);

CREATE TABLE people (
    account_id         TEXT    NOT NULL REFERENCES accounts (id),
    id                 TEXT    NOT NULL,
    brand_id           TEXT    NOT NULL,
    name               TEXT    NOT NULL,
    name_key           TEXT    NOT NULL,
    role               TEXT    NOT NULL,
    username           TEXT,
    username_key       TEXT,
    password_hash      TEXT,
    email              TEXT,
    email_key          TEXT,
    phone              TEXT,
    created_at         INTEGER NOT NULL,
    disabled_at        INTEGER,
    version            INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX people_by_id ON people (id);
CREATE UNIQUE INDEX people_by_username ON people (brand_id, username_key) WHERE username_key IS NOT NULL;
CREATE INDEX people_by_email ON people (brand_id, email_key, id) WHERE email_key IS NOT NULL;
CREATE INDEX people_by_phone ON people (brand_id, phone, id) WHERE phone IS NOT NULL;
CREATE INDEX people_by_name ON people (brand_id, name_key, id);

-- Rows of more than a twentieth of a page are kept in a rowid table, as SQLite advises: their tree stays flat.
-- One row for every account and every person, and for a brand's decoys (what stands in for an account that does not
-- exist): the Support PIN where there is one, its tries and lock, and the head of the holder's audit chain.
CREATE TABLE pins (
    account_id      TEXT    NOT NULL,
    holder_id       TEXT    NOT NULL,
    brand_id        TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    mac             BLOB    NOT NULL,
    mac_key         INTEGER NOT NULL,
    sealed          BLOB,
    pin_version     INTEGER NOT NULL,
    chosen          INTEGER NOT NULL,
    changed_at      INTEGER NOT NULL,
    tries           INTEGER NOT NULL,
    machine_tries   INTEGER NOT NULL,
    window_tries    INTEGER NOT NULL,
    window_since    INTEGER NOT NULL,
    unlocks         INTEGER NOT NULL,
    unlocks_since   INTEGER NOT NULL,
    locked_at       INTEGER,
    locked_by       TEXT,
    revision        INTEGER NOT NULL,
    audit_sequence  INTEGER NOT NULL,
    audit_head      BLOB    NOT NULL,
    last_event      TEXT,
    row_mac         BLOB    NOT NULL,
    row_key         INTEGER NOT NULL,
    PRIMARY KEY (account_id, holder_id)
) STRICT;

-- The whole event stands in its body (JSON); beside it only what filters and the proof need. An account's events are
-- found by walking back from `pins.last_event` along `previous`: an index by account would dirty one more random page
-- with every verification.
CREATE TABLE audit_events (
    brand_id   TEXT NOT NULL,
    id         TEXT NOT NULL,
    previous   TEXT,
    actor      TEXT NOT NULL,
    action     TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    body       TEXT NOT NULL,
    hash       BLOB NOT NULL,
    PRIMARY KEY (brand_id, id)
) STRICT;

CREATE TABLE conversations (
    id               TEXT    NOT NULL PRIMARY KEY,
    brand_id         TEXT    NOT NULL,
    account_id       TEXT    NOT NULL,
    person_id        TEXT,
    channel          TEXT    NOT NULL,
    direction        TEXT    NOT NULL,
    subject          TEXT,
    reference        TEXT,
    opened_at        INTEGER NOT NULL,
    opened_by        TEXT    NOT NULL,
    staff_id         TEXT,
    closed_at        INTEGER,
    assurance        TEXT    NOT NULL,
    verified_holder  TEXT,
    verified_at      INTEGER,
    verified_until   INTEGER,
    verified_version INTEGER,
    revision         INTEGER NOT NULL
) STRICT;
CREATE INDEX conversations_open_by_staff ON conversations (staff_id, id)
    WHERE staff_id IS NOT NULL AND closed_at IS NULL;

CREATE TABLE staff (
    id             TEXT    NOT NULL PRIMARY KEY,
    name           TEXT    NOT NULL,
    username       TEXT    NOT NULL,
    username_key   TEXT    NOT NULL UNIQUE,
    email          TEXT,
    password_hash  TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    disabled_at    INTEGER,
    version        INTEGER NOT NULL DEFAULT 1,
    audit_sequence INTEGER NOT NULL DEFAULT 0,
    audit_head     BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE staff_grants (
    staff_id TEXT NOT NULL REFERENCES staff (id),
    brand_id TEXT NOT NULL REFERENCES brands (id),
    role     TEXT NOT NULL,
    PRIMARY KEY (staff_id, brand_id)
) STRICT, WITHOUT ROWID;

-- Wrong tries of an agent, one row for each holder and day: the budget counts distinct holders.
CREATE TABLE agent_wrong_tries (
    staff_id  TEXT    NOT NULL,
    day       INTEGER NOT NULL,
    holder_id TEXT    NOT NULL,
    tries     INTEGER NOT NULL,
    PRIMARY KEY (staff_id, day, holder_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id           TEXT    NOT NULL PRIMARY KEY,
    token_hash   BLOB    NOT NULL UNIQUE,
    realm        TEXT    NOT NULL,
    subject_id   TEXT    NOT NULL,
    account_id   TEXT,
    brand_id     TEXT,
    csrf         TEXT    NOT NULL,
    browser      TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    ended_at     INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_subject ON sessions (subject_id, id) WHERE ended_at IS NULL;

-- Failed sign-ins by submitted name (hashed) and by address: never by account, so that nobody locks another out.
CREATE TABLE sign_in_failures (
    realm      TEXT    NOT NULL,
    key_hash   BLOB    NOT NULL,
    failures   INTEGER NOT NULL,
    since      INTEGER NOT NULL,
    closed_until INTEGER NOT NULL,
    PRIMARY KEY (realm, key_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_keys (
    actor       TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL,
    answer      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (actor, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- The outbox: what waits to be sent, and what was.
CREATE TABLE messages (
    id           TEXT    NOT NULL PRIMARY KEY,
    brand_id     TEXT    NOT NULL,
    account_id   TEXT,
    channel      TEXT    NOT NULL,
    recipient    TEXT    NOT NULL,
    subject      TEXT,
    body         TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    state        TEXT    NOT NULL,
    attempts     INTEGER NOT NULL,
    next_at      INTEGER NOT NULL,
    leased_until INTEGER NOT NULL,
    ended_at     INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX messages_due ON messages (next_at) WHERE state = 'queued';
