-- Rows that come again after a large file was refused look for those of before.
CREATE INDEX rejections_key ON rejections (event_key);
