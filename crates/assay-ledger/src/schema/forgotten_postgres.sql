-- Of an entry one thing may go: whom the request named, when its tenant is erased.

DROP TRIGGER kept ON entry;
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE OR UPDATE OF id, at_ms, settled_ms, tenant, organisation,
    key, "user", provider, model, kind, outcome, request, query, document, attempt, price, usage,
    is_estimated, tokens_read, tokens_written, reserved, cost, saved ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION keep();
CREATE TRIGGER end_user_only_goes BEFORE UPDATE OF end_user ON entry
    FOR EACH ROW WHEN (NEW.end_user <> '') EXECUTE FUNCTION keep()
