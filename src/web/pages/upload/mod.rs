//! Uploading a file in three steps: choose it, say which column is which ([`columns`]), see what it would do
//! ([`check`]). Nothing of it is recorded before the last button is pressed, and recording goes the way of every import.

pub(super) mod check;
pub(super) mod columns;

use actix_multipart::{Field, Multipart};
use actix_web::{HttpResponse, web::Bytes};
use futures_util::StreamExt;

use super::{Language, Page, data, html, see_other};
use crate::{
    actions::{BATCH_ITEMS, Batch, IMPORT_SOURCE, Preview},
    domain::{ids::Source, time::Moment},
    ingest::{
        Intake, Item, Kind,
        sheet::{Reading, Sheet, SheetError},
    },
    language::Said,
    storage::{Db, StorageError, preview::Foresight, uploads},
    web::{
        auth::{Person, Shared},
        error::Problem,
    },
};

/// The longest file that a page takes; `patience import` and the API take any.
const LONGEST: usize = 32 << 20;

/// The bytes of one row of the database.
const PIECE: usize = 1 << 20;

/// What a person calls a kind of file.
pub(super) fn name_of(t: Language, kind: Kind) -> Said {
    match kind {
        Kind::Customers => t.say("data-customers"),
        Kind::Conversations => t.say("data-conversations"),
        Kind::Ratings => t.say("data-ratings"),
        Kind::Revenue => t.say("data-revenue"),
        Kind::Events => t.say("data-events"),
    }
}

/// `POST /data/upload`: a form with `csrf`, `kind` and `file`, in this order.
pub(super) async fn begin(
    state: Shared,
    person: Person,
    mut form: Multipart,
) -> Result<HttpResponse, Problem> {
    let (mut allowed, mut kind) = (false, None);
    let t = person.language;
    while let Some(field) = form.next().await {
        let mut field = field.map_err(broken)?;
        match field.name() {
            Some("csrf") => {
                person.check_csrf(&short(&mut field).await?)?;
                allowed = true;
            }
            Some("kind") => kind = short(&mut field).await?.parse::<Kind>().ok(),
            Some("file") if allowed => {
                let kind = kind.ok_or_else(|| Problem::bad_request("choose what the file holds"))?;
                let name = field.content_disposition().and_then(|disposition| disposition.get_filename());
                let name: String = name.unwrap_or_default().chars().take(200).collect();
                let wrong = match whole(&mut field).await? {
                    None => t.say("upload-too-long").with("command", "patience import"),
                    Some(bytes) if bytes.is_empty() => t.say("data-choose-file"),
                    Some(bytes) => match wrong_with(t, kind, &bytes) {
                        Some(wrong) => wrong,
                        None => return keep(&state, &person, kind, name, bytes).await,
                    },
                };
                return data::show(&state, person, Some(wrong), kind).await;
            }
            _ => {}
        }
    }
    person.check_csrf("")?;
    data::show(&state, person, Some(t.say("data-choose-file")), kind.unwrap_or(Kind::Customers)).await
}

/// What is wrong with a file as a whole.
fn wrong_with(t: Language, kind: Kind, bytes: &[u8]) -> Option<Said> {
    match (kind, Sheet::open(kind, bytes)) {
        (Kind::Events, _) | (_, Ok(_)) => None,
        (_, Err(SheetError::Encoding)) => Some(t.say("upload-not-text")),
        (_, Err(SheetError::Empty)) => Some(t.say("upload-no-rows")),
    }
}

async fn keep(
    state: &Shared,
    person: &Person,
    kind: Kind,
    name: String,
    bytes: Vec<u8>,
) -> Result<HttpResponse, Problem> {
    let (now, owner) = (state.now(), person.id);
    let pieces: Vec<Vec<u8>> = bytes.chunks(PIECE).map(<[u8]>::to_vec).collect();
    let kept = state.write(move |db| uploads::keep(db, owner, kind.as_str(), &name, &pieces, now));
    let token = kept.await?;
    let step = if kind == Kind::Events { "/check" } else { "" };
    Ok(see_other(&format!("/data/upload/{token}{step}")))
}

fn broken(error: impl std::fmt::Display) -> Problem {
    Problem::bad_request(format!("the upload broke off: {error}"))
}

