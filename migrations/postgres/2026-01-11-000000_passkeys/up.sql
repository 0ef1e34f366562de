-- Passkeys (WebAuthn credentials), by which people sign in without a password.
CREATE TABLE passkeys (
    credential_id BYTEA NOT NULL PRIMARY KEY,
    person_id     BIGINT NOT NULL REFERENCES people (id),
    user_handle   BYTEA NOT NULL, -- what authenticators know the person by: random, so that it tells nothing
    name          TEXT COLLATE "C" NOT NULL,
    static_state  BYTEA NOT NULL, -- the public key, and what else never changes
    dynamic_state BYTEA NOT NULL, -- what may change with every use, such as the signature counter
    transports    BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    used_at       BIGINT
);
CREATE INDEX passkeys_person ON passkeys (person_id);
-- Challenges that were answered well, so that each counts once. Those that were not stand nowhere.
CREATE TABLE passkey_challenges (
    seal  BYTEA NOT NULL PRIMARY KEY,
    until BIGINT NOT NULL -- it would be refused from then on, as too old
);
