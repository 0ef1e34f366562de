//! Cuts a JSON array or NDJSON into its elements without parsing them, in one pass over the bytes.

use super::MAX_ENTRY_BYTES;

const TOO_LONG: &str = "is longer than 1 MiB; tell it in smaller entries";

/// Which of the two it is shows in the first byte that is not blank: `[` opens an array.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    state: State,
    /// The beginning of an entry whose end has not come yet.
    held: Vec<u8>,
    /// The entry at hand is too long: it is passed over up to its end.
    too_long: bool,
    index: u64,
    /// How many bytes of a byte order mark were seen.
    mark: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum State {
    #[default]
    Start,
    Lines,
    /// Within an array: how deep, and whether in a string (and there, after a backslash).
    Element {
        depth: u32,
        string: bool,
        escaped: bool,
        /// An element must follow: a comma stood before it.
        due: bool,
    },
    /// After the array's end; nothing may follow.
    Closed,
    /// Nothing more can be read.
    Broken,
}

const ELEMENT: State = State::Element { depth: 0, string: false, escaped: false, due: false };

/// Receives each entry's index and its bytes, or why it cannot be read.
type Take<'a> = dyn FnMut(u64, Result<&[u8], &'static str>) + 'a;

impl Splitter {
    pub(super) fn push(&mut self, mut bytes: &[u8], take: &mut Take<'_>) {
        while !bytes.is_empty() {
            bytes = match self.state {
                State::Start => self.start(bytes),
                State::Lines => self.lines(bytes, take),
                State::Element { .. } => self.elements(bytes, take),
                State::Closed => self.after(bytes, take),
                State::Broken => return,
            };
        }
    }

    pub(super) fn finish(&mut self, take: &mut Take<'_>) {
        match self.state {
            State::Lines => self.give(&[], take),
            State::Element { .. } if self.blank() => {
                take(self.index, Err("the array is not closed; was the body cut off?"));
            }
            State::Element { .. } => {
                take(self.index, Err("the array ends within this element; was the body cut off?"));
            }
            State::Start | State::Closed | State::Broken => {}
        }
    }

