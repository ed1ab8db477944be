//! HAProxy and nginx as processes of the test.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::support::Desk;

pub(super) struct Proxy {
    pub(super) front: String,
    /// The part of the plan that names it.
    pub(super) settings: String,
    child: Option<Child>,
}

impl Proxy {
    pub(super) fn unstarted(settings: &str) -> Self {
        Self { front: "http://127.0.0.1:3".to_owned(), settings: settings.to_owned(), child: None }
    }

    fn start(mut command: Command, port: u16, settings: String) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "the proxy does not listen");
            std::thread::yield_now();
        }
        Self { front: format!("http://127.0.0.1:{port}"), settings, child: Some(child) }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // The master takes its workers along when it is asked to end.
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let _ = child.wait();
        }
    }
}

#[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
fn is_there(program: &str) -> bool {
    let there =
        [Path::new("/usr/sbin"), Path::new("/usr/bin")].iter().any(|it| it.join(program).is_file());
    if !there {
        eprintln!("skipped: {program} is missing (apt-get install {program})");
    }
    there
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn place(url: &str) -> &str {
    url.trim_start_matches("http://")
}

pub(super) fn haproxy(desk: &Desk, stable: &str, canary: &str) -> Option<Proxy> {
    if !is_there("haproxy") {
        return None;
    }
    let (port, socket) = (free_port(), desk.file("haproxy.sock", ""));
    fs::remove_file(&socket).unwrap();
    let config = format!(
        "global\n  stats socket {} level admin\n  maxconn 200\n\
         defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n\
         frontend front\n  bind 127.0.0.1:{port}\n  default_backend assay\n\
         backend assay\n  balance roundrobin\n  server blue {} weight 100\n  server green {} weight 0\n",
        socket.display(),
        place(stable),
        place(canary)
    );
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(desk.file("haproxy.cfg", config));
    let settings = format!(
        "[router]\nkind = \"haproxy\"\nsocket = \"{}\"\nbackend = \"assay\"\nstable = \"blue\"\ncanary = \"green\"\n",
        socket.display()
    );
    Some(Proxy::start(command, port, settings))
}

pub(super) fn nginx(desk: &Desk, stable: &str, canary: &str) -> Option<Proxy> {
    if !is_there("nginx") {
        return None;
    }
    let port = free_port();
    let upstream =
        desk.file("upstream.conf", format!("upstream assay {{\n  server {};\n}}\n", place(stable)));
    let folder = desk.files();
    let shown = folder.display();
    // Root of a container may not be allowed to become another user.
    let config = format!(
        "daemon off;\nuser root;\nworker_processes 1;\npid {shown}/nginx.pid;\nerror_log {shown}/error.log;\n\
         events {{ worker_connections 200; }}\n\
         http {{\n  access_log off;\n  client_body_temp_path {shown}/b;\n  proxy_temp_path {shown}/p;\n  \
         fastcgi_temp_path {shown}/f;\n  uwsgi_temp_path {shown}/u;\n  scgi_temp_path {shown}/s;\n  \
         include {};\n  server {{\n    listen 127.0.0.1:{port};\n    \
         location / {{ proxy_pass http://assay; proxy_set_header Host 127.0.0.1; }}\n  }}\n}}\n",
        upstream.display()
    );
    let config = desk.file("nginx.conf", config);
    let config = config.display().to_string();
    let call = |further: &str| {
        format!("[\"nginx\", \"-p\", \"{shown}\", \"-c\", \"{config}\", {further}]")
    };
    let settings = format!(
        "[router]\nkind = \"nginx\"\nfile = \"{}\"\nupstream = \"assay\"\nstable = \"{}\"\ncanary = \"{}\"\n\
         test = {}\nreload = {}\n",
        upstream.display(),
        place(stable),
        place(canary),
        call("\"-t\""),
        call("\"-s\", \"reload\"")
    );
    let mut command = Command::new("nginx");
    command.arg("-p").arg(&folder).arg("-c").arg(&config);
    Some(Proxy::start(command, port, settings))
}
