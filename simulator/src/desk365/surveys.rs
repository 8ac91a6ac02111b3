//! Surveys and their ratings.

use serde_json::{Map, Value, json};

use super::records::{Survey, Tenant, Ticket, TicketSurvey};
use super::{FIXED_PAGE, page};
use crate::engine::{Answer, Call, Refusal};

fn show(survey: &Survey) -> Value {
    let points: Map<String, Value> = survey
        .points
        .iter()
        .map(|(point, label)| (point.to_string(), json!(label)))
        .collect();
    let mut questions = json!({"survey_question": survey.questions.first()});
    for (index, question) in survey.questions.iter().enumerate().skip(1) {
        questions[format!("cs_question_{}", index + 1)] = json!(question);
    }
    json!({
        "survey_name": survey.survey_name,
        "survey_type": survey.survey_type,
        "cs_survey_scale": survey.scale,
        "cs_rating_order": survey.rating_order,
        "cs_neutral_type": survey.neutral_type,
        "cs_scale_point_map": points,
        "thankyou_text": survey.thankyou_text,
        "questions": questions,
        "include_additional_comments": survey.comments_title.is_some(),
        "additional_comments_title": survey.comments_title,
        "notify_type": survey.notify_type,
        "is_active": survey.is_active,
        "is_deleted": survey.is_deleted,
    })
}

/// Oldest first; deleted ones are not served.
pub(super) fn list(tenant: &mut Tenant, _: &Call) -> Result<Answer, Refusal> {
    let surveys: Vec<Value> = tenant
        .surveys
        .iter()
        .filter(|survey| !survey.is_deleted)
        .map(show)
        .collect();
    Ok(Answer::Json(json!({"count": surveys.len(), "surveys": surveys})))
}

pub(super) fn get(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let name = call.text("survey_name");
    let found = tenant
        .surveys
        .iter()
        .find(|survey| survey.survey_name == name && !survey.is_deleted);
    Ok(Answer::Json(show(found.ok_or_else(|| Refusal::not_found("Survey"))?)))
}

fn show_rating(tenant: &Tenant, ticket: &Ticket, sent: &TicketSurvey) -> Value {
    let survey = tenant
        .surveys
        .iter()
        .find(|survey| survey.survey_name == sent.survey_name);
    let mut ratings = json!({
        "survey_question": survey.and_then(|survey| survey.questions.first()),
        "rating": sent.rating,
    });
    for (index, question) in survey
        .iter()
        .flat_map(|survey| survey.questions.iter().enumerate().skip(1))
    {
        ratings[format!("cs_question_{}", index + 1)] = json!(question);
        ratings[format!("cs_rating_{}", index + 1)] = json!(sent.rating);
    }
    json!({
        "ticket_number": ticket.ticket_number,
        "survey_name": sent.survey_name,
        "survey_type": survey.map(|survey| survey.survey_type),
        "contact_email": ticket.contact_email,
        "agent_assigned": ticket.assigned_to,
        "cs_neutral_type": survey.map(|survey| survey.neutral_type),
        "ratings": ratings,
        "additional_comments_title": survey.and_then(|survey| survey.comments_title.as_ref()),
        "additional_comments_response": sent.comment,
        "sent_on": sent.sent_on,
        "rated_on": sent.rated_on,
    })
}

/// By time of the answer, ascending. Guess: unanswered ones are not ratings.
pub(super) fn ratings(tenant: &mut Tenant, call: &Call) -> Result<Answer, Refusal> {
    let mut rated: Vec<(&Ticket, &TicketSurvey)> = tenant
        .tickets
        .iter()
        .filter_map(|ticket| ticket.survey.as_ref().map(|sent| (ticket, sent)))
        .filter(|(_, sent)| sent.rated_on.is_some())
        .collect();
    rated.sort_by_key(|(ticket, sent)| (sent.rated_on, ticket.ticket_number));
    let ratings = page(&rated, call, FIXED_PAGE, |(ticket, sent)| {
        show_rating(tenant, ticket, sent)
    });
    Ok(Answer::Json(json!({"count": rated.len(), "survey_ratings": ratings})))
}
