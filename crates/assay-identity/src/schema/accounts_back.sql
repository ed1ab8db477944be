-- From version 4 to 3.
DROP TABLE account;
