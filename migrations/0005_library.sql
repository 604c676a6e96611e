-- The server's library: GIFs that people find by words.
--
-- Words and tags are written as the hexadecimal digits of their UTF-8. A beginning of a word is then a range
-- ('ea' <= word < 'eag') in the order of any language, while the order of letters is PostgreSQL's own affair
-- (its collation), and differs from SQLite's. A word of Korean costs twice its bytes for that.

-- A GIF is here at most once, and stays in gifs as long as it is, also when it is only offered.
CREATE TABLE library (
    id         TEXT   NOT NULL PRIMARY KEY,
    gif        TEXT   NOT NULL UNIQUE REFERENCES gifs (hash),
    -- offered: an operator is to look at it. approved: people find it.
    state      TEXT   NOT NULL CHECK (state IN ('offered', 'approved')),
    title      TEXT,
    -- With spaces between.
    tags       TEXT   NOT NULL,
    alt_ko     TEXT,
    alt_en     TEXT,
    uses       BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
-- The popular first.
CREATE INDEX library_by_use ON library (uses, created_at, id) WHERE state = 'approved';
CREATE INDEX library_offers ON library (created_at, id) WHERE state = 'offered';

-- Of what is approved.
CREATE TABLE library_words (
    word  TEXT NOT NULL,
    entry TEXT NOT NULL REFERENCES library (id) ON DELETE CASCADE,
    PRIMARY KEY (word, entry)
);
-- Whether an entry has a word.
CREATE INDEX library_words_by_entry ON library_words (entry, word);

-- How many approved entries have a tag.
CREATE TABLE library_tags (
    tag     TEXT   NOT NULL PRIMARY KEY,
    entries BIGINT NOT NULL
);
CREATE INDEX library_tags_by_entries ON library_tags (entries, tag);
