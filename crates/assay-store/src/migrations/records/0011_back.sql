-- From version 11 to 10, in files and on a server.
DROP TABLE opinion;
ALTER TABLE session DROP COLUMN shared_ms;
