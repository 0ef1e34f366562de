-- Where a key stands in the ledger, which is unique. In place of one index, of which a commit changes nearly as many pages as it
-- has entries: new keys go to the young part and move from there in the order of the keys (src/storage/key_index.rs).
CREATE TABLE ledger_keys (
    key BLOB   NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL
) WITHOUT ROWID;
CREATE TABLE ledger_keys_young (
    key BLOB   NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO ledger_keys SELECT key, seq FROM ledger ORDER BY key;
DROP INDEX ledger_key;
-- The ledger as it is found by a key.
CREATE VIEW ledger_by_key (key, seq, digest, received_at) AS
SELECT k.key, k.seq, l.digest, l.received_at FROM ledger_keys k JOIN ledger l ON l.seq = k.seq
UNION ALL
SELECT k.key, k.seq, l.digest, l.received_at FROM ledger_keys_young k JOIN ledger l ON l.seq = k.seq;

-- With what decisions ask of it, so that they need not look into the table once for each experiment.
DROP INDEX assignments_unit;
CREATE INDEX assignments_unit ON assignments (unit_id, experiment, cohort);
