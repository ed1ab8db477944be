//! The records of the version before, forward and back.

use assay_sqlite::testing::leads_back;

use super::{MIGRATIONS, RECORDS_BACK};

/// A document with a version, text, passages and vectors; a conversation; what search needs.
const ROWS: &str = "
INSERT INTO access_list (body) VALUES (zeroblob(17));
INSERT INTO access_entry VALUES (1, zeroblob(17));
INSERT INTO collection (id, name, created_ms, settings) VALUES (zeroblob(16), 'papers', 1, '{\"a\":1}');
INSERT INTO document (id, collection, source_key, name, created_ms, tags, own_list, list)
    VALUES (x'01010101010101010101010101010101', zeroblob(16), 'a/b.md', 'b.md', 2, '[\"x\"]', 1, 1);
INSERT INTO version (id, document, state, blob, size, title, received_ms, changed_ms)
    VALUES (x'02020202020202020202020202020202', x'01010101010101010101010101010101', 'current',
        zeroblob(32), 40, 'Ünïcode', 3, 4);
INSERT INTO blocks VALUES (1, x'00ff');
INSERT INTO text_part VALUES (1, 0, 'the whole text');
INSERT INTO problem VALUES (1, 0, 'page_lost', 'a page', 3);
INSERT INTO passage (number, id, version, ordinal, start, \"end\", char_start, char_end, heading_path,
        hash, text, origin, findings)
    VALUES (1, x'03030303030303030303030303030303', 1, 0, 0, 9, 0, 9, '[]', zeroblob(32), 'the whole',
        '{}', '[]');
INSERT INTO model VALUES (1, 'm', 2);
INSERT INTO vector VALUES (1, zeroblob(32), x'0102');
INSERT INTO sentence_vectors VALUES (1, zeroblob(32), x'03');
INSERT INTO outbox (change, document, version)
    VALUES ('put_version', x'01010101010101010101010101010101', x'02020202020202020202020202020202');
INSERT INTO feedback (query, document, useful, created_ms)
    VALUES ('q', x'01010101010101010101010101010101', 1, 5);
INSERT INTO session (id, title, ttl_minutes, is_active, created_ms, used_ms)
    VALUES (x'04040404040404040404040404040404', 'talk', 10, 1, 6, 7);
UPDATE session SET shared_ms = 9;
INSERT INTO opinion (session, turn, owner, question, state, useful, created_ms)
    VALUES (x'04040404040404040404040404040404', 1, zeroblob(16), 'why', 'answered', 1, 10);
INSERT INTO turn VALUES (x'04040404040404040404040404040404', 1, '{}', 8);
INSERT INTO web_text (version, document, provider, url, title, fetched_ms, shown_ms, body)
    VALUES (zeroblob(16), zeroblob(16), 'wiki', 'u', 't', 1, 2, 'page')";

/// What only the newest version holds.
const LATER: &str = "
UPDATE session SET has_words = 1;
INSERT INTO session_word VALUES (x'04040404040404040404040404040404', x'776879', 1)";

#[test]
fn records_of_the_version_before_go_forward_and_back_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    leads_back(folder.path(), MIGRATIONS, &RECORDS_BACK, ROWS, LATER);
}
