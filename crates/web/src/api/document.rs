//! What the API's description says beside its endpoints: the introduction, the key, the failures.

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::error::{PartProblem, ProblemDocument};

/// The frame of the description.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Countersign API",
        version = "1",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"),
        description = "Verify callers by their Support PIN, keep conversations, accounts and people, and read the record.\n\n\
            Every request carries an API key: `Authorization: Bearer csk_…`. The key belongs to one brand and has \
            scopes; what it may not do is answered with 403 and the name of the missing right.\n\n\
            A wrong PIN is no failure: it is answered with 200 and `\"result\": \"denied\"`. An account that does not \
            exist is answered like a wrong PIN. Failures are documents of the type `application/problem+json` \
            (RFC 9457) whose `code` never changes its meaning.\n\n\
            A request with a body is JSON of at most 16 KiB; unknown fields are refused. PINs and account numbers are \
            texts, because a number would lose zeros at its beginning. Every POST and PUT takes the header \
            `Idempotency-Key`, quoted or not: sent again with the same body within 24 hours it answers the same and \
            acts once."
    ),
    components(schemas(ProblemDocument<'static>, PartProblem)),
    modifiers(&Key),
    tags(
        (name = "Verification", description = "Is this caller who they say they are?"),
        (name = "Conversations", description = "One contact with support, and what it has proved."),
        (name = "Accounts", description = "Customers, found by number, phone, e-mail or name. Never by PIN."),
        (name = "Support PINs", description = "Set, made anew, unlocked. No endpoint ever answers with a PIN."),
        (name = "Record", description = "What happened, as evidence.")
    )
)]
pub(crate) struct Document;

struct Key;

impl Modify for Key {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An API key of the brand, `csk_…`."))
            .build();
        if let Some(components) = &mut description.components {
            components
                .security_schemes
                .insert("api_key".to_owned(), SecurityScheme::Http(scheme).into());
        }
    }
}

/// Adds to an operation the failures that any request can meet.
pub(crate) fn add_common_failures(description: &mut utoipa::openapi::OpenApi) {
    use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};

    let failures = [
        ("401", "The API key is missing or not known."),
        (
            "403",
            "The key lacks the right, or the brand's policy refuses; `detail` says which.",
        ),
        (
            "503",
            "The server cannot do this now and changed nothing; try again after `Retry-After` seconds.",
        ),
    ];
    let failures_of_bodies = [
        ("400", "The body is not JSON."),
        ("413", "The body is longer than 16 KiB."),
        ("415", "The header `Content-Type` is not `application/json`."),
    ];
    for item in description.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post];
        for operation in operations.into_iter().flatten() {
            let of_bodies = failures_of_bodies
                .iter()
                .filter(|_| operation.request_body.is_some());
            for (status, about) in failures.iter().chain(of_bodies) {
                let content = ContentBuilder::new()
                    .schema(Some(Ref::from_schema_name("Problem")))
                    .build();
                let response = ResponseBuilder::new()
                    .description(*about)
                    .content("application/problem+json", content)
                    .build();
                operation
                    .responses
                    .responses
                    .entry((*status).to_owned())
                    .or_insert_with(|| response.into());
            }
        }
    }
}
