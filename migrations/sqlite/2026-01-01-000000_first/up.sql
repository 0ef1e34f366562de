-- Times are milliseconds since 1970 UTC. Derived tables (customers, conversations, assignments) are a
-- pure fold of the ledger: `patience verify` makes them anew and compares.

CREATE TABLE ledger (
    seq         INTEGER NOT NULL PRIMARY KEY, -- the row's own number: 64 bits, appended at the end
    key         BLOB   NOT NULL, -- hash of (source, id)
    digest      BLOB   NOT NULL, -- hash of the body
    kind        TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    customer_id TEXT,
    occurred_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    body        TEXT   NOT NULL
);
CREATE UNIQUE INDEX ledger_key ON ledger (key);
CREATE INDEX ledger_ahead ON ledger (seq) WHERE occurred_at > received_at + 86400000;

CREATE TABLE customers (
    customer_id TEXT NOT NULL PRIMARY KEY,
    account_id  TEXT,
    state       BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX customers_account ON customers (account_id, customer_id) WHERE account_id IS NOT NULL;

CREATE TABLE conversations (
    customer_id     TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    state           BLOB NOT NULL,
    PRIMARY KEY (customer_id, conversation_id)
) WITHOUT ROWID;

CREATE TABLE assignments (
    experiment         TEXT   NOT NULL,
    unit_id            TEXT   NOT NULL,
    cohort             TEXT   NOT NULL,
    assigned_at        BIGINT NOT NULL,
    told_source        TEXT   NOT NULL,
    told_id            TEXT   NOT NULL,
    first_customer     TEXT,
    first_conversation TEXT,
    attributes         TEXT, -- JSON; null where the assignment was told without them
    PRIMARY KEY (experiment, unit_id)
) WITHOUT ROWID;
CREATE INDEX assignments_unit ON assignments (unit_id, experiment);

CREATE TABLE layers (
    key         TEXT   NOT NULL PRIMARY KEY,
    salt        TEXT   NOT NULL,
    next_offset BIGINT NOT NULL -- unsigned, kept bit for bit
);
CREATE TABLE experiments (
    key           TEXT    NOT NULL PRIMARY KEY,
    definition    TEXT    NOT NULL, -- JSON
    status        TEXT    NOT NULL,
    salt          TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    created_at    BIGINT  NOT NULL,
    started_at    BIGINT,
    stopped_at    BIGINT,
    planned_units BIGINT,
    layer         TEXT    NOT NULL,
    layer_offset  BIGINT  NOT NULL -- unsigned, kept bit for bit
);
CREATE TABLE experiment_log (
    id         BIGINT NOT NULL PRIMARY KEY,
    experiment TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    who        TEXT   NOT NULL,
    what       TEXT   NOT NULL
);
CREATE INDEX experiment_log_experiment ON experiment_log (experiment, id);
CREATE TABLE calendars (
    key        TEXT   NOT NULL PRIMARY KEY,
    definition TEXT   NOT NULL, -- JSON
    changed_at BIGINT NOT NULL
);

CREATE TABLE analyses (
    experiment         TEXT    NOT NULL,
    number             BIGINT  NOT NULL,
    as_of              BIGINT  NOT NULL,
    made_at            BIGINT  NOT NULL,
    ledger_position    BIGINT  NOT NULL,
    definition_version INTEGER NOT NULL,
    digest             BLOB    NOT NULL,
    document           TEXT    NOT NULL, -- JSON
    PRIMARY KEY (experiment, number)
);
CREATE TABLE decisions (
    id         BIGINT NOT NULL PRIMARY KEY,
    experiment TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    who        TEXT   NOT NULL,
    what       TEXT   NOT NULL,
    why        TEXT   NOT NULL,
    from_when  TEXT   NOT NULL,
    agreed_by  TEXT   NOT NULL,
    analysis   BIGINT
);
CREATE INDEX decisions_experiment ON decisions (experiment, id);

CREATE TABLE people (
    id            BIGINT NOT NULL PRIMARY KEY,
    email         TEXT   NOT NULL UNIQUE,
    role          TEXT   NOT NULL,
    password_hash TEXT,
    created_at    BIGINT NOT NULL
);
CREATE TABLE sign_in_links (
    hash       BLOB   NOT NULL PRIMARY KEY,
    person_id  BIGINT NOT NULL REFERENCES people (id),
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE TABLE sessions (
    hash       BLOB   NOT NULL PRIMARY KEY,
    person_id  BIGINT NOT NULL REFERENCES people (id),
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id);
CREATE TABLE api_keys (
    id           TEXT   NOT NULL PRIMARY KEY,
    name         TEXT   NOT NULL UNIQUE,
    role         TEXT   NOT NULL,
    hash         BLOB   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT
);

CREATE TABLE feeds (
    source        TEXT   NOT NULL,
    day           BIGINT NOT NULL, -- days since 1970 UTC
    accepted      BIGINT NOT NULL,
    duplicates    BIGINT NOT NULL,
    rejected      BIGINT NOT NULL,
    last_received BIGINT NOT NULL,
    PRIMARY KEY (source, day)
);
CREATE TABLE rejections (
    id          BIGINT NOT NULL PRIMARY KEY,
    received_at BIGINT NOT NULL,
    source      TEXT   NOT NULL,
    event_key   BLOB, -- as in the ledger, where the line had an id
    event_id    TEXT,
    customer_id TEXT,
    detail      TEXT   NOT NULL,
    line        TEXT   NOT NULL
);
CREATE INDEX rejections_received ON rejections (received_at);

CREATE TABLE drafts (
    key        TEXT   NOT NULL PRIMARY KEY,
    json       TEXT   NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE TABLE settings (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
