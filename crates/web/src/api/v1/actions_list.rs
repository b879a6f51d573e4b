//! `GET /api/v1/actions`: the brand's catalogue of actions (E4).

use countersign_domain::policy::ActionRule;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::extract::May;
use crate::extract::rights::ReadConversation;

/// The catalogue.
#[derive(Serialize, ToSchema)]
pub(super) struct ActionList {
    /// In the order of the policy.
    actions: Vec<ActionRuleBody>,
}

/// An action of the catalogue.
#[derive(Serialize, ToSchema)]
#[schema(as = ActionRule)]
struct ActionRuleBody {
    /// Its id.
    #[schema(example = "financial-transactions")]
    id: String,
    /// What it is called.
    #[schema(example = "Financial transactions")]
    title: String,
    /// What must have been proved in the conversation before it: `none`, `pin` or `strong`.
    #[schema(example = "pin")]
    requires: &'static str,
}

/// List the actions
///
/// What support can do or discuss, and what each thing asks for. Whether one may be done now, its conversation says.
#[utoipa::path(
    get,
    path = "/api/v1/actions",
    operation_id = "list_actions",
    tag = "Conversations",
    responses((status = 200, description = "The brand's catalogue.", body = ActionList)),
    security(("api_key" = ["conversations"]))
)]
pub(super) async fn list(caller: May<ReadConversation>) -> Result<axum::Json<ActionList>, Problem> {
    let catalogue = &caller.brand.policy.actions;
    Ok(axum::Json(ActionList {
        actions: catalogue.iter().map(body).collect(),
    }))
}

fn body(rule: &ActionRule) -> ActionRuleBody {
    ActionRuleBody {
        id: rule.id.clone(),
        title: rule.title.clone(),
        requires: rule.requires.name(),
    }
}
