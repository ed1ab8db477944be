-- What the guard found in a passage: a list of objects; none when nothing was found, or when the
-- passage was cut before there was a guard.
ALTER TABLE passage ADD COLUMN findings TEXT;
