-- For how many weeks after the day from which a decision holds its limits are watched; 0 where they are not.
ALTER TABLE decisions ADD COLUMN watch_weeks BIGINT NOT NULL DEFAULT 0;
