-- The same text runs on SQLite and on PostgreSQL: TEXT and BIGINT only, no functions of one of them.
--
-- Identifiers are lower-case hexadecimal TEXT, not bytes: the two databases have no name for a byte column in common,
-- and an id then looks the same in a URL, a log and a query typed by hand. It costs 12 bytes more per room id.
-- Times are milliseconds since 1970 in UTC. Nothing is ordered by them.

CREATE TABLE rooms (
    id            TEXT   NOT NULL PRIMARY KEY,
    title         TEXT   NOT NULL,
    member_limit  BIGINT NOT NULL,
    -- PHC string of argon2id; NULL for a public room.
    password_hash TEXT,
    owner_id      TEXT   NOT NULL,
    owner_name    TEXT   NOT NULL,
    owner_color   TEXT   NOT NULL,
    owner_session TEXT   NOT NULL,
    epoch         BIGINT NOT NULL,
    -- seq of the newest message; 0 before the first.
    head          BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);

-- Who has given the password (or may enter a public room). turn orders them within a room.
CREATE TABLE admissions (
    room        TEXT   NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    session     TEXT   NOT NULL,
    turn        BIGINT NOT NULL,
    admitted_at BIGINT NOT NULL,
    PRIMARY KEY (room, session)
);

-- A GIF is here exactly as long as a message refers to it.
CREATE TABLE gifs (
    hash        TEXT   NOT NULL PRIMARY KEY,
    width       BIGINT NOT NULL,
    height      BIGINT NOT NULL,
    frames      BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    bytes       BIGINT NOT NULL
);

-- room has no foreign key: the messages of a removed room are deleted little by little (see removals).
CREATE TABLE messages (
    room              TEXT   NOT NULL,
    seq               BIGINT NOT NULL,
    id                TEXT   NOT NULL,
    session           TEXT   NOT NULL,
    member_id         TEXT   NOT NULL,
    member_name       TEXT   NOT NULL,
    member_color      TEXT   NOT NULL,
    text              TEXT,
    gif               TEXT REFERENCES gifs (hash),
    client_message_id TEXT,
    created_at        BIGINT NOT NULL,
    PRIMARY KEY (room, seq),
    CHECK ((text IS NULL) <> (gif IS NULL))
);

-- A retry finds its first message.
CREATE UNIQUE INDEX messages_by_client ON messages (room, session, client_message_id)
    WHERE client_message_id IS NOT NULL;
-- Whether any message still shows a GIF, and which GIFs a room shows.
CREATE INDEX messages_by_gif ON messages (gif) WHERE gif IS NOT NULL;
CREATE INDEX messages_with_gif ON messages (room) WHERE gif IS NOT NULL;

-- Rooms that are gone but whose messages are still being deleted.
CREATE TABLE removals (
    room TEXT NOT NULL PRIMARY KEY
);
