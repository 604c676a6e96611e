-- Who offered what waits for an operator, so that nobody's offers are too many: keyed hashes of their session and of
-- their address. They go when it is decided.
ALTER TABLE library ADD COLUMN offered_by TEXT;
ALTER TABLE library ADD COLUMN offered_from TEXT;
