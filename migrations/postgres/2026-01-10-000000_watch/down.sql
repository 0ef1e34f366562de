ALTER TABLE decisions DROP COLUMN watch_weeks;