/// A field of a few words.
async fn short(field: &mut Field) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.next().await {
        let piece: Bytes = piece.map_err(broken)?;
        if bytes.len() + piece.len() > 1024 {
            return Err(Problem::bad_request("a field of the form is too long"));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| Problem::bad_request("a field of the form is not text"))
}

/// A file; none where it is too long. That is read to its end, too: a browser reads no answer before it has sent all.
async fn whole(field: &mut Field) -> Result<Option<Vec<u8>>, Problem> {
    let (mut bytes, mut fits) = (Vec::new(), true);
    while let Some(piece) = field.next().await {
        let piece: Bytes = piece.map_err(broken)?;
        fits = fits && bytes.len() + piece.len() <= LONGEST;
        if fits {
            bytes.extend_from_slice(&piece);
        }
    }
    Ok(fits.then_some(bytes))
}

/// A file that is kept, read again.
struct InHand {
    upload: uploads::Upload,
    kind: Kind,
    content: Content,
}

enum Content {
    Sheet(Sheet),
    Events(Vec<u8>),
}

/// A file of this person, on a thread for blocking work. One that is kept no more is not there.
async fn with<T: Send + 'static>(
    state: &Shared,
    person: &Person,
    token: String,
    work: impl FnOnce(&mut Db, InHand) -> Result<T, StorageError> + Send + 'static,
) -> Result<T, Problem> {
    let (owner, now) = (person.id, state.now());
    let done = state.read(move |db| {
        let Some(upload) = uploads::find(db, owner, &token, now)? else { return Ok(None) };
        let bytes = uploads::bytes(db, &upload.token)?;
        let Ok(kind) = upload.kind.parse::<Kind>() else { return Ok(None) };
        let content = match kind {
            Kind::Events => Content::Events(bytes),
            kind => match Sheet::open(kind, &bytes) {
                Ok(sheet) => Content::Sheet(sheet),
                Err(_) => return Ok(None),
            },
        };
        work(db, InHand { upload, kind, content }).map(Some)
    });
    done.await?
        .ok_or_else(|| Problem::not_found("the file is kept for a day, and no longer: choose it again"))
}

impl InHand {
    /// How it was said to be read, else as its columns' names tell.
    fn reading(&self) -> Reading {
        let said = self.upload.reading.as_deref().and_then(|json| serde_json::from_str(json).ok());
        said.unwrap_or_else(|| match &self.content {
            Content::Sheet(sheet) => Reading { columns: sheet.guess(), ..Reading::default() },
            Content::Events(_) => Reading::default(),
        })
    }

    /// Hands its items over, as many at a time as are recorded together.
    fn for_each_batch(
        &self,
        source: &Source,
        told_at: Moment,
        each: &mut dyn FnMut(Batch) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        let reading = self.reading();
        let mut batch = |items: Vec<Item>| each(Batch::new(source.clone(), items));
        match &self.content {
            Content::Sheet(sheet) => {
                let mut items = sheet.items(&reading, source, told_at).peekable();
                while items.peek().is_some() {
                    batch(items.by_ref().take(BATCH_ITEMS).collect())?;
                }
            }
            Content::Events(bytes) => {
                let mut intake = Intake::new(self.kind, source.clone(), told_at);
                let mut items = Vec::new();
                for piece in bytes.chunks(PIECE) {
                    // Events have no header that could be wrong.
                    let _ = intake.push(piece, &mut items);
                    batch(std::mem::take(&mut items))?;
                }
                let _ = intake.finish(&mut items);
                batch(items)?;
            }
        }
        Ok(())
    }

    /// What importing it would do.
    fn preview(&self, db: &mut Db, source: &Source, now: Moment) -> Result<Preview, StorageError> {
        let (mut found, mut known) = (Preview::default(), Foresight::default());
        self.for_each_batch(source, now, &mut |batch| {
            found.add(batch.preview(db, &mut known)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Whether its columns are matched, so that it can be checked.
    fn is_matched(&self) -> bool {
        matches!(self.content, Content::Events(_)) || self.upload.reading.is_some()
    }
}

/// Events that name no source come from their person; rows of tables have a source of their own.
fn source(kind: Kind, person: &Person) -> Result<Source, Problem> {
    let name = if kind == Kind::Events { person.email.as_str() } else { IMPORT_SOURCE };
    Source::new(name).map_err(|error| Problem::internal(&error))
}
