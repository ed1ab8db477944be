//! A private Postgres for tests: started from the binaries of the system on a free port, in a folder
//! of its own, and gone with the process that started it.

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    Database, DatabaseSettings, Migration, Schema, Server, ServerSettings, SqliteError, WayBack,
    step_back,
};

/// Set for a run of a crate's tests with their rows on a Postgres.
const ON_POSTGRES: &str = "ASSAY_TEST_ON_POSTGRES";

/// The databases of the data folders of this process.
static FOLDERS: Mutex<BTreeMap<PathBuf, Server>> = Mutex::new(BTreeMap::new());

/// The database that belongs to a data folder: `None` when the tests run without a server.
#[must_use]
pub fn server_of(folder: &Path, schemas: &[Schema]) -> Option<Server> {
    env::var_os(ON_POSTGRES)?;
    let postgres = Postgres::shared()?;
    let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = folders.get(folder) {
        return Some(server.clone());
    }
    let settings = ServerSettings { connections_max: 4, ..ServerSettings::default() };
    let opened = postgres.database(schemas).map(|url| Server::at(&url, &settings));
    let Ok(Ok(server)) = opened else { panic!("no database: {opened:?}") };
    folders.insert(folder.to_owned(), server.clone());
    Some(server)
}

/// Every row of every table of the database at `path`, as text, and how the tables are made: columns,
/// indexes, triggers.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn whole(path: &Path) -> BTreeMap<String, Vec<String>> {
    read_whole(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read_whole(path: &Path) -> rusqlite::Result<BTreeMap<String, Vec<String>>> {
    let database = rusqlite::Connection::open(path)?;
    let lines = |sql: &str| {
        let mut statement = database.prepare(sql)?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let cells = (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at));
            Ok(format!("{:?}", cells.collect::<rusqlite::Result<Vec<_>>>()?))
        })?;
        let mut rows: Vec<String> = rows.collect::<rusqlite::Result<_>>()?;
        rows.sort_unstable();
        Ok::<_, rusqlite::Error>(rows)
    };
    let names =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%'";
    let mut statement = database.prepare(names)?;
    let names: Vec<String> =
        statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut whole = BTreeMap::new();
    for name in names {
        // The counters of numbers that were given out hold a row for each table.
        whole.insert(format!("rows of {name}"), lines(&format!("SELECT * FROM {name}"))?);
        let columns = format!(
            "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('{name}')"
        );
        whole.insert(format!("columns of {name}"), lines(&columns)?);
    }
    let others = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type <> 'table'";
    whole.insert("indexes and triggers".to_owned(), lines(others)?);
    whole.insert("version".to_owned(), lines("SELECT user_version FROM pragma_user_version")?);
    Ok(whole)
}

/// Takes a file of the version of a schema before the newest forward and back.
///
/// It is filled with `rows`, brought forward, given `later`, which that version alone can hold, and taken back: it has to be what it was, to the letter.
/// Then once more.
///
/// # Panics
/// When it is not, or the newest version has no way back.
pub fn leads_back(folder: &Path, migrations: &[Migration], way: &WayBack, rows: &str, later: &str) {
    let Some((newest, before)) = migrations.split_last() else { panic!("there is no step") };
    assert_eq!(newest.version, way.from, "the newest version needs a way back");
    assert_eq!(before.last().map(|step| step.version), Some(way.to));
    let path = folder.join("back.db");
    let settings = DatabaseSettings::default();
    let open = |steps: &[Migration]| match Database::open(&path, &settings, steps) {
        Ok(database) => database,
        Err(error) => panic!("{error}"),
    };
    let run = |database: &Database, sql: &str| {
        let statements: Vec<String> =
            sql.split(';').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect();
        let written = database.write(move |tx| {
            statements.iter().try_for_each(|sql| tx.execute(sql, []).map(|_| ()))?;
            Ok::<_, SqliteError>(())
        });
        assert!(written.is_ok(), "{written:?}");
    };
    let old = open(before);
    run(&old, rows);
    drop(old);
    let was = whole(&path);
    assert!(was.iter().any(|(name, rows)| name.starts_with("rows of") && !rows.is_empty()));
    for _ in 0..2 {
        let new = open(migrations);
        run(&new, later);
        drop(new);
        assert_ne!(whole(&path), was);
        assert_eq!(step_back(&path, None, way).ok(), Some(true));
        let is = whole(&path);
        for (part, rows) in &was {
            // Numbers that were given out to a table that is gone are gone with it.
            assert_eq!(is.get(part), Some(rows), "{part}");
        }
        assert_eq!(is.keys().collect::<Vec<_>>(), was.keys().collect::<Vec<_>>());
        assert_eq!(step_back(&path, None, way).ok(), Some(false), "once is enough");
    }
}

/// Gives a copy of a data folder the database of the original, as a crash of the program would.
pub fn same_server(folder: &Path, copy: &Path) {
    let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = folders.get(folder).cloned() {
        folders.insert(copy.to_owned(), server);
    }
}

