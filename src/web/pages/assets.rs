//! Files that never change under their address: it holds their digest, so browsers may keep them for ever.

use std::{borrow::Cow, sync::LazyLock};

use actix_web::{HttpResponse, http::header, web::Path};
use sha2::{Digest, Sha256};

use crate::{presentation::STYLE, web::error::Problem};

struct Asset {
    name: &'static str,
    media_type: &'static str,
    body: Cow<'static, [u8]>,
    digest: String,
    url: String,
}

impl Asset {
    fn new(name: &'static str, media_type: &'static str, body: impl Into<Cow<'static, [u8]>>) -> Self {
        let body = body.into();
        let digest = hex::encode(&Sha256::digest(&body)[..8]);
        Self { name, media_type, body, url: format!("/static/{digest}/{name}"), digest }
    }
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let font =
        Asset::new("inter.woff2", "font/woff2", include_bytes!("../../../static/inter.woff2").as_slice());
    // The face stands before the style that reports carry too: they are files of their own, without it.
    let face = format!(
        "@font-face{{font-family:Inter;font-weight:400 700;font-display:swap;src:url({}) format(\"woff2\")}}\n",
        font.url
    );
    let style = (face + STYLE).into_bytes();
    vec![
        Asset::new("patience.css", "text/css; charset=utf-8", style),
        Asset::new(
            "patience.js",
            "text/javascript; charset=utf-8",
            include_bytes!("../../../static/js/patience.js").as_slice(),
        ),
        Asset::new("icon.svg", "image/svg+xml", include_bytes!("../../../static/icon.svg").as_slice()),
        font,
    ]
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
        .body(&*asset.body))
}
