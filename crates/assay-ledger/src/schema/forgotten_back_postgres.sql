-- From version 3 to 2, on a server.

DROP TRIGGER end_user_only_goes ON entry;
DROP TRIGGER kept ON entry;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION keep()