/// Runs the tests of this binary once more with their rows on a Postgres, without those whose names
/// hold one of `skipped`: the one that calls this, and what is about files alone.
///
/// Does nothing in that second run, and where Postgres is not installed.
///
/// # Panics
/// When one of them fails.
pub fn all_pass_on_postgres(skipped: &[&str]) {
    if env::var_os(ON_POSTGRES).is_some() || Postgres::shared().is_none() {
        return;
    }
    let output = env::current_exe().and_then(|tests| {
        let skipped = skipped.iter().flat_map(|name| ["--skip", name]);
        Command::new(tests).args(skipped).env(ON_POSTGRES, "1").output()
    });
    let Ok(output) = output else { panic!("the tests do not start: {output:?}") };
    let said = String::from_utf8_lossy(&output.stdout);
    let ok = output.status.success() && said.contains("test result: ok");
    assert!(ok, "{said}{}", String::from_utf8_lossy(&output.stderr));
}

/// The role that the program under test connects with.
pub const USER: &str = "assay";

/// Starts the server, waits for the end of its input, stops the server and removes the folder. So it
/// ends with the tests, however they end.
const KEEPER: &str = r#"
"$@" >"$FOLDER/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT $server 2>/dev/null
wait $server
rm -rf "$FOLDER"
"#;

/// A running server.
#[derive(Debug)]
pub struct Postgres {
    folder: PathBuf,
    bin: PathBuf,
    port: u16,
    /// Ends with its input, which ends with this process.
    keeper: Mutex<Child>,
    databases: AtomicU32,
}

