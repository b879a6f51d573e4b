-- The newest time that this database was in use at, in microseconds; 0 before the first. No process begins before it.
CREATE TABLE clock_mark (
    id   INTEGER NOT NULL PRIMARY KEY,
    seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO clock_mark (id, seen) VALUES (1, 0);

-- Who entered a wrong PIN for which holder on which day (UTC, from 1970). Rows are only added: nobody waits for anybody.
CREATE TABLE wrong_tries (
    brand_id  TEXT    NOT NULL,
    day       INTEGER NOT NULL,
    actor_id  TEXT    NOT NULL,
    holder_id TEXT    NOT NULL,
    PRIMARY KEY (brand_id, day, actor_id, holder_id)
) STRICT, WITHOUT ROWID;

-- Budgets that are spent, by the day: an API client's, or a brand's.
CREATE TABLE spent_budgets (
    owner_id TEXT    NOT NULL,
    day      INTEGER NOT NULL,
    brand_id TEXT    NOT NULL,
    holders  INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (owner_id, day)
) STRICT, WITHOUT ROWID;
