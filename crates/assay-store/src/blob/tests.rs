//! A blob is there whole or not at all.

use std::{fs, path::PathBuf, time::Duration};

use assay_core::{Coded, ErrorCode, TenantScope};

use crate::{BlobHash, fixture::Fixture};

const HOUR: Duration = Duration::from_secs(3600);
const TWO_HOURS_MS: i64 = 2 * 3600 * 1000;

fn folder(fixture: &Fixture) -> PathBuf {
    let tenant = TenantScope::built_in().tenant().to_string();
    fixture.data.path().join("tenants").join(tenant).join("blobs")
}

fn file(fixture: &Fixture, hash: BlobHash) -> PathBuf {
    let name = hash.to_string();
    folder(fixture).join(&name[..2]).join(&name[2..])
}

#[test]
fn a_blob_reads_back_after_a_crash() {
    let fixture = Fixture::new();
    let hash = fixture.tenant.put_blob(b"bytes").unwrap();
    assert_eq!(hash, BlobHash::of(b"bytes"));
    assert_eq!(fixture.tenant.put_blob(b"bytes").unwrap(), hash);
    let crashed = fixture.crashed();
    assert!(crashed.tenant.contains_blob(hash).unwrap());
    assert_eq!(crashed.tenant.blob(hash).unwrap(), b"bytes");
    assert_eq!(hash.to_string().parse::<BlobHash>().unwrap(), hash);
}

#[test]
fn damage_is_noticed_on_reading_and_a_cut_blob_is_repaired_by_putting_it() {
    let fixture = Fixture::new();
    let received = fixture.ingest("a.txt", "bytes");
    let hash = fixture.tenant.version(received.version).unwrap().blob;
    for damage in ["bytez", "byt"] {
        fs::write(file(&fixture, hash), damage).unwrap();
        assert_eq!(fixture.tenant.blob(hash).unwrap_err().code(), ErrorCode::Internal);
        assert_eq!(fixture.tenant.damaged_blobs().unwrap(), [hash]);
    }
    fixture.tenant.put_blob(b"bytes").unwrap();
    assert_eq!(fixture.tenant.blob(hash).unwrap(), b"bytes");
    assert!(fixture.tenant.damaged_blobs().unwrap().is_empty());
    fs::remove_file(file(&fixture, hash)).unwrap();
    assert_eq!(fixture.tenant.blob(hash).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(fixture.tenant.damaged_blobs().unwrap(), [hash]);
}

#[test]
fn a_half_written_file_is_no_blob_and_is_swept() {
    let fixture = Fixture::new();
    let half = folder(&fixture).join("tmp").join("half");
    fs::write(&half, b"hal").unwrap();
    let crashed = fixture.reopen();
    assert!(!crashed.tenant.contains_blob(BlobHash::of(b"hal")).unwrap());
    // The file bears the time of the machine, far after the clock of the test.
    assert_eq!(crashed.tenant.sweep_blobs(HOUR).unwrap().temporary, 0);
    let then = std::time::SystemTime::UNIX_EPOCH;
    fs::File::options().write(true).open(&half).unwrap().set_modified(then).unwrap();
    let swept = crashed.tenant.sweep_blobs(HOUR).unwrap();
    assert_eq!((swept.temporary, swept.bytes), (1, 3));
}

#[test]
fn only_old_blobs_that_no_version_names_are_swept() {
    let fixture = Fixture::new();
    let received = fixture.receive("a.txt", "named");
    let gone = fixture.receive("b.txt", "deleted");
    fixture.tenant.delete_document(gone.document).unwrap();
    let named = fixture.tenant.version(received.version).unwrap().blob;
    let again = fixture.tenant.put_blob(b"put again").unwrap();
    fixture.clock.advance_ms(TWO_HOURS_MS);
    fixture.tenant.put_blob(b"put again").unwrap();
    let fresh = fixture.tenant.put_blob(b"fresh").unwrap();

    let swept = fixture.tenant.sweep_blobs(HOUR).unwrap();
    assert_eq!((swept.blobs, swept.bytes), (1, 7));
    for hash in [named, again, fresh] {
        assert!(fixture.tenant.contains_blob(hash).unwrap());
    }
    assert!(!fixture.tenant.contains_blob(BlobHash::of(b"deleted")).unwrap());
}

#[test]
fn a_text_that_is_no_hash_is_refused() {
    for text in ["", "abc", &"g".repeat(64), &"ä".repeat(32)] {
        assert_eq!(text.parse::<BlobHash>().unwrap_err().code(), ErrorCode::BadRequest);
    }
}
