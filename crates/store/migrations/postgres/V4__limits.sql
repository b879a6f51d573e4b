-- Limits that outlive a sign-in.

-- How many codes by SMS went to whom on which day (UTC, from 1970).
CREATE TABLE sent_codes (
    day        BIGINT NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    sends      BIGINT NOT NULL,
    PRIMARY KEY (day, subject_id)
);

-- Wrong recovery codes in a sign-in, apart from the codes that the factor counts: these are never given back.
ALTER TABLE half_open_sign_ins ADD COLUMN recovery_tries BIGINT NOT NULL DEFAULT 0;