    fn start<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        match bytes[0] {
            b if self.mark < MARK.len() && b == MARK[self.mark] => {
                self.mark += 1;
                &bytes[1..]
            }
            b if b.is_ascii_whitespace() => &bytes[1..],
            b'[' => {
                self.state = ELEMENT;
                &bytes[1..]
            }
            _ => {
                self.state = State::Lines;
                bytes
            }
        }
    }

    fn lines<'a>(&mut self, bytes: &'a [u8], take: &mut Take<'_>) -> &'a [u8] {
        if let Some(end) = bytes.iter().position(|&b| b == b'\n') {
            self.give(&bytes[..end], take);
            return &bytes[end + 1..];
        }
        self.hold(bytes);
        &[]
    }

    fn elements<'a>(&mut self, bytes: &'a [u8], take: &mut Take<'_>) -> &'a [u8] {
        let State::Element { mut depth, mut string, mut escaped, due } = self.state else { return bytes };
        for (at, &byte) in bytes.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if string => escaped = true,
                b'"' => string = !string,
                _ if string => {}
                b'{' | b'[' => depth = depth.saturating_add(1),
                b',' | b']' if depth == 0 => {
                    let closes = byte == b']';
                    let empty = self.blank() && bytes[..at].iter().all(u8::is_ascii_whitespace);
                    if !empty {
                        self.give(&bytes[..at], take);
                    } else if !closes || due {
                        self.held.clear();
                        take(self.index, Err("an element is missing beside a comma"));
                        self.index += 1;
                    }
                    self.state = if closes {
                        State::Closed
                    } else {
                        State::Element { depth: 0, string: false, escaped: false, due: true }
                    };
                    return &bytes[at + 1..];
                }
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        self.hold(bytes);
        self.state = State::Element { depth, string, escaped, due };
        &[]
    }

    fn after<'a>(&mut self, bytes: &'a [u8], take: &mut Take<'_>) -> &'a [u8] {
        if !bytes.iter().all(u8::is_ascii_whitespace) {
            take(self.index, Err("text follows the end of the array; nothing of it was read"));
            self.state = State::Broken;
        }
        &[]
    }

    fn blank(&self) -> bool {
        !self.too_long && self.held.iter().all(u8::is_ascii_whitespace)
    }

    fn hold(&mut self, bytes: &[u8]) {
        if self.too_long || self.held.len() + bytes.len() > MAX_ENTRY_BYTES {
            self.too_long = true;
            self.held = Vec::new();
        } else {
            self.held.extend_from_slice(bytes);
        }
    }

    /// The entry at hand ends with these bytes.
    fn give(&mut self, last: &[u8], take: &mut Take<'_>) {
        if self.too_long || self.held.len() + last.len() > MAX_ENTRY_BYTES {
            take(self.index, Err(TOO_LONG));
            (self.too_long, self.held) = (false, Vec::new());
            self.index += 1;
            return;
        }
        let text = if self.held.is_empty() {
            last
        } else {
            self.held.extend_from_slice(last);
            &self.held
        };
        let text = text.trim_ascii();
        if !text.is_empty() {
            take(self.index, Ok(text));
            self.index += 1;
        }
        self.held.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Pieces = Vec<(u64, Result<String, &'static str>)>;

    fn split(chunks: &[&[u8]]) -> Pieces {
        let mut pieces = Vec::new();
        let mut take = |index, text: Result<&[u8], _>| {
            pieces.push((index, text.map(|t| String::from_utf8_lossy(t).into_owned())));
        };
        let mut splitter = Splitter::default();
        for chunk in chunks {
            splitter.push(chunk, &mut take);
        }
        splitter.finish(&mut take);
        pieces
    }

    fn good(texts: &[&str]) -> Pieces {
        texts.iter().zip(0..).map(|(t, i)| (i, Ok((*t).to_owned()))).collect()
    }

    #[test]
    fn lines_may_end_either_way_be_blank_and_begin_with_a_byte_order_mark() {
        assert_eq!(
            split(&[b"\xef\xbb\xbf{\"a\":1}\r\n\r\n  \n{\"b\":2}"]),
            good(&[r#"{"a":1}"#, r#"{"b":2}"#])
        );
        assert_eq!(split(&[b" \n "]), []);
    }

    #[test]
    fn an_array_is_told_by_its_first_byte_and_brackets_in_strings_do_not_count() {
        let text = br#" [ {"a":"],[{\"\\"} , [1,[2]] ,"x,y" ] "#;
        assert_eq!(split(&[text]), good(&[r#"{"a":"],[{\"\\"}"#, "[1,[2]]", r#""x,y""#]));
        assert_eq!(split(&[b"[]"]), []);
    }

    #[test]
    fn a_body_that_was_cut_off_keeps_its_first_elements_and_says_so() {
        let cut = split(&[br#"[{"a":1},{"b":"#]);
        assert_eq!(cut[0], (0, Ok(r#"{"a":1}"#.to_owned())));
        assert_eq!(cut[1], (1, Err("the array ends within this element; was the body cut off?")));
        assert_eq!(split(&[b"[1"])[0].1, Err("the array ends within this element; was the body cut off?"));
        assert_eq!(split(&[b"[{}, "])[1], (1, Err("the array is not closed; was the body cut off?")));
    }

    #[test]
    fn what_is_no_array_element_is_named_and_the_others_are_kept() {
        assert_eq!(split(&[b"[1,,2]"])[1], (1, Err("an element is missing beside a comma")));
        assert_eq!(split(&[b"[1,,2]"])[2], (2, Ok("2".to_owned())));
        assert_eq!(split(&[b"[1,]"])[1], (1, Err("an element is missing beside a comma")));
        assert_eq!(split(&[b"[1] x"])[1].0, 1);
    }

    #[test]
    fn a_line_beyond_a_mebibyte_is_refused_and_the_next_one_read() {
        let long = "x".repeat(MAX_ENTRY_BYTES + 1);
        for text in [format!("{long}\n{{}}\n"), format!("[{long},{{}}]")] {
            let chunks: Vec<_> = text.as_bytes().chunks(64 * 1024).collect();
            assert_eq!(split(&chunks), [(0, Err(TOO_LONG)), (1, Ok("{}".to_owned()))]);
        }
    }

    proptest! {
        #[test]
        fn where_the_network_cuts_the_bytes_makes_no_difference(
            text in r#"(\[)?([{}\[\],"\\ \n\r:a1]|\{"a":"b"\}){0,40}\]?"#,
            cuts in prop::collection::vec(0usize..80, 0..8),
        ) {
            let mut cuts: Vec<_> = cuts.into_iter().filter(|&c| c < text.len()).collect();
            cuts.sort_unstable();
            let mut chunks = Vec::new();
            let mut from = 0;
            for cut in cuts {
                chunks.push(&text.as_bytes()[from..cut]);
                from = cut;
            }
            chunks.push(&text.as_bytes()[from..]);
            prop_assert_eq!(split(&chunks), split(&[text.as_bytes()]));
        }

        #[test]
        fn any_values_come_out_of_an_array_and_of_lines_as_they_went_in(
            values in prop::collection::vec(any_value(), 0..12)
        ) {
            let expected: Pieces = values.iter().zip(0..).map(|(v, i)| (i, Ok(v.to_string()))).collect();
            let array = serde_json::to_vec_pretty(&values).unwrap();
            let from_array: Vec<_> = split(&[&array])
                .into_iter()
                .map(|(i, text)| (i, text.map(|t| serde_json::from_str::<serde_json::Value>(&t).unwrap().to_string())))
                .collect();
            prop_assert_eq!(&from_array, &expected);
        }
    }

    fn any_value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<i32>().prop_map(Into::into),
            ".*".prop_map(serde_json::Value::String),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::Array),
                prop::collection::btree_map(".*", inner, 0..4)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }
}
