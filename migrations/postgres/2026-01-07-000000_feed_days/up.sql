-- What came by the feed it belongs to, whoever sent it.
CREATE TABLE feed_days (
    feed          TEXT COLLATE "C" NOT NULL, -- tickets, replies, ratings, customers, other
    day           BIGINT NOT NULL, -- days since 1970 UTC
    accepted      BIGINT NOT NULL,
    duplicates    BIGINT NOT NULL,
    rejected      BIGINT NOT NULL,
    last_received BIGINT NOT NULL,
    PRIMARY KEY (feed, day)
);
-- The feed that a refused line would have been of.
ALTER TABLE rejections ADD COLUMN feed TEXT COLLATE "C" NOT NULL DEFAULT 'other';
