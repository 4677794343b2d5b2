-- SQLite's R*Tree of places goes by where before it goes by when: ten years count as a degree. Expands.
-- Measured in seconds, ten years were 300 million, and time made every node as wide as the earth.

-- only sqlite
DROP TRIGGER tweet_places_enter;
-- only sqlite
DROP TABLE tweet_places;
-- only sqlite
CREATE VIRTUAL TABLE tweet_places USING rtree(tweet_id, west, east, south, north, earliest, latest);
-- only sqlite
INSERT INTO tweet_places (tweet_id, west, east, south, north, earliest, latest)
    SELECT id, longitude, longitude, latitude, latitude, (id >> 22) / 300000000000.0, (id >> 22) / 300000000000.0 FROM tweets
    WHERE latitude IS NOT NULL AND longitude IS NOT NULL AND visibility = 0 AND retweet_of_id IS NULL;
-- only sqlite
CREATE TRIGGER tweet_places_enter AFTER INSERT ON tweets
    WHEN new.latitude IS NOT NULL AND new.longitude IS NOT NULL AND new.visibility = 0 AND new.retweet_of_id IS NULL BEGIN
    INSERT INTO tweet_places (tweet_id, west, east, south, north, earliest, latest) VALUES (new.id, new.longitude, new.longitude, new.latitude, new.latitude, (new.id >> 22) / 300000000000.0, (new.id >> 22) / 300000000000.0); END;
