-- Of an entry one thing may go: whom the request named, when its tenant is erased.

DROP TRIGGER entry_is_not_changed;
CREATE TRIGGER entry_is_not_changed BEFORE UPDATE OF id, at_ms, settled_ms, tenant, organisation, key,
    user, provider, model, kind, outcome, request, query, document, attempt, price, usage, is_estimated,
    tokens_read, tokens_written, reserved, cost, saved ON entry
BEGIN SELECT RAISE(ABORT, 'entries of the ledger are not changed'); END;
CREATE TRIGGER end_user_only_goes BEFORE UPDATE OF end_user ON entry WHEN NEW.end_user <> ''
BEGIN SELECT RAISE(ABORT, 'entries of the ledger are not changed'); END;
