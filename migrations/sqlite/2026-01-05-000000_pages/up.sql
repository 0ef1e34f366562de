-- Files that people are about to import: kept for a day while their columns are matched, nothing of them recorded before.
CREATE TABLE uploads (
    token     TEXT NOT NULL PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES people (id),
    kind      TEXT NOT NULL,
    name      TEXT NOT NULL, -- the file's own
    made_at   BIGINT NOT NULL,
    reading   TEXT, -- JSON: how it is to be read
    outcome   TEXT -- JSON: what became of it
);
CREATE TABLE upload_pieces (
    token  TEXT NOT NULL,
    number BIGINT NOT NULL, -- from 0
    bytes  BLOB NOT NULL,
    PRIMARY KEY (token, number)
);
-- Links by which anybody reads an experiment's result page, and nothing else.
CREATE TABLE shares (
    id         BIGINT NOT NULL PRIMARY KEY,
    hash       BLOB NOT NULL UNIQUE, -- SHA-256 of the token
    experiment TEXT NOT NULL,
    made_by    TEXT NOT NULL,
    made_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX shares_experiment ON shares (experiment, id);
-- A key that was replaced is good for some days more beside the new one.
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
ALTER TABLE api_keys ADD COLUMN old_hash BLOB;
ALTER TABLE api_keys ADD COLUMN old_until BIGINT;
ALTER TABLE people ADD COLUMN seen_at BIGINT;
-- What is worth knowing next time.
ALTER TABLE decisions ADD COLUMN learned TEXT NOT NULL DEFAULT '';
