-- Letters that wait to be sent by e-mail. Each is written when it is sent, so that no link's token stands here.
CREATE TABLE letters (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    address  TEXT COLLATE "C" NOT NULL, -- whether anybody here has it is looked at when the letter is sent
    kind     TEXT COLLATE "C" NOT NULL, -- sign_in, weekly
    language TEXT COLLATE "C" NOT NULL,
    page     TEXT COLLATE "C" NOT NULL, -- sign_in: the page that was asked for
    due_at   BIGINT NOT NULL, -- not sent before
    until    BIGINT NOT NULL, -- nor after
    tries    BIGINT NOT NULL
);
CREATE INDEX letters_due ON letters (due_at);
-- The language of somebody's weekly letter; none for whoever wants none.
ALTER TABLE people ADD COLUMN weekly TEXT COLLATE "C";
