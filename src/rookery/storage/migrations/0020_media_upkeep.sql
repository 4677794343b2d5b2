-- Upkeep of media by what is due rather than by looking at all: uploads that nothing shows, objects to be looked at. Expands.

ALTER TABLE media ADD COLUMN held BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE media SET held = TRUE WHERE id IN (SELECT media_id FROM media_holds);
ALTER TABLE media ADD COLUMN loose_ms BIGINT NOT NULL DEFAULT 0;
CREATE INDEX media_loose_since ON media (loose_ms, id)
    WHERE tweet_id IS NULL AND purpose = 'tweet' AND held = FALSE;
CREATE INDEX media_processing ON media (owner_id) WHERE state = 'processing';

ALTER TABLE media_objects ADD COLUMN check_ms BIGINT;
UPDATE media_objects SET check_ms = created_ms
    WHERE NOT EXISTS (SELECT 1 FROM media_files f WHERE f.key = media_objects.key);
CREATE INDEX media_objects_to_check ON media_objects (check_ms) WHERE check_ms IS NOT NULL;
