-- What came by the feed it belongs to, whoever sent it.
CREATE TABLE feed_days (
    feed          TEXT NOT NULL, -- tickets, replies, ratings, customers, other
    day           BIGINT NOT NULL, -- days since 1970 UTC
    accepted      BIGINT NOT NULL,
    duplicates    BIGINT NOT NULL,
    rejected      BIGINT NOT NULL,
    last_received BIGINT NOT NULL,
    PRIMARY KEY (feed, day)
);
-- The feed that a refused line would have been of.
ALTER TABLE rejections ADD COLUMN feed TEXT NOT NULL DEFAULT 'other';
-- What the ledger holds already, so that feeds do not begin anew: of its last million entries, whose first day may be
-- counted in part only.
INSERT INTO feed_days (feed, day, accepted, duplicates, rejected, last_received)
SELECT
    CASE
        WHEN kind IN ('conversation.opened', 'conversation.closed', 'conversation.reopened') THEN 'tickets'
        WHEN kind = 'conversation.replied' AND body LIKE '%"by":"agent"%' THEN 'replies'
        WHEN kind = 'conversation.replied' THEN 'tickets'
        WHEN kind = 'conversation.rated' THEN 'ratings'
        WHEN kind IN ('customer.updated', 'revenue.recorded', 'customer.churned') THEN 'customers'
        ELSE 'other'
    END,
    received_at / 86400000, count(*), 0, 0, max(received_at)
FROM ledger
WHERE seq > (SELECT max(seq) FROM ledger) - 1000000 AND kind <> 'assignment.decided'
GROUP BY 1, 2;
