-- Limits that outlive a sign-in.

-- How many codes by SMS went to whom on which day (UTC, from 1970).
CREATE TABLE sent_codes (
    day        INTEGER NOT NULL,
    subject_id TEXT NOT NULL,
    sends      INTEGER NOT NULL,
    PRIMARY KEY (day, subject_id)
) STRICT, WITHOUT ROWID;

-- Wrong recovery codes in a sign-in, apart from the codes that the factor counts: these are never given back.
ALTER TABLE half_open_sign_ins ADD COLUMN recovery_tries INTEGER NOT NULL DEFAULT 0;
