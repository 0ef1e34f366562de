-- Times are milliseconds since 1970 UTC. Derived tables (customers, conversations, assignments) are a
-- pure fold of the ledger: `patience verify` makes them anew and compares.

CREATE TABLE ledger (
    seq         BIGINT NOT NULL,
    key         BYTEA  NOT NULL, -- hash of (source, id)
    digest      BYTEA  NOT NULL, -- hash of the body
    kind        TEXT COLLATE "C"   NOT NULL,
    source      TEXT COLLATE "C"   NOT NULL,
    id          TEXT COLLATE "C"   NOT NULL,
    customer_id TEXT COLLATE "C",
    occurred_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    body        TEXT COLLATE "C"   NOT NULL,
    PRIMARY KEY (seq)
);
CREATE UNIQUE INDEX ledger_key ON ledger (key);
CREATE INDEX ledger_ahead ON ledger (seq) WHERE occurred_at > received_at + 86400000;

CREATE TABLE customers (
    customer_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id  TEXT COLLATE "C",
    state       BYTEA NOT NULL
);
CREATE INDEX customers_account ON customers (account_id, customer_id) WHERE account_id IS NOT NULL;

CREATE TABLE conversations (
    customer_id     TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    state           BYTEA NOT NULL,
    PRIMARY KEY (customer_id, conversation_id)
);

CREATE TABLE assignments (
    experiment         TEXT COLLATE "C"   NOT NULL,
    unit_id            TEXT COLLATE "C"   NOT NULL,
    cohort             TEXT COLLATE "C"   NOT NULL,
    assigned_at        BIGINT NOT NULL,
    told_source        TEXT COLLATE "C"   NOT NULL,
    told_id            TEXT COLLATE "C"   NOT NULL,
    first_customer     TEXT COLLATE "C",
    first_conversation TEXT COLLATE "C",
    attributes         TEXT COLLATE "C", -- JSON; null where the assignment was told without them
    PRIMARY KEY (experiment, unit_id)
);
CREATE INDEX assignments_unit ON assignments (unit_id, experiment);

CREATE TABLE layers (
    key         TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    salt        TEXT COLLATE "C"   NOT NULL,
    next_offset BIGINT NOT NULL -- unsigned, kept bit for bit
);
CREATE TABLE experiments (
    key           TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    definition    TEXT COLLATE "C"    NOT NULL, -- JSON
    status        TEXT COLLATE "C"    NOT NULL,
    salt          TEXT COLLATE "C"    NOT NULL,
    version       INTEGER NOT NULL,
    created_at    BIGINT  NOT NULL,
    started_at    BIGINT,
    stopped_at    BIGINT,
    planned_units BIGINT,
    layer         TEXT COLLATE "C"    NOT NULL,
    layer_offset  BIGINT  NOT NULL -- unsigned, kept bit for bit
);
CREATE TABLE experiment_log (
    id         BIGINT NOT NULL PRIMARY KEY,
    experiment TEXT COLLATE "C"   NOT NULL,
    at         BIGINT NOT NULL,
    who        TEXT COLLATE "C"   NOT NULL,
    what       TEXT COLLATE "C"   NOT NULL
);
CREATE INDEX experiment_log_experiment ON experiment_log (experiment, id);
CREATE TABLE calendars (
    key        TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    definition TEXT COLLATE "C"   NOT NULL, -- JSON
    changed_at BIGINT NOT NULL
);

CREATE TABLE analyses (
    experiment         TEXT COLLATE "C"    NOT NULL,
    number             BIGINT  NOT NULL,
    as_of              BIGINT  NOT NULL,
    made_at            BIGINT  NOT NULL,
    ledger_position    BIGINT  NOT NULL,
    definition_version INTEGER NOT NULL,
    digest             BYTEA   NOT NULL,
    document           TEXT COLLATE "C"    NOT NULL, -- JSON
    PRIMARY KEY (experiment, number)
);
CREATE TABLE decisions (
    id         BIGINT NOT NULL PRIMARY KEY,
    experiment TEXT COLLATE "C"   NOT NULL,
    at         BIGINT NOT NULL,
    who        TEXT COLLATE "C"   NOT NULL,
    what       TEXT COLLATE "C"   NOT NULL,
    why        TEXT COLLATE "C"   NOT NULL,
    from_when  TEXT COLLATE "C"   NOT NULL,
    agreed_by  TEXT COLLATE "C"   NOT NULL,
    analysis   BIGINT
);
CREATE INDEX decisions_experiment ON decisions (experiment, id);

CREATE TABLE people (
    id            BIGINT NOT NULL PRIMARY KEY,
    email         TEXT COLLATE "C"   NOT NULL UNIQUE,
    role          TEXT COLLATE "C"   NOT NULL,
    password_hash TEXT COLLATE "C",
    created_at    BIGINT NOT NULL
);
CREATE TABLE sign_in_links (
    hash       BYTEA  NOT NULL PRIMARY KEY,
    person_id  BIGINT NOT NULL REFERENCES people (id),
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE TABLE sessions (
    hash       BYTEA  NOT NULL PRIMARY KEY,
    person_id  BIGINT NOT NULL REFERENCES people (id),
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id);
CREATE TABLE api_keys (
    id           TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    name         TEXT COLLATE "C"   NOT NULL UNIQUE,
    role         TEXT COLLATE "C"   NOT NULL,
    hash         BYTEA  NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT
);

CREATE TABLE feeds (
    source        TEXT COLLATE "C"   NOT NULL,
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
    source      TEXT COLLATE "C"   NOT NULL,
    event_key   BYTEA, -- as in the ledger, where the line had an id
    event_id    TEXT COLLATE "C",
    customer_id TEXT COLLATE "C",
    detail      TEXT COLLATE "C"   NOT NULL,
    line        TEXT COLLATE "C"   NOT NULL
);
CREATE INDEX rejections_received ON rejections (received_at);

CREATE TABLE drafts (
    key        TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    json       TEXT COLLATE "C"   NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE TABLE settings (
    key   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);
