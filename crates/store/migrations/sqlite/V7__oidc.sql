-- Who members of staff are at an identity provider: issuer and subject, never a name or an address (T32).
CREATE TABLE staff_identities (
    issuer       TEXT NOT NULL,
    subject      TEXT NOT NULL,
    staff_id     TEXT NOT NULL REFERENCES staff (id),
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_identities_by_staff ON staff_identities (staff_id);

-- Sign-ins that are under way at a provider, by the digest of their state. Nonce and PKCE verifier are sealed; the row serves
-- once, and only in the browser that began it.
CREATE TABLE provider_sign_ins (
    state_hash   BLOB NOT NULL PRIMARY KEY,
    browser_hash BLOB NOT NULL,
    issuer       TEXT NOT NULL,
    sealed       BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_sign_ins_by_end ON provider_sign_ins (expires_at);
