use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::installation::{Installation, Server, json};

fn connect(server: &Server, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.host()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn head(path: &str, key: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n{body}\r\n\r\n")
}

#[test]
fn a_body_that_is_declared_too_long_is_refused_before_it_is_sent() {
    let installation = Installation::new();
    let key = installation.key("admin");
    let server = installation.serve();
    for (path, length) in [("/api/v1/assignments", (1 << 20) + 1), ("/api/v1/plan", (16 << 20) + 1)] {
        let mut stream = connect(&server, &head(path, &key, &format!("Content-Length: {length}")));
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
}

#[test]
fn a_chunked_body_without_end_is_cut_and_the_connection_closed() {
    let installation = Installation::new();
    let key = installation.key("admin");
    let server = installation.serve();
    let mut stream = connect(&server, &head("/api/v1/assignments", &key, "Transfer-Encoding: chunked"));
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    // For a moment the rest is thrown away, so that the answer can be read; a server that read on would
    // take chunks for ever.
    let begun = Instant::now();
    while stream.write_all(chunk.as_bytes()).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(12), "the body is still being read");
    }
}

#[test]
fn a_body_that_stands_still_is_cut() {
    let installation = Installation::new();
    let key = installation.key("ingest");
    let server = installation.serve();
    let begun = Instant::now();
    let mut stream = connect(&server, &head("/api/v1/events", &key, "Content-Length: 100000"));
    stream.write_all(b"{\"id\":").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(begun.elapsed() >= Duration::from_secs(9), "a slow sender has ten seconds");
}

/// Long bodies take many times their length in memory while they are read: there is room for one of the longest.
#[test]
fn long_bodies_wait_for_each_other_and_are_told_to_come_again() {
    let installation = Installation::new();
    let key = installation.key("admin");
    let server = installation.serve();
    let question = r#"{"method": "sample_ratio", "observed": [500, 510], "expected": [0.5, 0.5]}"#;
    let mut long = connect(&server, &head("/api/v1/analyze", &key, &format!("Content-Length: {}", 16 << 20)));
    // Faster than a body is cut, slower than a turn is waited for.
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                let _ = long.write_all(&[b' '; 4096]);
                std::thread::sleep(Duration::from_millis(500));
            }
            drop(long);
        });
        std::thread::sleep(Duration::from_millis(500));
        let refused = server.post("/api/v1/analyze", &key, question);
        assert!(refused.headers().contains_key("retry-after"));
        json(refused, 503);
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
    });
    let begun = Instant::now();
    json(server.post("/api/v1/analyze", &key, question), 200);
    assert!(begun.elapsed() < Duration::from_secs(9));
}

#[test]
fn a_packed_body_is_refused_and_a_large_plain_one_streams() {
    let installation = Installation::new();
    let key = installation.key("admin");
    let server = installation.serve();
    let packed = server
        .client()
        .post(format!("{}/api/v1/events", server.address))
        .bearer_auth(&key)
        .header("content-encoding", "gzip")
        .body("[]");
    json(packed.send().unwrap(), 415);
    // Blank lines: much to read, nothing to keep.
    let reply = json(server.post("/api/v1/events", &key, "\n".repeat(20 << 20)), 200);
    assert_eq!(reply["accepted"], 0);
}
