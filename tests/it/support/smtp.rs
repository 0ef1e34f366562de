//! A mail server for tests: takes letters on a port of its own and keeps them.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};

/// What it does with a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Takes it.
    Kind,
    /// Answers its recipient with this code.
    Refuses(u16),
    /// Takes it and falls silent before it says so.
    TakesSilently,
    /// Lets nobody in.
    Closed,
}

/// A letter that it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub to: String,
    pub subject: String,
    pub body: String,
}

#[derive(Clone)]
pub struct MailServer {
    pub url: String,
    letters: Arc<Mutex<Vec<Letter>>>,
    mood: Arc<Mutex<Mood>>,
}

impl MailServer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let server = Self { url, letters: Arc::default(), mood: Arc::new(Mutex::new(Mood::Kind)) };
        let taking = server.clone();
        thread::spawn(move || {
            for client in listener.incoming() {
                let taking = taking.clone();
                thread::spawn(move || client.map(|client| taking.speak(&client)));
            }
        });
        server
    }

    pub fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    pub fn letters(&self) -> Vec<Letter> {
        self.letters.lock().unwrap().clone()
    }

    /// The letters, as soon as there are so many.
    pub fn wait_for(&self, count: usize) -> Vec<Letter> {
        let begun = Instant::now();
        while self.letters().len() < count {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "{} of {count} letters came",
                self.letters().len()
            );
            thread::sleep(Duration::from_millis(20));
        }
        self.letters()
    }

    fn speak(&self, client: &TcpStream) -> std::io::Result<()> {
        let mood = *self.mood.lock().unwrap();
        let mut lines = BufReader::new(client.try_clone()?).lines();
        let say = |text: &str| (&*client).write_all(format!("{text}\r\n").as_bytes());
        if mood == Mood::Closed {
            return say("421 closed");
        }
        say("220 sink")?;
        let mut to = String::new();
        while let Some(line) = lines.next().transpose()? {
            let line = line.trim_end().to_owned();
            let verb: String = line.chars().take(4).collect::<String>().to_uppercase();
            match (verb.as_str(), mood) {
                ("EHLO", _) => say("250-sink\r\n250 8BITMIME")?,
                ("RCPT", Mood::Refuses(code)) => say(&format!("{code} {line}"))?,
                ("RCPT", _) => {
                    line.split(['<', '>']).nth(1).unwrap_or_default().clone_into(&mut to);
                    say("250 ok")?;
                }
                ("DATA", _) => {
                    say("354 go on")?;
                    let mut text = String::new();
                    for line in lines.by_ref() {
                        let line = line?;
                        match line.trim_end_matches('\r') {
                            "." => break,
                            line => text.extend([line.strip_prefix('.').unwrap_or(line), "\n"]),
                        }
                    }
                    self.letters.lock().unwrap().push(read(&to, &text));
                    if mood == Mood::TakesSilently {
                        return Ok(());
                    }
                    say("250 taken")?;
                }
                ("QUIT", _) => return say("221 bye"),
                _ => say("250 ok")?,
            }
        }
        Ok(())
    }
}

fn read(to: &str, text: &str) -> Letter {
    let (head, body) = text.split_once("\n\n").unwrap();
    let head = head.replace("\n ", " ");
    let header = |name: &str| {
        let found = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        found.unwrap_or_default().to_owned()
    };
    let body = match header("Content-Transfer-Encoding").as_str() {
        "quoted-printable" => quoted_printable(body),
        "base64" => {
            let packed: String = body.split_whitespace().collect();
            String::from_utf8(BASE64_STANDARD.decode(packed).unwrap()).unwrap()
        }
        _ => body.to_owned(),
    };
    Letter { to: to.to_owned(), subject: header("Subject"), body: body.replace("\r\n", "\n") }
}

fn quoted_printable(text: &str) -> String {
    let (text, mut bytes) = (text.replace("=\n", ""), Vec::new());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        if *byte == b'=' {
            let digits = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).unwrap()
}
