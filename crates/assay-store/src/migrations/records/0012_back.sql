-- From version 12 to 11, in files and on a server.
DROP TABLE session_word;
ALTER TABLE session DROP COLUMN has_words;
