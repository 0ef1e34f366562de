//! Files that never change under their address: it holds their digest, so browsers may keep them for ever.

use std::sync::LazyLock;

use actix_web::{HttpResponse, http::header, web::Path};
use sha2::{Digest, Sha256};

use crate::{presentation::STYLE, web::error::Problem};

struct Asset {
    name: &'static str,
    media_type: &'static str,
    body: &'static str,
    digest: String,
    url: String,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    [
        ("patience.css", "text/css; charset=utf-8", STYLE),
        ("icon.svg", "image/svg+xml", include_str!("../../../static/icon.svg")),
    ]
    .into_iter()
    .map(|(name, media_type, body)| {
        let digest = hex::encode(&Sha256::digest(body)[..8]);
        Asset { name, media_type, body, url: format!("/static/{digest}/{name}"), digest }
    })
    .collect()
});

/// Where a file stands.
pub(super) fn url(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("/static/unknown", |asset| asset.url.as_str())
}

/// `GET /static/{digest}/{file}`
pub(super) async fn serve(path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (digest, file) = path.into_inner();
    let asset = ASSETS.iter().find(|asset| asset.name == file && asset.digest == digest);
    let asset = asset.ok_or_else(|| Problem::not_found("there is no such file"))?;
    Ok(HttpResponse::Ok()
        .content_type(asset.media_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.body))
}
