-- A session is its owner's alone. Those from before there were principals belong to whoever is on the
-- machine itself.
ALTER TABLE session ADD COLUMN owner BLOB NOT NULL
    DEFAULT x'00000000000070008000000000000002' CHECK (length(owner) = 16);
CREATE INDEX session_owner ON session (owner, id);
