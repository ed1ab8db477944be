-- From version 3 to 2.

DROP TRIGGER end_user_only_goes;
DROP TRIGGER entry_is_not_changed;
CREATE TRIGGER entry_is_not_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'entries of the ledger are not changed'); END
