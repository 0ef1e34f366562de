//! The disk of `shim.c`, preloaded into a server: it records what is written and made durable, and fails on demand.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use tempfile::TempDir;

/// The library, compiled once.
fn library() -> &'static Path {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, library) = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("shim.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/faults/shim.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .args([&library, &source])
            .args(["-ldl", "-lpthread"])
            .status();
        assert!(built.unwrap().success(), "cc cannot build {}", source.display());
        (folder, library)
    });
    library
}

/// Puts a command's database on the disk of the shim; `settings` are those of `shim.c`.
pub fn on_shim(mut command: Command, database: &Path, settings: &[(&str, &str)]) -> Command {
    command.env("LD_PRELOAD", library()).env("SHIM_FILES", database).envs(settings.iter().copied());
    command
}

/// A change of the database's files.
#[derive(Debug, Clone)]
pub enum Change {
    Write { offset: usize, data: Vec<u8> },
    Truncate(usize),
    Sync,
    Unlink,
}

/// A change, of which file (0 the database, 1 its log), and where its record ends in the recording.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub file: usize,
    pub change: Change,
    pub end: u64,
}

/// Reads a recording; a record that was cut off by the end of the process is left out.
pub fn read(recording: &[u8]) -> Vec<Recorded> {
    let mut records = Vec::new();
    let mut at = 0;
    while let Some(head) = recording.get(at..at + 18) {
        let number = |from: usize| usize::from_ne_bytes(head[from..from + 8].try_into().unwrap());
        let (offset, length) = (number(2), number(10));
        at += 18;
        let change = match head[0] {
            b'W' => {
                let Some(data) = recording.get(at..at + length) else { break };
                at += length;
                Change::Write { offset, data: data.to_vec() }
            }
            b'T' => Change::Truncate(offset),
            b'S' => Change::Sync,
            b'U' => Change::Unlink,
            other => panic!("a record of the kind {other}"),
        };
        records.push(Recorded { file: head[1].into(), change, end: at as u64 });
    }
    records
}
