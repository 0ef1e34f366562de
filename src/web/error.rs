//! What went wrong, as a problem document (RFC 9457): the one catalogue of statuses.

use std::fmt;

use actix_web::{
    HttpResponse, ResponseError,
    error::BlockingError,
    http::{Method, StatusCode, header},
};
use serde::Serialize;

use crate::{
    actions::{DefineError, RefreshError, ReportFailure},
    domain::mistake::Mistake,
    reports::ReportError,
    storage::StorageError,
};

/// Seconds after which to try again when too many writes wait, or the disk is full.
const RETRY_AFTER: (u32, u32) = (1, 30);

/// An answer that is not the one that was asked for.
///
/// Its [`detail`](Self::detail) is for the caller: it says what is wrong and how to mend it, and nothing
/// about the inside of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The status, and with it the title.
    pub status: StatusCode,
    /// What is wrong and how to mend it.
    pub detail: String,
    /// Each thing that is wrong with the input, by JSON pointer.
    pub errors: Vec<Mistake>,
    /// A header that the status asks for.
    header: Option<(header::HeaderName, String)>,
    /// Whether the rest of the body is not worth reading.
    close: bool,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), errors: Vec::new(), header: None, close: false }
    }

    fn with(mut self, name: header::HeaderName, value: &impl ToString) -> Self {
        self.header = Some((name, value.to_string()));
        self
    }

    fn closing(mut self) -> Self {
        self.close = true;
        self
    }

    /// 400: the input is not what it should be.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 400 with each mistake.
    pub fn mistakes(errors: Vec<Mistake>) -> Self {
        let detail = match &errors[..] {
            [one] => one.to_string(),
            several => format!("{} mistakes, listed in errors", several.len()),
        };
        Self { errors, ..Self::bad_request(detail) }
    }

    /// 401: no key, or a wrong one. One text for all kinds of wrong keys.
    pub fn no_key() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "send a valid key as \"Authorization: Bearer KEY\"; `patience key create` makes one",
        )
        .with(header::WWW_AUTHENTICATE, &"Bearer")
    }

    /// 401: nobody is signed in.
    pub fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "sign in first").with(header::WWW_AUTHENTICATE, &"Bearer")
    }

    /// 403: known, but of another role.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 405, with what is allowed.
    pub fn method(allowed: &[Method]) -> Self {
        let allowed = allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, format!("allowed here: {allowed}"))
            .with(header::ALLOW, &allowed)
    }

    /// 408: the body comes too slowly.
    pub fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "the body came at less than 1 KiB/s over 10 s").closing()
    }

    /// 409: what stands does not allow it.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// 413: the body is longer than is read here.
    pub fn too_large(limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body is longer than {} MiB", limit >> 20))
            .closing()
    }

    /// 415: a body that was packed, or is of another type.
    pub fn unsupported(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail).closing()
    }

    /// 500: a mistake of ours. The cause goes to the log, not to the caller.
    pub fn internal(cause: &dyn fmt::Display) -> Self {
        tracing::error!(cause = %cause, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "something failed on our side; nothing of it was recorded",
        )
    }

    /// 503: the answer does not come. What was sent may have been recorded: whoever sends it again is answered the same.
    pub fn overdue() -> Self {
        tracing::warn!("a request was given up: the database did not answer in time");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer in time: try again; what was recorded already is not recorded twice",
        )
        .with(header::RETRY_AFTER, &RETRY_AFTER.0)
    }

    /// 503 for whatever reason it is; who asked may ask again.
    #[must_use]
    pub fn unavailable(self) -> Self {
        let after = self.header.clone().filter(|(name, _)| *name == header::RETRY_AFTER);
        let after = after.unwrap_or_else(|| (header::RETRY_AFTER, RETRY_AFTER.1.to_string()));
        Self { status: StatusCode::SERVICE_UNAVAILABLE, header: Some(after), ..self }
    }

    /// The same under another status.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Whether the connection closes after it.
    pub fn closes(&self) -> bool {
        self.close
    }

    /// What the status is called.
    pub fn title(&self) -> &'static str {
        self.status.canonical_reason().unwrap_or("Error")
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        let detail = error.to_string();
        match error {
            StorageError::Unknown { .. } => Self::not_found(detail),
            StorageError::Refused(_) => Self::conflict(detail),
            StorageError::Busy | StorageError::Conflict => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).with(header::RETRY_AFTER, &RETRY_AFTER.0)
            }
            StorageError::Unreachable(_) => {
                tracing::warn!(cause = %detail, "the database cannot be reached");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the database cannot be reached at the moment: try again",
                )
                .with(header::RETRY_AFTER, &RETRY_AFTER.0)
            }
            StorageError::Full => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, detail).with(header::RETRY_AFTER, &RETRY_AFTER.1)
            }
            StorageError::ReadOnly(_)
            | StorageError::NoDatabase(_)
            | StorageError::NewerSchema { .. }
            | StorageError::Unfit(_) => {
                tracing::error!(cause = %detail, "the database cannot be used");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "the database cannot be used at the moment")
                    .with(header::RETRY_AFTER, &RETRY_AFTER.1)
            }
            StorageError::Url(_) | StorageError::Corrupt(_) | StorageError::Database(_) => {
                Self::internal(&detail)
            }
        }
    }
}

impl From<DefineError> for Problem {
    fn from(error: DefineError) -> Self {
        match error {
            DefineError::Mistakes(mistakes) => Self::mistakes(mistakes),
            DefineError::Storage(error) => error.into(),
        }
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Analysis(error) => Self::conflict(error.to_string()),
            RefreshError::Storage(error) => error.into(),
        }
    }
}

impl From<ReportFailure> for Problem {
    fn from(failure: ReportFailure) -> Self {
        match failure {
            ReportFailure::NoAnalysis => Self::conflict(failure.to_string()),
            ReportFailure::Evidence(error) => error.into(),
            ReportFailure::Write(error @ ReportError::NamesCustomers) => Self::forbidden(error.to_string()),
            ReportFailure::Write(error) => Self::internal(&error),
        }
    }
}

impl From<BlockingError> for Problem {
    fn from(error: BlockingError) -> Self {
        Self::internal(&error)
    }
}

impl From<Vec<Mistake>> for Problem {
    fn from(errors: Vec<Mistake>) -> Self {
        Self::mistakes(errors)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status.as_u16(), self.title(), self.detail)
    }
}

impl std::error::Error for Problem {}

/// The document, as it is sent.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemDocument {
    /// `about:blank`: the status says what kind of problem it is.
    r#type: &'static str,
    /// What the status is called.
    title: &'static str,
    /// The status.
    status: u16,
    /// What is wrong and how to mend it.
    detail: String,
    /// Each thing that is wrong with the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemAt>,
}

/// One thing that is wrong with the input.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ProblemAt {
    /// Where: a JSON pointer (RFC 6901).
    pointer: String,
    /// What is wrong and how to mend it.
    detail: String,
}

impl From<&Problem> for ProblemDocument {
    fn from(problem: &Problem) -> Self {
        let at = |m: &Mistake| ProblemAt { pointer: m.pointer.clone(), detail: m.detail.clone() };
        Self {
            r#type: "about:blank",
            title: problem.title(),
            status: problem.status.as_u16(),
            detail: problem.detail.clone(),
            errors: problem.errors.iter().map(at).collect(),
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some((name, value)) = &self.header {
            response.insert_header((name.clone(), value.as_str()));
        }
        if self.close {
            response.force_close();
        }
        response.content_type("application/problem+json");
        response.json(ProblemDocument::from(self))
    }
}