impl Postgres {
    /// The server of this process, started at the first call; `None` where Postgres is not installed,
    /// which is said once.
    #[must_use]
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| {
            let Some(bin) = binaries() else {
                let _unheard = writeln!(
                    io::stderr(),
                    "skipped: no Postgres is installed (apt-get install postgresql)"
                );
                return None;
            };
            Some(
                Self::start(bin).unwrap_or_else(|error| panic!("Postgres does not start: {error}")),
            )
        });
        shared.as_ref()
    }

    /// Starts a server of its own, for tests that stop it.
    ///
    /// # Errors
    /// When a binary fails or the server does not answer within a minute.
    pub fn start(bin: PathBuf) -> io::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = env::temp_dir().join(format!("assay-postgres-{}-{port}", std::process::id()));
        fs::create_dir(&folder)?;
        if let Some(owner) = other_user() {
            run(Command::new("chown").arg(owner).arg(&folder))?;
        }
        let data = folder.join("data");
        run(as_user(&bin.join("initdb")).arg("-D").arg(&data).args([
            "-U",
            "owner",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        ]))?;
        let keeper = Self::keep(&bin, &folder, port)?;
        let server =
            Self { folder, bin, port, keeper: Mutex::new(keeper), databases: AtomicU32::new(0) };
        server.answers()?;
        server.sql("postgres", "CREATE ROLE assay LOGIN; CREATE ROLE migrator LOGIN CREATEDB")?;
        Ok(server)
    }

    fn keep(bin: &Path, folder: &Path, port: u16) -> io::Result<Child> {
        let server = as_user(&bin.join("postgres"));
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(server.get_program()).args(server.get_args());
        keeper.arg("-D").arg(folder.join("data")).arg("-k").arg(folder);
        keeper.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        for setting in ["fsync=off", "full_page_writes=off", "max_connections=400"] {
            keeper.args(["-c", setting]);
        }
        keeper.env("FOLDER", folder).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()
    }

    /// Waits until the server answers.
    fn answers(&self) -> io::Result<()> {
        self.answers_at(&self.url("postgres", "owner"))
    }

    fn answers_at(&self, url: &str) -> io::Result<()> {
        let until = Instant::now() + Duration::from_secs(60);
        while self.sql_at(url, "SELECT 1").is_err() {
            if Instant::now() > until {
                return Err(io::Error::other("it does not answer"));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Gives the server a certificate and its key; new connections may use TLS from then on.
    ///
    /// # Errors
    /// When the server does not take them.
    pub fn speak_tls(&self, certificate: &str, key: &str) -> io::Result<()> {
        for (from, to) in [(certificate, "server.crt"), (key, "server.key")] {
            let to = self.folder.join("data").join(to);
            fs::write(&to, fs::read(from)?)?;
            // The server refuses a key that others can read.
            run(Command::new("chmod").arg("600").arg(&to))?;
            if let Some(owner) = other_user() {
                run(Command::new("chown").arg(owner).arg(&to))?;
            }
        }
        self.sql("postgres", "ALTER SYSTEM SET ssl = on")?;
        self.sql("postgres", "SELECT pg_reload_conf()")?;
        let encrypted = format!("{}?sslmode=require", self.url("postgres", "owner"));
        self.answers_at(&encrypted)
    }

    /// Stops the server at once, as a crash of it would.
    ///
    /// # Errors
    /// When `pg_ctl` fails.
    pub fn stop(&self) -> io::Result<()> {
        let data = self.folder.join("data");
        run(as_user(&self.bin.join("pg_ctl")).arg("-D").arg(data).args(["-m", "immediate", "stop"]))
    }

    /// Starts it again after [`Self::stop`], on the same port.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_again(&self) -> io::Result<()> {
        let data = self.folder.join("data");
        let options = format!("-k {} -h 127.0.0.1 -p {}", self.folder.display(), self.port);
        run(as_user(&self.bin.join("pg_ctl"))
            .arg("-D")
            .arg(data)
            .args(["-o", &options, "-l"])
            .arg(self.folder.join("again.log"))
            .arg("start"))?;
        self.answers()
    }

    /// A new database with the tables of `schemas`, owned by a role of its own; the address for the
    /// program's role.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn database(&self, schemas: &[Schema]) -> io::Result<String> {
        static TEMPLATES: Mutex<Vec<(u16, String)>> = Mutex::new(Vec::new());
        let mut templates = TEMPLATES.lock().unwrap_or_else(PoisonError::into_inner);
        let names: Vec<&str> = schemas.iter().map(|schema| schema.name).collect();
        let template = format!("t_{}", names.join("_"));
        if !templates.contains(&(self.port, template.clone())) {
            self.sql("postgres", &format!("CREATE DATABASE {template} OWNER migrator"))?;
            let migrator = self.url(&template, "migrator");
            let server =
                Server::at(&migrator, &ServerSettings::default()).map_err(io::Error::other)?;
            server.migrate(schemas, USER).map_err(io::Error::other)?;
            templates.push((self.port, template.clone()));
        }
        let name = format!("d_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let create = format!("CREATE DATABASE {name} TEMPLATE {template} OWNER migrator");
        // The connection of the migration may still be leaving the template.
        let until = Instant::now() + Duration::from_secs(20);
        while let Err(error) = self.sql("postgres", &create) {
            if Instant::now() > until {
                return Err(error);
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(self.url(&name, USER))
    }

    /// Makes a database without tables, for `migrator` to make them; returns its name.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn empty_database(&self) -> io::Result<String> {
        let name = format!("e_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name} OWNER migrator"))?;
        Ok(name)
    }

    /// A `psql` of the superuser that runs what it is written to, in one session.
    ///
    /// # Errors
    /// When it does not start.
    pub fn session(&self, database: &str) -> io::Result<Child> {
        let mut psql = Command::new(self.bin.join("psql"));
        psql.args(["-X", "-q"]).arg(self.url(database, "owner")).stdin(Stdio::piped());
        psql.stdout(Stdio::null()).stderr(Stdio::null()).spawn()
    }

    /// Waits until a query of the superuser gives anything.
    ///
    /// # Errors
    /// When it gives nothing for 20 seconds, or fails.
    pub fn until(&self, database: &str, sql: &str) -> io::Result<()> {
        let until = Instant::now() + Duration::from_secs(20);
        while self.sql(database, sql)?.is_empty() {
            if Instant::now() > until {
                return Err(io::Error::other(format!("it gives nothing: {sql}")));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// The address of a database for a role.
    #[must_use]
    pub fn url(&self, database: &str, role: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs statements as the superuser; returns what `psql` printed.
    ///
    /// # Errors
    /// What `psql` said.
    pub fn sql(&self, database: &str, sql: &str) -> io::Result<String> {
        self.sql_at(&self.url(database, "owner"), sql)
    }

    /// Runs statements at an address of [`Self::database`] or [`Self::url`], each in a transaction of
    /// its own.
    ///
    /// # Errors
    /// What `psql` said.
    pub fn sql_at(&self, url: &str, sql: &str) -> io::Result<String> {
        let mut psql = Command::new(self.bin.join("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql]);
        let output = psql.arg(url).output()?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The keeper does not know of a server that was started again.
        let _stopped = self.stop();
        let keeper = self.keeper.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop(keeper.stdin.take());
        let _gone = keeper.wait();
    }
}

/// The newest installed server, as Debian lays them out, or the one on the path.
#[must_use]
pub fn binaries() -> Option<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = installed.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let bin = entry.path().join("bin");
        bin.join("initdb").is_file().then_some((version, bin))
    });
    versions.max().map(|(_, bin)| bin).or_else(|| {
        env::split_paths(&env::var_os("PATH")?).find(|folder| folder.join("initdb").is_file())
    })
}

/// The user that the server runs as: it refuses to run as root.
fn other_user() -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt;
    // The entry of a process in /proc belongs to its user.
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0).then_some("postgres")
}

fn as_user(program: &Path) -> Command {
    let Some(user) = other_user() else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--clear-groups", "--"]).arg(program);
    command
}

fn run(command: &mut Command) -> io::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}
