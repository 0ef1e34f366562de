//! Pages and their style, compressed as well as gzip can: the middleware for everything else takes the fastest
//! level, which makes a result page half as large again.

use std::io::Write;

use actix_web::{
    body::{self, BodySize, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, ContentEncoding, Encoding, Header, HeaderValue},
    middleware::Next,
};
use flate2::{Compression, write::GzEncoder};

/// Below this the head of gzip outweighs what it saves.
const WORTH_IT: u64 = 1024;

/// Compresses pages and style sheets for whoever takes gzip.
pub async fn shrink<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<Vec<u8>, B>>, actix_web::Error> {
    let accepted = header::AcceptEncoding::parse(request.request());
    let gzip = Encoding::Known(ContentEncoding::Gzip);
    let takes_gzip =
        accepted.is_ok_and(|accepted| accepted.negotiate(std::iter::once(&gzip)) == Some(gzip.clone()));
    let response = next.call(request).await?;
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_text = kind.is_some_and(|kind| kind.starts_with(b"text/html") || kind.starts_with(b"text/css"));
    let known = matches!(response.response().body().size(), BodySize::Sized(n) if n >= WORTH_IT);
    let done = response.headers().contains_key(header::CONTENT_ENCODING);
    if !takes_gzip || !is_text || !known || done {
        return Ok(response.map_into_right_body());
    }
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let body = body::to_bytes(body).await.map_err(Into::into)?;
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::default());
    encoder.write_all(&body)?;
    let mut response = head.set_body(encoder.finish()?);
    response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    Ok(ServiceResponse::new(request, response).map_into_left_body())
}
