//! What readers of the knowledge base thought, in both its generations.

use serde_json::json;

use super::super::helpdesk_records::{Feedback, Helpdesk};
use super::super::records::{PAGE, Website, in_dates, page};
use super::super::routes::Outcome;
use crate::engine::{Call, Refusal};

/// The feedback a path and the dates of a query mean. The earlier paths name no content type: they are about articles.
fn meant<'a>(helpdesk: &'a Helpdesk, call: &'a Call) -> Result<impl Iterator<Item = &'a Feedback>, Refusal> {
    helpdesk.check_locale(call)?;
    let content_type = call.ids.get("content_type").map_or("articles", String::as_str);
    let feedbacks = helpdesk.feedbacks.iter().rev();
    Ok(feedbacks.filter(move |one| {
        one.locale == call.id("locale") && one.content_type == content_type && in_dates(call, one.created_at)
    }))
}

pub(in crate::crisp) fn ratings(website: &mut Website, call: &Call) -> Outcome {
    let (mut helpful, mut unhelpful) = (0, 0);
    for one in meant(website.helpdesk()?, call)? {
        *(if one.rating == "helpful" {
            &mut helpful
        } else {
            &mut unhelpful
        }) += 1;
    }
    Ok(json!({"ratings": {"helpful": helpful, "unhelpful": unhelpful}}))
}

pub(in crate::crisp) fn list(website: &mut Website, call: &Call) -> Outcome {
    let shown = meant(website.helpdesk()?, call)?.map(|one| {
        json!({
            "rating": one.rating,
            "comment": one.comment,
            "article": one.article,
            "session": one.session,
            "created_at": one.created_at,
        })
    });
    Ok(page(shown.collect(), call, PAGE))
}
