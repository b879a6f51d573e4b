-- The newest time that this database was in use at, in microseconds; 0 before the first. No process begins before it.
CREATE TABLE clock_mark (
    id   BIGINT NOT NULL PRIMARY KEY,
    seen BIGINT NOT NULL
);
INSERT INTO clock_mark (id, seen) VALUES (1, 0);

-- Who entered a wrong PIN for which holder on which day (UTC, from 1970). Rows are only added: nobody waits for anybody.
CREATE TABLE wrong_tries (
    brand_id  TEXT COLLATE "C" NOT NULL,
    day       BIGINT NOT NULL,
    actor_id  TEXT COLLATE "C" NOT NULL,
    holder_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (brand_id, day, actor_id, holder_id)
);

-- Budgets that are spent, by the day: an API client's, or a brand's.
CREATE TABLE spent_budgets (
    owner_id TEXT COLLATE "C" NOT NULL,
    day      BIGINT NOT NULL,
    brand_id TEXT COLLATE "C" NOT NULL,
    holders  BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    PRIMARY KEY (owner_id, day)
);
