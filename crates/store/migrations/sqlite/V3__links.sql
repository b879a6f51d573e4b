-- Links that are mailed and serve once: a password reset, an invitation.
CREATE TABLE single_use_links (
    token_hash BLOB     NOT NULL PRIMARY KEY,
    purpose    TEXT    NOT NULL,
    subject_id TEXT    NOT NULL,
    account_id TEXT,
    brand_id   TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;
CREATE INDEX single_use_links_by_subject ON single_use_links (subject_id, purpose) WHERE used_at IS NULL;
