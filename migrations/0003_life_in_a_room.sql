-- What a room remembers beside texts and GIFs.

ALTER TABLE rooms ADD COLUMN locked BIGINT NOT NULL DEFAULT 0;
-- Seconds between two messages of one session; 0 is off.
ALTER TABLE rooms ADD COLUMN slow BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN preset TEXT NOT NULL DEFAULT 'normal';
-- NULL but in a raid.
ALTER TABLE rooms ADD COLUMN raid_since BIGINT;

-- SQLite cannot drop the CHECK of a table, so it is made anew.
CREATE TABLE messages_of_all_kinds (
    room              TEXT   NOT NULL,
    seq               BIGINT NOT NULL,
    id                TEXT   NOT NULL,
    session           TEXT   NOT NULL,
    member_id         TEXT   NOT NULL,
    member_name       TEXT   NOT NULL,
    member_color      TEXT   NOT NULL,
    -- text, gif, removed, purged, notice, edit, remove, react, purge.
    kind              TEXT   NOT NULL,
    text              TEXT,
    gif               TEXT REFERENCES gifs (hash),
    -- seq of the message that is answered (text, gif) or concerned (edit, remove, react).
    target            BIGINT,
    -- Member ids with spaces between.
    mentions          TEXT,
    edited_at         BIGINT,
    -- The code of a notice, the emoji of a reaction.
    code              TEXT,
    -- The parameters of a notice as JSON, on or off of a reaction, the member ids of a purge.
    detail            TEXT,
    client_message_id TEXT,
    created_at        BIGINT NOT NULL,
    PRIMARY KEY (room, seq),
    -- What is removed leaves nothing behind. An edit has no text of its own: it says what its target says now.
    CHECK ((kind = 'text') = (text IS NOT NULL)),
    CHECK ((kind = 'gif') = (gif IS NOT NULL))
);

INSERT INTO messages_of_all_kinds (room, seq, id, session, member_id, member_name, member_color, kind, text, gif,
    client_message_id, created_at)
SELECT room, seq, id, session, member_id, member_name, member_color,
    CASE WHEN gif IS NULL THEN 'text' ELSE 'gif' END, text, gif, client_message_id, created_at
FROM messages;

DROP TABLE messages;
ALTER TABLE messages_of_all_kinds RENAME TO messages;
CREATE UNIQUE INDEX messages_by_client ON messages (room, session, client_message_id)
    WHERE client_message_id IS NOT NULL;
CREATE INDEX messages_by_gif ON messages (gif) WHERE gif IS NOT NULL;
CREATE INDEX messages_with_gif ON messages (room) WHERE gif IS NOT NULL;

-- The tables below have no foreign key to rooms: what a removed room leaves in them is deleted little by little, too.

-- Who has which emoji on which message. since is the seq of the reaction.
CREATE TABLE reactions (
    room      TEXT   NOT NULL,
    seq       BIGINT NOT NULL,
    emoji     TEXT   NOT NULL,
    session   TEXT   NOT NULL,
    member_id TEXT   NOT NULL,
    since     BIGINT NOT NULL,
    PRIMARY KEY (room, seq, emoji, session)
);
CREATE INDEX reactions_by_member ON reactions (room, member_id);

-- A whisper lies in the mailboxes of two sessions. text is NULL when it went with somebody who was banned: the number
-- stays taken. client_message_id is on the writer's copy alone.
CREATE TABLE whispers (
    room              TEXT   NOT NULL,
    session           TEXT   NOT NULL,
    number            BIGINT NOT NULL,
    -- 1 in the mailbox of who wrote it, 0 in the other one.
    is_mine           BIGINT NOT NULL,
    id                TEXT   NOT NULL,
    after_seq         BIGINT NOT NULL,
    from_id           TEXT   NOT NULL,
    from_name         TEXT   NOT NULL,
    from_color        TEXT   NOT NULL,
    to_id             TEXT   NOT NULL,
    to_name           TEXT   NOT NULL,
    to_color          TEXT   NOT NULL,
    text              TEXT,
    client_message_id TEXT,
    created_at        BIGINT NOT NULL,
    PRIMARY KEY (room, session, number)
);
CREATE UNIQUE INDEX whispers_by_client ON whispers (room, session, client_message_id)
    WHERE client_message_id IS NOT NULL;
CREATE INDEX whispers_by_place ON whispers (room, session, after_seq);
CREATE INDEX whispers_by_writer ON whispers (room, from_id);

-- What sessions call themselves in a room. turn orders them: the oldest go when there are too many.
CREATE TABLE names (
    room    TEXT   NOT NULL,
    session TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    turn    BIGINT NOT NULL,
    PRIMARY KEY (room, session)
);
CREATE INDEX names_by_turn ON names (room, turn);

CREATE TABLE sanctions (
    room         TEXT   NOT NULL,
    session      TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    member_name  TEXT   NOT NULL,
    member_color TEXT   NOT NULL,
    -- Keyed hash of where they came from.
    network      TEXT,
    turn         BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    -- NULL: as long as the room lives.
    until        BIGINT,
    PRIMARY KEY (room, session, kind)
);
CREATE INDEX sanctions_by_turn ON sanctions (room, turn);
CREATE INDEX sanctions_by_end ON sanctions (until) WHERE until IS NOT NULL;

-- What a purge has left to do: everything of these members (ids with spaces between) up to below. seq is the purge's.
CREATE TABLE purges (
    room    TEXT   NOT NULL,
    seq     BIGINT NOT NULL,
    part    BIGINT NOT NULL,
    members TEXT   NOT NULL,
    below   BIGINT NOT NULL,
    PRIMARY KEY (room, seq, part)
);
