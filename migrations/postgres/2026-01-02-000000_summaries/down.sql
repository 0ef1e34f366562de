ALTER TABLE analyses DROP COLUMN summary;
