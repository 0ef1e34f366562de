DROP INDEX rejections_key;
