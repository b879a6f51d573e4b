-- Who members of staff are at an identity provider: issuer and subject, never a name or an address (T32).
CREATE TABLE staff_identities (
    issuer       TEXT COLLATE "C" NOT NULL,
    subject      TEXT COLLATE "C" NOT NULL,
    staff_id     TEXT COLLATE "C" NOT NULL REFERENCES staff (id),
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX staff_identities_by_staff ON staff_identities (staff_id);

-- Sign-ins that are under way at a provider, by the digest of their state. Nonce and PKCE verifier are sealed; the row serves
-- once, and only in the browser that began it.
CREATE TABLE provider_sign_ins (
    state_hash   BYTEA NOT NULL PRIMARY KEY,
    browser_hash BYTEA NOT NULL,
    issuer       TEXT COLLATE "C" NOT NULL,
    sealed       BYTEA NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT
);
CREATE INDEX provider_sign_ins_by_end ON provider_sign_ins (expires_at);
