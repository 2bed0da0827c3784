-- What a message was decided on, as a column of its own: traces follow it in both directions.
ALTER TABLE events ADD COLUMN IF NOT EXISTS cause UInt64 MATERIALIZED JSONExtractUInt(body, 'cause');

ALTER TABLE events ADD INDEX IF NOT EXISTS causes cause TYPE bloom_filter GRANULARITY 1;
