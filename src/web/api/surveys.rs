//! Asking customers how the help was.

use actix_web::HttpResponse;
use serde_json::json;

use crate::{
    domain::mistake::{Fields, Mistakes, parsed, text},
    storage::surveys::{self, Question},
    web::{
        auth::Shared,
        body::Json,
        error::{Problem, ProblemDocument},
    },
};

/// The longest subject line that is shown to the customer.
const SUBJECT: usize = 200;

/// Make a link at which one customer rates one conversation.
///
/// Send it in the mail that closes the conversation, worded, timed and signed alike for every cohort; `?r=4` after it
/// opens the page with that rating marked. Opening it records nothing. It is open for 14 days.
#[utoipa::path(post, path = "/api/v1/surveys", tag = "events", security(("key" = [])),
    request_body(content = Object, description = "Whom to ask about what",
        example = json!({"customer_id": "c-1", "conversation_id": "v-88", "subject": "Changing the billing address",
            "opened_at": "2026-03-02T09:00:00Z", "language": "en"})),
    responses((status = 201, description = "`url`, shown this once, and `closes_at`", body = Object),
              (status = 400, description = "What is wrong, by pointer", body = ProblemDocument, content_type = "application/problem+json")))]
pub async fn create(state: Shared, body: Json) -> Result<HttpResponse, Problem> {
    let mistakes = Mistakes::default();
    let mut fields = Fields::of(&body.0, "", &mistakes);
    let customer = fields.required("customer_id", parsed);
    let conversation = fields.required("conversation_id", parsed);
    let subject = fields.optional("subject", text).unwrap_or_default();
    let asked_at = fields.optional("opened_at", parsed);
    let language = fields.optional("language", parsed).unwrap_or_default();
    fields.end();
    let subject = subject.chars().filter(|c| !c.is_control()).take(SUBJECT).collect();
    let question = customer.zip(conversation).map(|(customer, conversation)| Question {
        customer,
        conversation,
        subject,
        asked_at,
        language,
    });
    let question = mistakes.instead_of(question)?;
    let now = state.now();
    let token = state.write(move |db| surveys::create(db, &question, now)).await?;
    let url = state.public_url.at(&format!("/s/{token}"));
    Ok(HttpResponse::Created().json(json!({"url": url, "closes_at": now + surveys::OPEN})))
}
