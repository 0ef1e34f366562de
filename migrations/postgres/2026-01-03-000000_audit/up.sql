-- Who did what, each line sealed with the one before: a changed, dropped or moved line shows.
CREATE TABLE audit (
    seq   BIGINT NOT NULL PRIMARY KEY, -- from 1, without a gap
    at    BIGINT NOT NULL,
    who   TEXT COLLATE "C" NOT NULL,
    what  TEXT COLLATE "C" NOT NULL, -- JSON: a message of the Fluent files
    about TEXT COLLATE "C" NOT NULL, -- an experiment's key, or empty
    hash  BYTEA NOT NULL -- SHA-256 of the hash before and of this line
);
