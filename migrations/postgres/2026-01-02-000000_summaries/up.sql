-- What pages and later looks have to know of a stored analysis, so that its document need not be read. Absent in those of before.
ALTER TABLE analyses ADD COLUMN summary TEXT COLLATE "C"; -- JSON
