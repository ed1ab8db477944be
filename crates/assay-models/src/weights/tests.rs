//! Reading tensors: number formats, and files that are not what they should be.

use std::fs;

use super::*;

fn file(header: &str, data: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(data);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn word_vector(header: &str, data: &[u8], length: usize) -> Result<Vec<f32>, ModelError> {
    let (_folder, path) = file(header, data);
    WeightFile::open(&path)?.vector("embeddings.word_embeddings.weight", length)
}

#[test]
fn the_three_number_formats_are_read() {
    let check = |dtype: &str, data: &[u8], expected: &[f32]| {
        let header = format!(
            r#"{{"__metadata__":{{"format":"pt"}},"bert.embeddings.word_embeddings.weight":
            {{"dtype":"{dtype}","shape":[{}],"data_offsets":[0,{}]}}}}"#,
            expected.len(),
            data.len(),
        );
        assert_eq!(word_vector(&header, data, expected.len()).unwrap(), expected);
    };
    check("F32", &[0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0], &[1.0, -2.0]);
    check("BF16", &[0x80, 0x3f, 0, 0xc0], &[1.0, -2.0]);
    // One, minus two, the smallest subnormal number, infinity.
    let smallest = 2.0_f32.powi(-24);
    check("F16", &[0, 0x3c, 0, 0xc0, 1, 0, 0, 0x7c], &[1.0, -2.0, smallest, f32::INFINITY]);
}

#[test]
fn broken_files_are_malformed() {
    let name = "embeddings.word_embeddings.weight";
    let tensor = |dtype: &str, shape: &str, end: usize| {
        format!(r#"{{"{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[0,{end}]}}}}"#)
    };
    let check = |header: &str, data: &[u8], reason: &str| match word_vector(header, data, 2) {
        Err(ModelError::Malformed { reason: found, .. }) => {
            assert!(found.contains(reason), "{found:?} does not say {reason:?}");
        }
        other => panic!("{header} gave {other:?}"),
    };
    check("{", &[], "EOF");
    check("{}", &[], "has no");
    check(&tensor("F32", "[2]", 8), &[0; 7], "cut off");
    check(&tensor("F32", "[2]", 4), &[0; 8], "wrong length");
    check(&tensor("F32", "[3]", 12), &[0; 12], "instead of");
    check(&tensor("I64", "[2]", 16), &[0; 16], "instead of");
}

#[test]
fn a_huge_header_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    fs::write(&path, u64::MAX.to_le_bytes()).unwrap();
    assert!(matches!(WeightFile::open(&path), Err(ModelError::Malformed { .. })));
}

#[test]
fn an_absent_file_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let found = WeightFile::open(&folder.path().join("model.safetensors"));
    assert!(matches!(found, Err(ModelError::Missing { .. })));
}
