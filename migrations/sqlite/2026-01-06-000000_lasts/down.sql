DELETE FROM settings WHERE key LIKE 'last.%';
