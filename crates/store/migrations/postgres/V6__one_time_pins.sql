-- One-time PINs: made for one conversation, sent out, kept as a keyed MAC alone.

-- One row for each that was sent. The newest of a conversation is the one that counts.
CREATE TABLE one_time_pins (
    conversation_id TEXT COLLATE "C" NOT NULL,
    number          BIGINT NOT NULL,
    id              TEXT COLLATE "C" NOT NULL UNIQUE,
    brand_id        TEXT COLLATE "C" NOT NULL,
    account_id      TEXT COLLATE "C" NOT NULL,
    person_id       TEXT COLLATE "C" NOT NULL,
    channel         TEXT COLLATE "C" NOT NULL,
    recipient       TEXT COLLATE "C" NOT NULL,
    message_id      TEXT COLLATE "C" NOT NULL,
    mac             BYTEA NOT NULL,
    mac_key         BIGINT NOT NULL,
    sent_at         BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    tries           BIGINT NOT NULL,
    spent_at        BIGINT,
    ended_at        BIGINT,
    PRIMARY KEY (conversation_id, number)
);
CREATE INDEX one_time_pins_by_person ON one_time_pins (person_id) WHERE ended_at IS NULL;

-- One row for each person who was ever sent one: who has a try or a sending waits here for whoever was first.
CREATE TABLE one_time_pin_people (
    person_id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tries           BIGINT NOT NULL,
    last_sent_at    BIGINT NOT NULL
);

-- Wrong tries of a person over all codes. Sending again takes none of them away.
CREATE TABLE one_time_pin_tries (
    person_id       TEXT COLLATE "C" NOT NULL,
    number          BIGINT NOT NULL,
    at              BIGINT NOT NULL,
    PRIMARY KEY (person_id, number)
);

-- How many were sent to or by whom (a person, a number, an agent, a brand) in the span that began then.
CREATE TABLE one_time_pin_sends (
    since           BIGINT NOT NULL,
    owner_id        TEXT COLLATE "C" NOT NULL,
    sends           BIGINT NOT NULL,
    PRIMARY KEY (since, owner_id)
);

-- What a one-time PIN proved in a conversation, beside what a Support PIN did.
ALTER TABLE conversations ADD COLUMN code_person TEXT COLLATE "C";
ALTER TABLE conversations ADD COLUMN code_number BIGINT;
ALTER TABLE conversations ADD COLUMN code_at BIGINT;
ALTER TABLE conversations ADD COLUMN code_until BIGINT;
