-- The last number of what is numbered without a gap, beside it: so that one that is taken off the end shows.
INSERT INTO settings (key, value) SELECT 'last.analyses.' || experiment, CAST(max(number) AS TEXT) FROM analyses GROUP BY experiment;
INSERT INTO settings (key, value) SELECT 'last.audit', CAST(seq AS TEXT) FROM audit ORDER BY seq DESC LIMIT 1;
