DROP INDEX assignments_unit;
CREATE INDEX assignments_unit ON assignments (unit_id, experiment);
DROP VIEW ledger_by_key;
CREATE UNIQUE INDEX ledger_key ON ledger (key);
DROP TABLE ledger_keys_young;
DROP TABLE ledger_keys;
