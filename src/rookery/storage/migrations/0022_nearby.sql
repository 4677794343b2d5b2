-- Tweets near a point: where public ones were written. Expands.
-- SQLite keeps them in an R*Tree of longitude, latitude and time (seconds of the id; 32-bit numbers that are rounded
-- away from the point, so nothing is missed). PostgreSQL has an index for each size of cells (`domain/nearby.py`).

-- only postgres
CREATE INDEX tweets_by_small_cell ON tweets (
    (CAST(floor((latitude + 90) * 100) AS BIGINT) * 100000 + CAST(floor((longitude + 180) * 100) AS BIGINT)), id
) INCLUDE (latitude, longitude)
WHERE latitude IS NOT NULL AND longitude IS NOT NULL AND visibility = 0 AND retweet_of_id IS NULL;
-- only postgres
CREATE INDEX tweets_by_cell ON tweets (
    (CAST(floor((latitude + 90) * 8) AS BIGINT) * 100000 + CAST(floor((longitude + 180) * 8) AS BIGINT)), id
) INCLUDE (latitude, longitude)
WHERE latitude IS NOT NULL AND longitude IS NOT NULL AND visibility = 0 AND retweet_of_id IS NULL;
-- only postgres
CREATE INDEX tweets_by_large_cell ON tweets (
    (CAST(floor((latitude + 90) * 0.5) AS BIGINT) * 100000 + CAST(floor((longitude + 180) * 0.5) AS BIGINT)), id
) INCLUDE (latitude, longitude)
WHERE latitude IS NOT NULL AND longitude IS NOT NULL AND visibility = 0 AND retweet_of_id IS NULL;

-- only sqlite
CREATE VIRTUAL TABLE tweet_places USING rtree(tweet_id, west, east, south, north, earliest, latest);
-- only sqlite
INSERT INTO tweet_places (tweet_id, west, east, south, north, earliest, latest)
    SELECT id, longitude, longitude, latitude, latitude, (id >> 22) / 1000, (id >> 22) / 1000 FROM tweets
    WHERE latitude IS NOT NULL AND longitude IS NOT NULL AND visibility = 0 AND retweet_of_id IS NULL;
-- only sqlite
CREATE TRIGGER tweet_places_enter AFTER INSERT ON tweets
    WHEN new.latitude IS NOT NULL AND new.longitude IS NOT NULL AND new.visibility = 0 AND new.retweet_of_id IS NULL BEGIN
    INSERT INTO tweet_places (tweet_id, west, east, south, north, earliest, latest) VALUES (new.id, new.longitude, new.longitude, new.latitude, new.latitude, (new.id >> 22) / 1000, (new.id >> 22) / 1000); END;
-- only sqlite
CREATE TRIGGER tweet_places_leave AFTER DELETE ON tweets WHEN old.latitude IS NOT NULL BEGIN DELETE FROM tweet_places WHERE tweet_id = old.id; END;
