ALTER TABLE rejections DROP COLUMN feed;
DROP TABLE feed_days;
