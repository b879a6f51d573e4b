-- Strong sign-in: second factors, remembered devices, half-open sign-ins, passkeys, single-use links. A subject is a person or
-- a member of staff; one family of tables serves both.

-- One row for each subject who ever had a second factor. `generation` rises with every change of password or factors: what
-- was born in another one no longer counts. `wrong_codes` only rises; at the limit the factor is closed.
CREATE TABLE second_factors (
    subject_id        TEXT    NOT NULL PRIMARY KEY,
    brand_id          TEXT,
    generation        INTEGER NOT NULL,
    wrong_codes       INTEGER NOT NULL,
    closed_at         INTEGER,
    set_up_anew       INTEGER NOT NULL,
    totp_sealed       BLOB,
    totp_version      INTEGER NOT NULL,
    totp_confirmed_at INTEGER,
    totp_last_step    INTEGER NOT NULL,
    pending_sealed    BLOB,
    pending_since     INTEGER,
    pending_tries     INTEGER NOT NULL,
    code_set          INTEGER NOT NULL
) STRICT;

-- Ten to a set, MACs only. A new set takes the place of the old one.
CREATE TABLE backup_codes (
    subject_id TEXT    NOT NULL,
    code_set   INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    mac        BLOB    NOT NULL,
    mac_key    INTEGER NOT NULL,
    used_at    INTEGER,
    PRIMARY KEY (subject_id, code_set, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_codes (
    subject_id TEXT    NOT NULL,
    code_set   INTEGER NOT NULL,
    mac        BLOB    NOT NULL,
    mac_key    INTEGER NOT NULL,
    used_at    INTEGER,
    PRIMARY KEY (subject_id, code_set)
) STRICT, WITHOUT ROWID;

-- The password was right, the second factor is still to come.
CREATE TABLE half_open_sign_ins (
    token_hash  BLOB    NOT NULL PRIMARY KEY,
    id          TEXT    NOT NULL,
    subject_id  TEXT    NOT NULL,
    account_id  TEXT,
    brand_id    TEXT,
    generation  INTEGER NOT NULL,
    browser     TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    wrong_codes INTEGER NOT NULL,
    sms_sends   INTEGER NOT NULL,
    sms_checks  INTEGER NOT NULL,
    sms_mac     BLOB,
    sms_mac_key INTEGER NOT NULL,
    sms_until   INTEGER
) STRICT;
CREATE INDEX half_open_by_subject ON half_open_sign_ins (subject_id) WHERE ended_at IS NULL;

-- A remembered device is a family of tokens, of which the newest counts.
CREATE TABLE remembered_devices (
    id           TEXT    NOT NULL PRIMARY KEY,
    subject_id   TEXT    NOT NULL,
    generation   INTEGER NOT NULL,
    browser      TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    ended_at     INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX remembered_devices_by_subject ON remembered_devices (subject_id, id) WHERE ended_at IS NULL;

CREATE TABLE device_tokens (
    token_hash  BLOB    NOT NULL PRIMARY KEY,
    device_id   TEXT    NOT NULL,
    replaced_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX device_tokens_by_device ON device_tokens (device_id);

-- The registration is kept as it came, so that a later version of the library can read it anew.
CREATE TABLE passkeys (
    credential_id BLOB    NOT NULL PRIMARY KEY,
    subject_id    TEXT    NOT NULL,
    brand_id      TEXT,
    account_id    TEXT,
    passkey       TEXT    NOT NULL,
    registration  TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER
) STRICT;
CREATE INDEX passkeys_by_subject ON passkeys (subject_id, created_at);

-- The state between the two halves of a passkey's ceremony. `subject_id` is NULL where nobody was named yet.
CREATE TABLE passkey_ceremonies (
    token_hash BLOB    NOT NULL PRIMARY KEY,
    purpose    TEXT    NOT NULL,
    subject_id TEXT,
    brand_id   TEXT,
    state      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;

-- Links that are mailed and serve once: a password reset, an invitation.
CREATE TABLE single_use_links (
    token_hash BLOB    NOT NULL PRIMARY KEY,
    purpose    TEXT    NOT NULL,
    subject_id TEXT    NOT NULL,
    account_id TEXT,
    brand_id   TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;
-- Used ones too: whoever limits them counts all.
CREATE INDEX single_use_links_by_subject ON single_use_links (subject_id, purpose, created_at);
CREATE INDEX single_use_links_by_end ON single_use_links (expires_at);

-- A phone number that waits for its code. The number on record stays until then; it is told of the change.
CREATE TABLE phone_confirmations (
    subject_id TEXT    NOT NULL PRIMARY KEY,
    account_id TEXT    NOT NULL,
    brand_id   TEXT    NOT NULL,
    phone      TEXT    NOT NULL,
    asked_at   INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    mac        BLOB    NOT NULL,
    mac_key    INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,
    sends      INTEGER NOT NULL,
    checks     INTEGER NOT NULL
) STRICT;

-- When the number on record was confirmed, from when it may receive codes, and which one it took the place of.
ALTER TABLE people ADD COLUMN phone_confirmed_at INTEGER;
ALTER TABLE people ADD COLUMN phone_usable_from INTEGER;
ALTER TABLE people ADD COLUMN phone_before TEXT;
ALTER TABLE people ADD COLUMN phone_before_told_at INTEGER;

-- What a session rests on, when that was last proved, whether a second factor is still to be set up, and the wrong codes with
-- which somebody tried to prove themselves in it.
ALTER TABLE sessions ADD COLUMN proof TEXT NOT NULL DEFAULT 'password';
ALTER TABLE sessions ADD COLUMN proven_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN set_up TEXT NOT NULL DEFAULT 'not_due';
ALTER TABLE sessions ADD COLUMN wrong_codes INTEGER NOT NULL DEFAULT 0;

-- A body that holds a code is sealed, and erased once it was sent or is of no use any more.
ALTER TABLE messages ADD COLUMN sealed_body BLOB;
ALTER TABLE messages ADD COLUMN useful_until INTEGER;
