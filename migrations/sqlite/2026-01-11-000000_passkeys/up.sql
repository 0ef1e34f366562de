-- Passkeys (WebAuthn credentials), by which people sign in without a password.
CREATE TABLE passkeys (
    credential_id BLOB NOT NULL PRIMARY KEY,
    person_id     BIGINT NOT NULL REFERENCES people (id),
    user_handle   BLOB NOT NULL, -- what authenticators know the person by: random, so that it tells nothing
    name          TEXT NOT NULL,
    static_state  BLOB NOT NULL, -- the public key, and what else never changes
    dynamic_state BLOB NOT NULL, -- what may change with every use, such as the signature counter
    transports    BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    used_at       BIGINT
);
CREATE INDEX passkeys_person ON passkeys (person_id);
-- Challenges that were answered well, so that each counts once. Those that were not stand nowhere.
CREATE TABLE passkey_challenges (
    seal  BLOB NOT NULL PRIMARY KEY,
    until BIGINT NOT NULL -- it would be refused from then on, as too old
);
