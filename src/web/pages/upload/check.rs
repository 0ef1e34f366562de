//! The third step: what a file would do, why rows are left out, and the button that records it.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Content, InHand, Language, Page, html, name_of, see_other, source, with};
use crate::{
    actions::{Preview, Refused, Summary},
    ingest::Kind,
    language::{Said, say},
    storage::{StorageError, audit, uploads},
    web::{
        auth::{FormFields, Person, Shared},
        download::attachment,
        error::Problem,
        state::blocking,
    },
};

/// Causes that a page lists.
const LISTED: usize = 100;

/// What became of a file.
#[derive(Debug, Serialize, Deserialize)]
struct Outcome {
    taken: u64,
    known: u64,
    left_out: u64,
}

#[derive(Debug, Template)]
#[template(path = "pages/upload_check.html")]
struct Check {
    t: Language,
    page: Page,
    token: String,
    file: String,
    kind: Said,
    all: u64,
    ready: u64,
    known: u64,
    changed: u64,
    left_out: u64,
    causes: Vec<Cause>,
    more: usize,
    has_columns: bool,
}

/// Rows that are left out for the same reason, and the first of them.
#[derive(Debug)]
struct Cause {
    /// As it is told in English.
    detail: String,
    /// The file's own name of the column.
    column: Option<String>,
    why: String,
    count: u64,
    row: u64,
    cell: Option<String>,
}

/// As a spreadsheet counts, the header being its first.
fn row_number(index: u64, kind: Kind) -> u64 {
    index + if kind == Kind::Events { 1 } else { 2 }
}

/// What refusals have in common, in the order of their first rows.
fn causes(t: Language, file: &InHand, refused: &[Refused]) -> Vec<Cause> {
    let reading = file.reading();
    let sheet = if let Content::Sheet(sheet) = &file.content { Some(sheet) } else { None };
    let mut causes: Vec<Cause> = Vec::new();
    for Refused { index, detail, .. } in refused {
        if let Some(known) = causes.iter_mut().find(|cause| cause.detail == *detail) {
            known.count += 1;
            continue;
        }
        let named = detail.split_once(": ").zip(sheet).and_then(|((column, why), sheet)| {
            let (at, own) = sheet.name_of(&reading, column)?;
            let cell = sheet.rows().find(|(place, _)| place == index)?.1.get(at)?.trim().to_owned();
            Some((own.to_owned(), why, cell))
        });
        let row = row_number(*index, file.kind);
        causes.push(match named {
            Some((own, why, cell)) => Cause {
                why: t.again(why),
                column: Some(own),
                cell: Some(cell).filter(|cell| !cell.is_empty()),
                count: 1,
                row,
                detail: detail.clone(),
            },
            None => Cause {
                why: t.again(detail),
                column: None,
                cell: None,
                count: 1,
                row,
                detail: detail.clone(),
            },
        });
    }
    causes
}

impl Check {
    fn many(&self, cause: &Cause) -> String {
        self.t.count(cause.count)
    }

    /// `Row 118, first_reply_at: “31/02/2026” is not a date and time`.
    fn first(&self, cause: &Cause) -> Said {
        let t = self.t;
        match (&cause.column, &cause.cell) {
            (Some(column), Some(cell)) => t
                .say("upload-row-cell")
                .with("row", cause.row)
                .with("column", column)
                .with("cell", cell)
                .with("why", &cause.why),
            (Some(column), None) => t
                .say("upload-row-column")
                .with("row", cause.row)
                .with("column", column)
                .with("why", &cause.why),
            _ => t.say("upload-row").with("row", cause.row).with("why", &cause.why),
        }
    }
}

/// What a matched file would do, seen as `seen` wants it; none where it is in already, or not matched yet.
async fn previewed<T: Send + 'static>(
    state: &Shared,
    person: &Person,
    token: String,
    seen: impl FnOnce(&InHand, &Preview) -> T + Send + 'static,
) -> Result<(InHand, Option<(Preview, T)>), Problem> {
    let (now, who) = (state.now(), person.clone());
    let found = with(state, person, token, move |db, file| {
        if file.upload.outcome.is_some() || !file.is_matched() {
            return Ok((file, None));
        }
        let source = source(file.kind, &who).map_err(|problem| StorageError::Refused(problem.detail))?;
        let preview = file.preview(db, &source, now)?;
        let seen = seen(&file, &preview);
        Ok((file, Some((preview, seen))))
    });
    found.await
}

/// Where a file belongs that is not to be checked now.
fn elsewhere(file: &InHand) -> HttpResponse {
    let step = if file.upload.outcome.is_some() { "/done" } else { "" };
    see_other(&format!("/data/upload/{}{step}", file.upload.token))
}

/// `GET /data/upload/{token}/check`
pub(in crate::web::pages) async fn show(
    state: Shared,
    person: Person,
    token: Path<String>,
) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let causes = move |file: &InHand, preview: &Preview| causes(t, file, &preview.refused);
    let (file, checked) = previewed(&state, &person, token.into_inner(), causes).await?;
    let Some((preview, mut causes)) = checked else { return Ok(elsewhere(&file)) };
    let left_out = preview.refused.len() as u64;
    let ready = preview.new + preview.changed + preview.known;
    let more = causes.len().saturating_sub(LISTED);
    causes.truncate(LISTED);
    html(&Check {
        t,
        page: Page::new(person, "/data"),
        token: file.upload.token,
        file: file.upload.name,
        kind: name_of(t, file.kind),
        all: ready + left_out,
        ready,
        known: preview.known,
        changed: preview.changed,
        left_out,
        causes,
        more,
        has_columns: file.kind != Kind::Events,
    })
}

