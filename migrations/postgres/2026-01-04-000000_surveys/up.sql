-- Questions asked of customers after a conversation. The token in the link is kept as a hash only; the rating itself is
-- an event of the ledger.
CREATE TABLE surveys (
    hash            BYTEA NOT NULL PRIMARY KEY, -- SHA-256 of the token
    customer_id     TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    subject         TEXT COLLATE "C" NOT NULL, -- as the customer wrote it, or empty
    asked_at        BIGINT, -- when the customer asked
    language        TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL,
    answered_at     BIGINT, -- the last answer
    answers         BIGINT NOT NULL, -- so many, changes and comments counted
    score           BIGINT, -- the rating in force
    held            BIGINT NOT NULL -- ratings that came too fast for a person
);
