//! The text of a file, and the sign between its columns.

use super::SheetError;

/// Signs that may stand between columns; of equally many the first.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// A file's text without its byte order mark, and its delimiter.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, u8), SheetError> {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest)?,
        // Without a mark: text begins with ASCII nearly always, of which UTF-16 makes every other byte zero.
        [_, 0, _, 0, ..] => utf16(bytes, u16::from_le_bytes)?,
        [0, _, 0, _, ..] => utf16(bytes, u16::from_be_bytes)?,
        _ => utf8(bytes)?,
    };
    // Excel's own way to say it.
    if let Some(rest) = text.strip_prefix("sep=")
        && let Some(sign) = rest.bytes().next().filter(u8::is_ascii)
    {
        let below = rest.split_once('\n').map_or("", |(_, below)| below);
        return Ok((below.to_owned(), sign));
    }
    let delimiter = delimiter(&text);
    Ok((text, delimiter))
}

fn utf8(bytes: &[u8]) -> Result<String, SheetError> {
    String::from_utf8(bytes.to_vec()).map_err(|_| SheetError::Encoding)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, SheetError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(SheetError::Encoding);
    }
    let units = pairs.iter().map(|pair| unit(*pair));
    char::decode_utf16(units).collect::<Result<_, _>>().map_err(|_| SheetError::Encoding)
}

/// The one that stands most often in the header, outside of quotes.
fn delimiter(text: &str) -> u8 {
    let mut counts = [0_u32; DELIMITERS.len()];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            sign if !quoted => {
                if let Some(at) = DELIMITERS.iter().position(|known| *known == sign) {
                    counts[at] += 1;
                }
            }
            _ => {}
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let first = counts.iter().position(|count| *count == most);
    first.map_or(b',', |at| DELIMITERS[at])
}
