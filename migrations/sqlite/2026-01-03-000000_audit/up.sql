-- Who did what, each line sealed with the one before: a changed, dropped or moved line shows.
CREATE TABLE audit (
    seq   BIGINT NOT NULL PRIMARY KEY, -- from 1, without a gap
    at    BIGINT NOT NULL,
    who   TEXT NOT NULL,
    what  TEXT NOT NULL, -- JSON: a message of the Fluent files
    about TEXT NOT NULL, -- an experiment's key, or empty
    hash  BLOB NOT NULL -- SHA-256 of the hash before and of this line
);
