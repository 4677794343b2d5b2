-- Media in two stores: which objects are on their way from one to the other, since when. Expands.

ALTER TABLE media_objects ADD COLUMN moving_ms BIGINT;
CREATE INDEX media_objects_moving ON media_objects (moving_ms) WHERE moving_ms IS NOT NULL;
