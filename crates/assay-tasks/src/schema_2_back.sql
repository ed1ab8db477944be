-- From version 2 to 1.
DROP TABLE webhook;
DROP TABLE schedule;
DROP TABLE failure;
ALTER TABLE step DROP COLUMN at_ms;
DROP INDEX task_turn;
DROP INDEX task_run_until;
ALTER TABLE task DROP COLUMN run_until_ms;
ALTER TABLE task DROP COLUMN timeout_ms;
CREATE INDEX task_ready ON task (queue, priority DESC, seq) WHERE state = 'ready';
