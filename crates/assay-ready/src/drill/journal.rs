//! What has to be undone. Each line is on disk before the step that it undoes is taken, so that a
//! drill that was killed is put back by the next one.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{ReadyError, Request, Transport};

/// Longest that one step back may take.
const WAIT: Duration = Duration::from_secs(30);

/// One step back: a request. It is made again until it is answered, so it must do no harm twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// Method.
    pub method: String,
    /// Whole address.
    pub url: String,
}

/// The journal of a drill under way.
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
}

impl Journal {
    /// Begins a journal. What an earlier drill left is there still: see [`Self::undo`].
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn open(folder: &Path) -> Result<Self, ReadyError> {
        let path = folder.join("drills").join("journal.jsonl");
        let open = || {
            fs::create_dir_all(folder.join("drills"))?;
            OpenOptions::new().create(true).append(true).open(&path)
        };
        let file = open().map_err(|error| ReadyError::io(&path, error))?;
        Ok(Self { path, file: Mutex::new(file) })
    }

    /// Notes a step back; it is on disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written: the step must not be taken then.
    pub fn note(&self, undo: &Undo) -> Result<(), ReadyError> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let line = serde_json::to_string(undo).unwrap_or_default();
        writeln!(file, "{line}")
            .and_then(|()| file.sync_all())
            .map_err(|error| ReadyError::io(&self.path, error))
    }

    /// Takes every step back, the last one first, and forgets them. Returns how many there were.
    ///
    /// # Errors
    /// When one is not answered: the journal stays, and this can be called again.
    pub fn undo(&self, transport: &dyn Transport, key: Option<&str>) -> Result<usize, ReadyError> {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        // A line that was cut by a kill was noted for a step that was not taken.
        let steps: Vec<Undo> =
            text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        for undo in steps.iter().rev() {
            let headers =
                key.map(|key| ("authorization".to_owned(), format!("Bearer {key}"))).into_iter();
            let answered = transport.send(&Request {
                method: undo.method.clone(),
                url: undo.url.clone(),
                headers: headers.collect(),
                body: Vec::new(),
                timeout: WAIT,
            });
            let put_back = match &answered {
                // What is not there any more has been put back before.
                Ok(response) => response.status < 300 || response.status == 404,
                Err(_) => false,
            };
            if !put_back {
                let why = answered.map_or_else(|why| why, |it| format!("it answers {}", it.status));
                return Err(ReadyError::Unreachable { url: undo.url.clone(), why });
            }
        }
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.set_len(0)
            .and_then(|()| file.sync_all())
            .map_err(|error| ReadyError::io(&self.path, error))?;
        Ok(steps.len())
    }
}

#[cfg(test)]
mod tests {
    //! A drill that was killed is put back by the next one.

    use super::*;
    use crate::Response;

    /// Answers with a status and notes what was asked.
    struct Noting(u16, Mutex<Vec<String>>);

    impl Transport for Noting {
        fn send(&self, request: &Request) -> Result<Response, String> {
            self.1.lock().unwrap().push(format!("{} {}", request.method, request.url));
            Ok(Response { status: self.0, ..Response::default() })
        }
    }

    fn undo(n: u8) -> Undo {
        Undo { method: "DELETE".to_owned(), url: format!("http://x/documents/{n}") }
    }

    #[test]
    fn what_a_killed_drill_left_is_put_back_once() {
        let folder = tempfile::tempdir().unwrap();
        let killed = Journal::open(folder.path()).unwrap();
        killed.note(&undo(1)).unwrap();
        killed.note(&undo(2)).unwrap();
        drop(killed);
        let path = folder.path().join("drills/journal.jsonl");
        let mut cut = fs::read_to_string(&path).unwrap();
        cut.push_str("{\"method\":\"DEL");
        fs::write(&path, cut).unwrap();
        let next = Journal::open(folder.path()).unwrap();
        let down = Noting(500, Mutex::default());
        assert!(next.undo(&down, None).is_err(), "what was not answered is not forgotten");
        let up = Noting(204, Mutex::default());
        assert_eq!(next.undo(&up, None).unwrap(), 2);
        let asked = up.1.lock().unwrap().clone();
        assert_eq!(asked, ["DELETE http://x/documents/2", "DELETE http://x/documents/1"]);
        assert_eq!(next.undo(&up, None).unwrap(), 0);
    }
}
