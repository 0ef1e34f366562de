-- The ledger as it is found by a key: here by its index, on SQLite by tables of their own.
CREATE VIEW ledger_by_key (key, seq, digest, received_at) AS
SELECT key, seq, digest, received_at FROM ledger;

-- With what decisions ask of it, so that they need not look into the table once for each experiment.
DROP INDEX assignments_unit;
CREATE INDEX assignments_unit ON assignments (unit_id, experiment, cohort);