/// `GET /data/upload/{token}/left-out`: the rows that are left out as they were written, and why.
pub(in crate::web::pages) async fn left_out(
    state: Shared,
    person: Person,
    token: Path<String>,
) -> Result<HttpResponse, Problem> {
    let t = person.language;
    let rows = move |file: &InHand, preview: &Preview| written(t, file, &preview.refused);
    let (file, checked) = previewed(&state, &person, token.into_inner(), rows).await?;
    let Some((_, (name, body))) = checked else { return Ok(elsewhere(&file)) };
    Ok(attachment(&name, "text/csv; charset=utf-8", body))
}

/// The same file with a column more. What cannot be cut into columns is told by its row.
fn written(t: Language, file: &InHand, refused: &[Refused]) -> (String, Vec<u8>) {
    let mut rows: Vec<csv::StringRecord> = Vec::new();
    let mut refused = refused.iter().peekable();
    let mut delimiter = b',';
    if let Content::Sheet(sheet) = &file.content {
        delimiter = sheet.delimiter();
        let mut header: csv::StringRecord = sheet.header().iter().collect();
        header.push_field("problem");
        rows.push(header);
        for (index, mut row) in sheet.rows() {
            if let Some(told) = refused.next_if(|told| told.index == index) {
                row.push_field(&t.again(&told.detail));
                rows.push(row);
            }
        }
    } else {
        rows.push(["row", "id", "problem"].iter().collect());
        for told in refused {
            let row = row_number(told.index, file.kind).to_string();
            let id = told.id.clone().unwrap_or_default();
            rows.push([row, id, t.again(&told.detail)].iter().collect());
        }
    }
    // With a mark, so that spreadsheets read it as UTF-8.
    let mut body = "\u{feff}".as_bytes().to_vec();
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(&mut body);
    for row in &rows {
        // Memory takes every record.
        let _ = writer.write_record(row);
    }
    drop(writer);
    (format!("{}-left-out.csv", file.kind), body)
}

/// `POST /data/upload/{token}/import`
pub(in crate::web::pages) async fn import(
    state: Shared,
    person: Person,
    token: Path<String>,
    _form: FormFields,
) -> Result<HttpResponse, Problem> {
    let file = with(&state, &person, token.into_inner(), |_, file| Ok(file)).await?;
    let token = file.upload.token.clone();
    if file.upload.outcome.is_some() || !file.is_matched() {
        return Ok(see_other(&format!("/data/upload/{token}/check")));
    }
    let (store, now, source) = (state.store.clone(), state.now(), source(file.kind, &person)?);
    let (kind, done) = (file.kind, token.clone());
    let summary = blocking(move || {
        let mut summary = Summary::default();
        file.for_each_batch(&source, now, &mut |batch| {
            summary.add(store.write(move |db| batch.record(db, None, now))?);
            Ok(())
        })?;
        Ok::<_, StorageError>(summary)
    });
    let summary = summary.await??;
    summary.count();
    let outcome = Outcome {
        taken: summary.accepted,
        known: summary.duplicates,
        left_out: summary.rejected.len() as u64,
    };
    let what = say("did-upload").with("n", outcome.taken).with("kind", kind.as_str());
    let json = serde_json::to_string(&outcome).map_err(|error| Problem::internal(&error))?;
    state
        .write(move |db| {
            uploads::set_outcome(db, &token, &json)?;
            audit::record(db, now, &person.email, &what, None)
        })
        .await?;
    Ok(see_other(&format!("/data/upload/{done}/done")))
}

/// `POST /data/upload/{token}/cancel` forgets the file.
pub(in crate::web::pages) async fn cancel(
    state: Shared,
    person: Person,
    token: Path<String>,
    _form: FormFields,
) -> Result<HttpResponse, Problem> {
    let (owner, now) = (person.id, state.now());
    state
        .write(move |db| match uploads::find(db, owner, &token, now)? {
            Some(upload) => uploads::forget(db, &upload.token),
            None => Ok(()),
        })
        .await?;
    Ok(see_other("/data"))
}

#[derive(Debug, Template)]
#[template(path = "pages/upload_done.html")]
struct Done {
    t: Language,
    page: Page,
    token: String,
    kind: Said,
    outcome: Outcome,
}

/// `GET /data/upload/{token}/done`
pub(in crate::web::pages) async fn done(
    state: Shared,
    person: Person,
    token: Path<String>,
) -> Result<HttpResponse, Problem> {
    let file = with(&state, &person, token.into_inner(), |_, file| Ok(file)).await?;
    let outcome = file.upload.outcome.as_deref().and_then(|json| serde_json::from_str(json).ok());
    let Some(outcome) = outcome else {
        return Ok(see_other(&format!("/data/upload/{}", file.upload.token)));
    };
    let t = person.language;
    let kind = name_of(t, file.kind);
    html(&Done { t, page: Page::new(person, "/data"), token: file.upload.token, kind, outcome })
}
