//! The real binary, on a database and a port of its own.

use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use patience::storage::DatabaseUrl;
use reqwest::blocking::{Client, Response};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::postgres;

/// An installation: a folder with a database, and the commands that work on it.
#[derive(Debug)]
pub struct Installation {
    folder: TempDir,
    database: String,
}

/// A server that serves an installation; killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Mutex<Child>,
    /// `http://127.0.0.1:PORT`.
    pub address: String,
    /// The one-time link, where one was printed.
    pub link: Option<String>,
    client: Client,
}

impl Installation {
    /// An empty one.
    pub fn new() -> Self {
        Self::in_folder(tempfile::tempdir().unwrap())
    }

    /// An empty one in a folder that was chosen.
    pub fn in_folder(folder: TempDir) -> Self {
        let database = format!("sqlite://{}", folder.path().join("patience.db").display());
        Self { folder, database }
    }

    /// On PostgreSQL, where that is here.
    pub fn on_postgres() -> Option<Self> {
        postgres::database().map(Self::on)
    }

    /// On a database that is there already.
    pub fn on(database: DatabaseUrl) -> Self {
        let database = match database {
            DatabaseUrl::Postgres(address) => address,
            file @ DatabaseUrl::Sqlite(_) => file.to_string(),
        };
        Self { folder: tempfile::tempdir().unwrap(), database }
    }

    /// Its database.
    pub fn url(&self) -> DatabaseUrl {
        self.database.parse().unwrap()
    }

    /// A file in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into its folder.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The binary with the settings of this installation.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_patience"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("PATIENCE_DATABASE_URL", &self.database)
            .env("PATIENCE_LISTEN", "127.0.0.1:0")
            .env("PATIENCE_LOG", "warn")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that has to succeed; gives what it printed.
    pub fn must(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "patience {arguments:?}: {out}{err}");
        out.trim_end().to_owned()
    }

    /// A new key.
    pub fn key(&self, role: &str) -> String {
        self.must(&["key", "create", &format!("{role}-key"), "--role", role])
    }

    /// Starts a server, and waits until it serves.
    pub fn serve(&self) -> Server {
        Server::start(self.command(&["serve"]))
    }
}

impl Server {
    /// Starts one by a command, and waits until it serves.
    pub fn start(command: Command) -> Self {
        Self::start_as(command, None)
    }

    /// The same under a public address, as behind a proxy; `{port}` in it stands for the port that it listens to.
    pub fn start_behind(mut command: Command, public_url: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = free.local_addr().unwrap();
        drop(free);
        let public_url = public_url.replace("{port}", &host.port().to_string());
        command.env("PATIENCE_LISTEN", host.to_string()).env("PATIENCE_PUBLIC_URL", public_url);
        Self::start_as(command, Some(format!("http://{host}")))
    }

    fn start_as(mut command: Command, address: Option<String>) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the server ended at once").unwrap();
        let address = address.unwrap_or_else(|| first.rsplit(' ').next().unwrap().to_owned());
        assert!(address.starts_with("http://127.0.0.1:"), "{first}");
        let (told, link) = std::sync::mpsc::channel();
        // Somebody has to read on, or the server would wait for the pipe.
        thread::spawn(move || {
            for line in lines.map_while(Result::ok).filter(|line| line.contains("/sign-in/")) {
                let _ = told.send(line);
            }
        });
        let link = link.recv_timeout(Duration::from_millis(200)).ok();
        let client =
            Client::builder().timeout(Duration::from_mins(1)).redirect(reqwest::redirect::Policy::none());
        let server = Server { child: Mutex::new(child), address, link, client: client.build().unwrap() };
        wait_for("the server to answer", || server.get("/readyz", None).status() == 200);
        server
    }

    /// GET, with a key or without.
    pub fn get(&self, path: &str, key: Option<&str>) -> Response {
        self.send("GET", path, key, None)
    }

    /// POST.
    pub fn post(&self, path: &str, key: &str, body: impl Into<String>) -> Response {
        self.send("POST", path, Some(key), Some(body.into()))
    }

    /// Any request.
    pub fn send(&self, method: &str, path: &str, key: Option<&str>, body: Option<String>) -> Response {
        let method = method.parse().unwrap();
        let mut request = self.client.request(method, format!("{}{path}", self.address));
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        request.send().unwrap()
    }

    /// The client, for requests of another kind.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// `HOST:PORT`.
    pub fn host(&self) -> &str {
        self.address.strip_prefix("http://").unwrap()
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(self) {
        self.kill_now();
        self.ended();
    }

    /// The same while others still use it.
    pub fn kill_now(&self) {
        self.signal("KILL");
    }

    /// Sends it a signal, by its name.
    pub fn signal(&self, signal: &str) {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.lock().unwrap().id()
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.child.lock().unwrap().try_wait().unwrap().is_some()
    }

    /// Waits until it has ended, for a minute at most.
    pub fn ended(&self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.lock().unwrap().try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "the server goes on");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Asks it to stop, by a signal's name; gives its exit code and how long it took.
    pub fn stop(self, signal: &str) -> (Option<i32>, Duration) {
        let begun = Instant::now();
        self.signal(signal);
        (self.ended().code(), begun.elapsed())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(mut child) = self.child.lock() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The JSON of an answer that has to have this status.
pub fn json(response: Response, status: u16) -> Value {
    let found = response.status().as_u16();
    let text = response.text().unwrap();
    assert_eq!(found, status, "{text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Waits for something that another process or thread does.
pub fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited in vain for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// A folder of the repository.
pub fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// All of a stream.
pub fn read_all(mut from: impl Read) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).unwrap();
    text
}
