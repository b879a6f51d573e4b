-- Strong sign-in: second factors, remembered devices, half-open sign-ins, passkeys, single-use links. A subject is a person or
-- a member of staff; one family of tables serves both.

-- One row for each subject who ever had a second factor. `generation` rises with every change of password or factors: what
-- was born in another one no longer counts. `wrong_codes` only rises; at the limit the factor is closed.
CREATE TABLE second_factors (
    subject_id        TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    brand_id          TEXT COLLATE "C",
    generation        BIGINT NOT NULL,
    wrong_codes       BIGINT NOT NULL,
    closed_at         BIGINT,
    set_up_anew       BIGINT NOT NULL,
    totp_sealed       BYTEA,
    totp_version      BIGINT NOT NULL,
    totp_confirmed_at BIGINT,
    totp_last_step    BIGINT NOT NULL,
    pending_sealed    BYTEA,
    pending_since     BIGINT,
    pending_tries     BIGINT NOT NULL,
    code_set          BIGINT NOT NULL
);

-- Ten to a set, MACs only. A new set takes the place of the old one.
CREATE TABLE backup_codes (
    subject_id TEXT COLLATE "C"    NOT NULL,
    code_set   BIGINT NOT NULL,
    number     BIGINT NOT NULL,
    mac        BYTEA    NOT NULL,
    mac_key    BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (subject_id, code_set, number)
);

CREATE TABLE recovery_codes (
    subject_id TEXT COLLATE "C"    NOT NULL,
    code_set   BIGINT NOT NULL,
    mac        BYTEA    NOT NULL,
    mac_key    BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (subject_id, code_set)
);

-- The password was right, the second factor is still to come.
CREATE TABLE half_open_sign_ins (
    token_hash  BYTEA    NOT NULL PRIMARY KEY,
    id          TEXT COLLATE "C"    NOT NULL,
    subject_id  TEXT COLLATE "C"    NOT NULL,
    account_id  TEXT COLLATE "C",
    brand_id    TEXT COLLATE "C",
    generation  BIGINT NOT NULL,
    browser     TEXT COLLATE "C"    NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    ended_at    BIGINT,
    wrong_codes BIGINT NOT NULL,
    sms_sends   BIGINT NOT NULL,
    sms_checks  BIGINT NOT NULL,
    sms_mac     BYTEA,
    sms_mac_key BIGINT NOT NULL,
    sms_until   BIGINT
);
CREATE INDEX half_open_by_subject ON half_open_sign_ins (subject_id) WHERE ended_at IS NULL;

-- A remembered device is a family of tokens, of which the newest counts.
CREATE TABLE remembered_devices (
    id           TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    subject_id   TEXT COLLATE "C"    NOT NULL,
    generation   BIGINT NOT NULL,
    browser      TEXT COLLATE "C"    NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    ended_at     BIGINT
);
CREATE INDEX remembered_devices_by_subject ON remembered_devices (subject_id, id) WHERE ended_at IS NULL;

CREATE TABLE device_tokens (
    token_hash  BYTEA    NOT NULL PRIMARY KEY,
    device_id   TEXT COLLATE "C"    NOT NULL,
    replaced_at BIGINT
);
CREATE INDEX device_tokens_by_device ON device_tokens (device_id);

-- The registration is kept as it came, so that a later version of the library can read it anew.
CREATE TABLE passkeys (
    credential_id BYTEA    NOT NULL PRIMARY KEY,
    subject_id    TEXT COLLATE "C"    NOT NULL,
    brand_id      TEXT COLLATE "C",
    account_id    TEXT COLLATE "C",
    passkey       TEXT COLLATE "C"    NOT NULL,
    registration  TEXT COLLATE "C"    NOT NULL,
    name          TEXT COLLATE "C"    NOT NULL,
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT
);
CREATE INDEX passkeys_by_subject ON passkeys (subject_id, created_at);

-- The state between the two halves of a passkey's ceremony. `subject_id` is NULL where nobody was named yet.
CREATE TABLE passkey_ceremonies (
    token_hash BYTEA    NOT NULL PRIMARY KEY,
    purpose    TEXT COLLATE "C"    NOT NULL,
    subject_id TEXT COLLATE "C",
    brand_id   TEXT COLLATE "C",
    state      TEXT COLLATE "C"    NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);

-- Links that are mailed and serve once: a password reset, an invitation.
CREATE TABLE single_use_links (
    token_hash BYTEA    NOT NULL PRIMARY KEY,
    purpose    TEXT COLLATE "C"    NOT NULL,
    subject_id TEXT COLLATE "C"    NOT NULL,
    account_id TEXT COLLATE "C",
    brand_id   TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
-- Used ones too: whoever limits them counts all.
CREATE INDEX single_use_links_by_subject ON single_use_links (subject_id, purpose, created_at);
CREATE INDEX single_use_links_by_end ON single_use_links (expires_at);

-- A phone number that waits for its code. The number on record stays until then; it is told of the change.
CREATE TABLE phone_confirmations (
    subject_id TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    account_id TEXT COLLATE "C"    NOT NULL,
    brand_id   TEXT COLLATE "C"    NOT NULL,
    phone      TEXT COLLATE "C"    NOT NULL,
    asked_at   BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    mac        BYTEA    NOT NULL,
    mac_key    BIGINT NOT NULL,
    epoch      BIGINT NOT NULL,
    sends      BIGINT NOT NULL,
    checks     BIGINT NOT NULL
);

-- When the number on record was confirmed, from when it may receive codes, and which one it took the place of.
ALTER TABLE people ADD COLUMN phone_confirmed_at BIGINT;
ALTER TABLE people ADD COLUMN phone_usable_from BIGINT;
ALTER TABLE people ADD COLUMN phone_before TEXT COLLATE "C";
ALTER TABLE people ADD COLUMN phone_before_told_at BIGINT;

-- What a session rests on, when that was last proved, whether a second factor is still to be set up, and the wrong codes with
-- which somebody tried to prove themselves in it.
ALTER TABLE sessions ADD COLUMN proof TEXT COLLATE "C" NOT NULL DEFAULT 'password';
ALTER TABLE sessions ADD COLUMN proven_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN set_up TEXT COLLATE "C" NOT NULL DEFAULT 'not_due';
ALTER TABLE sessions ADD COLUMN wrong_codes BIGINT NOT NULL DEFAULT 0;

-- A body that holds a code is sealed, and erased once it was sent or is of no use any more.
ALTER TABLE messages ADD COLUMN sealed_body BYTEA;
ALTER TABLE messages ADD COLUMN useful_until BIGINT;
