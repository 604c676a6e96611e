-- What is known of a GIF's looks and renditions, what it shows in words, and how much space everything takes.

-- The dominant colour.
ALTER TABLE gifs ADD COLUMN color TEXT NOT NULL DEFAULT '#808080';
-- 1: it flashes so that it is shown behind a tap.
ALTER TABLE gifs ADD COLUMN flashes BIGINT NOT NULL DEFAULT 0;
-- SHA-256 of the upload that it was made from.
ALTER TABLE gifs ADD COLUMN source TEXT;
-- The animated WebP. NULL: not made yet; 0: there is none, because it would be no smaller.
ALTER TABLE gifs ADD COLUMN webp_bytes BIGINT;
-- The still. 0: there is none yet.
ALTER TABLE gifs ADD COLUMN poster_bytes BIGINT NOT NULL DEFAULT 0;
-- The upload itself, where it is kept beside the GIF.
ALTER TABLE gifs ADD COLUMN original_bytes BIGINT NOT NULL DEFAULT 0;
-- 1: its file is gone.
ALTER TABLE gifs ADD COLUMN lost BIGINT NOT NULL DEFAULT 0;
CREATE INDEX gifs_by_source ON gifs (source) WHERE source IS NOT NULL;
CREATE INDEX gifs_to_render ON gifs (hash) WHERE webp_bytes IS NULL;

-- What a GIF shows, in words.
ALTER TABLE messages ADD COLUMN alt TEXT CHECK (alt IS NULL OR kind = 'gif');

-- Bytes of GIFs. Of a 'room' and of a 'session': the GIF of each of their messages, however often it is shown. Of the
-- 'server' (id ''): every row of gifs once, with its renditions. Each changes in the transaction of what it counts.
CREATE TABLE space (
    kind  TEXT   NOT NULL,
    id    TEXT   NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);
-- Who shows nothing any more leaves no row.
CREATE INDEX space_of_nothing ON space (kind) WHERE bytes = 0;
INSERT INTO space (kind, id, bytes)
    SELECT 'room', m.room, SUM(g.bytes) FROM messages m JOIN gifs g ON g.hash = m.gif GROUP BY m.room;
INSERT INTO space (kind, id, bytes)
    SELECT 'session', m.session, SUM(g.bytes) FROM messages m JOIN gifs g ON g.hash = m.gif GROUP BY m.session;
INSERT INTO space (kind, id, bytes) SELECT 'server', '', COALESCE(SUM(bytes), 0) FROM gifs;
