-- One-time PINs: made for one conversation, sent out, kept as a keyed MAC alone.

-- One row for each that was sent. The newest of a conversation is the one that counts.
CREATE TABLE one_time_pins (
    conversation_id TEXT    NOT NULL,
    number          INTEGER NOT NULL,
    id              TEXT    NOT NULL UNIQUE,
    brand_id        TEXT    NOT NULL,
    account_id      TEXT    NOT NULL,
    person_id       TEXT    NOT NULL,
    channel         TEXT    NOT NULL,
    recipient       TEXT    NOT NULL,
    message_id      TEXT    NOT NULL,
    mac             BLOB    NOT NULL,
    mac_key         INTEGER NOT NULL,
    sent_at         INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    tries           INTEGER NOT NULL,
    spent_at        INTEGER,
    ended_at        INTEGER,
    PRIMARY KEY (conversation_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX one_time_pins_by_person ON one_time_pins (person_id) WHERE ended_at IS NULL;

-- One row for each person who was ever sent one: who has a try or a sending waits here for whoever was first.
CREATE TABLE one_time_pin_people (
    person_id    TEXT    NOT NULL PRIMARY KEY,
    tries        INTEGER NOT NULL,
    last_sent_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Wrong tries of a person over all codes. Sending again takes none of them away.
CREATE TABLE one_time_pin_tries (
    person_id TEXT    NOT NULL,
    number    INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (person_id, number)
) STRICT, WITHOUT ROWID;

-- How many were sent to or by whom (a person, a number, an agent, a brand) in the span that began then.
CREATE TABLE one_time_pin_sends (
    since    INTEGER NOT NULL,
    owner_id TEXT    NOT NULL,
    sends    INTEGER NOT NULL,
    PRIMARY KEY (since, owner_id)
) STRICT, WITHOUT ROWID;

-- What a one-time PIN proved in a conversation, beside what a Support PIN did.
ALTER TABLE conversations ADD COLUMN code_person TEXT;
ALTER TABLE conversations ADD COLUMN code_number INTEGER;
ALTER TABLE conversations ADD COLUMN code_at INTEGER;
ALTER TABLE conversations ADD COLUMN code_until INTEGER;
