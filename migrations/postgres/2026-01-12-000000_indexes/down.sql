DROP INDEX assignments_unit;
CREATE INDEX assignments_unit ON assignments (unit_id, experiment);
DROP VIEW ledger_by_key;
