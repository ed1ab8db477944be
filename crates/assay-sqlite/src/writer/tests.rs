//! How a group of jobs is run and answered, without threads.

use std::sync::mpsc::{TryRecvError, sync_channel};

use super::*;
use crate::times::Times;

type Answer = Result<usize, SqliteError>;
type Waiting = (Box<dyn Job>, Receiver<Answer>);

fn job(run: impl FnOnce(&Transaction<'_>) -> Answer + Send + 'static) -> Waiting {
    let (reply, answer) = sync_channel(1);
    (Box::new(Pending::new(run, reply)), answer)
}

fn insert(number: i64) -> Waiting {
    job(move |transaction| Ok(transaction.execute("INSERT INTO t VALUES (?)", [number])?))
}

fn in_memory(tables: &str) -> Target {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch(tables).unwrap();
    Target::File(Connection::of_file(connection, Times::writing("")), None)
}

/// Runs all jobs as one group; their answers, and the numbers that the table then holds.
fn run(jobs: Vec<Waiting>) -> (Vec<Answer>, Vec<i64>) {
    let target = in_memory(
        "PRAGMA foreign_keys = ON;
         CREATE TABLE t (n INTEGER PRIMARY KEY);
         CREATE TABLE late (n REFERENCES t DEFERRABLE INITIALLY DEFERRED);",
    );
    let count = jobs.len();
    let (queue, waiting) = sync_channel(count);
    let (jobs, answers): (Vec<_>, Vec<_>) = jobs.into_iter().unzip();
    for job in jobs {
        queue.send(job).unwrap();
    }
    let mut group = vec![waiting.recv().unwrap()];
    let commit = run_group(&target, &mut group, &waiting, 256);
    assert_eq!(group.len(), count, "one transaction takes all that wait");
    for answer in &answers {
        assert!(matches!(answer.try_recv(), Err(TryRecvError::Empty)), "no answer before the end");
    }
    finish_group(group, &commit);
    let Target::File(connection, _) = &target else { unreachable!() };
    let mut rows = connection.prepare_cached("SELECT n FROM t ORDER BY n").unwrap();
    let rows = rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    (answers.into_iter().map(|answer| answer.recv().unwrap()).collect(), rows)
}

#[test]
fn a_failing_job_takes_back_only_its_own_changes() {
    let failing = job(|transaction| {
        transaction.execute("INSERT INTO t VALUES (7)", [])?;
        Ok(transaction.execute("INSERT INTO t VALUES (7)", [])?)
    });
    let (answers, rows) = run(vec![insert(1), failing, insert(2)]);
    assert!(answers[0].is_ok() && answers[2].is_ok());
    assert!(answers[1].as_ref().unwrap_err().is_duplicate());
    assert_eq!(rows, [1, 2]);
}

#[test]
fn a_panicking_job_is_reported_and_taken_back() {
    let panicking = job(|transaction| {
        transaction.execute("INSERT INTO t VALUES (7)", [])?;
        panic!("out of luck")
    });
    let (answers, rows) = run(vec![insert(1), panicking, insert(2)]);
    assert!(
        matches!(&answers[1], Err(SqliteError::Panicked { message }) if message == "out of luck")
    );
    assert_eq!(rows, [1, 2]);
}

#[test]
fn a_failed_commit_is_reported_to_every_job() {
    let dangling = job(|transaction| Ok(transaction.execute("INSERT INTO late VALUES (99)", [])?));
    let (answers, rows) = run(vec![insert(1), dangling, insert(2)]);
    assert!(answers.iter().all(|answer| matches!(answer, Err(SqliteError::Query(_)))));
    assert!(rows.is_empty());
}

#[test]
fn a_lost_transaction_is_reported_to_the_jobs_before() {
    let losing = job(|transaction| {
        transaction.execute_batch("ROLLBACK")?;
        Ok(0)
    });
    let target = in_memory("CREATE TABLE t (n INTEGER PRIMARY KEY)");
    let (_queue, empty) = sync_channel(1);
    let (first, answer) = insert(1);
    let mut group = vec![first, losing.0];
    let commit = run_group(&target, &mut group, &empty, 256);
    finish_group(group, &commit);
    assert!(matches!(answer.recv().unwrap(), Err(SqliteError::Aborted(_))));
    assert!(matches!(losing.1.recv().unwrap(), Err(SqliteError::Aborted(_))));
}
