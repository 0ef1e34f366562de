ALTER TABLE people DROP COLUMN weekly;
DROP TABLE letters;
