-- What became of messages: which gateway has one, by which other channel it goes, the gateway's own name for it, and why it failed.
ALTER TABLE messages ADD COLUMN gateway TEXT;
ALTER TABLE messages ADD COLUMN via TEXT;
ALTER TABLE messages ADD COLUMN reference TEXT;
ALTER TABLE messages ADD COLUMN reason TEXT;
ALTER TABLE messages ADD COLUMN reported_at INTEGER;
CREATE INDEX messages_by_reference ON messages (gateway, reference) WHERE reference IS NOT NULL;
UPDATE messages SET state = 'accepted' WHERE state = 'sent';

-- Reports of gateways about messages whose reference is not known yet: a report can be quicker than the answer that it is about.
CREATE TABLE delivery_reports (
    gateway   TEXT    NOT NULL,
    reference TEXT    NOT NULL,
    state     TEXT    NOT NULL,
    reason    TEXT,
    at        INTEGER NOT NULL,
    PRIMARY KEY (gateway, reference)
) STRICT, WITHOUT ROWID;
