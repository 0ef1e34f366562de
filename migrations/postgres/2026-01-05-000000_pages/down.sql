ALTER TABLE decisions DROP COLUMN learned;
ALTER TABLE people DROP COLUMN seen_at;
ALTER TABLE api_keys DROP COLUMN old_until;
ALTER TABLE api_keys DROP COLUMN old_hash;
ALTER TABLE api_keys DROP COLUMN expires_at;
DROP TABLE shares;
DROP TABLE upload_pieces;
DROP TABLE uploads;
