-- Finds a room's newest and oldest admission without looking at all of them: it is done for everybody who comes.
CREATE INDEX admissions_by_turn ON admissions (room, turn);
