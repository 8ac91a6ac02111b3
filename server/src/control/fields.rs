//! Members that accounts define for themselves, such as custom fields: read from the helpdesk, kept as numbered
//! snapshots, and shown in the schemas of the account's tools.
//!
//! They are read when an account is connected, once a day while it is in use, and when somebody asks. Until then, and
//! where the helpdesk has no way to read them, the places of such members stay open objects.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use deskhand_runtime::Connection;
use deskhand_runtime::answer::Content;
use deskhand_runtime::error::Error;
use deskhand_runtime::operation::{Definitions, DynamicFields, DynamicKeys, DynamicKind, Integration};
use deskhand_runtime::overlay::{self, Member, Overlay};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{ControlError, ControlPlane, timestamp};
use crate::access::now;
use crate::duration;
use crate::store::{AccountRow, FieldsRow, StoreError};

/// Most pages of definitions that are read.
const MAX_PAGES: usize = 20;
/// Most pages of records that are looked through where there are no definitions.
const MAX_SAMPLE_PAGES: usize = 2;
/// How many snapshots of an account are kept.
const KEPT: u32 = 20;

/// How often the members that accounts in use define for themselves are read anew, as an operator writes it: `24h`, or
/// `none` for only when somebody asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldsInterval {
    /// When somebody asks.
    #[default]
    OnDemand,
    /// When an account is connected, and so often while it is in use.
    Every(Duration),
}

impl FromStr for FieldsInterval {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const LEAST: Duration = Duration::from_secs(60);
        if text == "none" {
            return Ok(Self::OnDemand);
        }
        let length = duration::parse(text).filter(|length| *length >= LEAST);
        length
            .map(Self::Every)
            .ok_or_else(|| "expected a length of time of at least a minute, such as 24h, or none".to_owned())
    }
}

/// What an account has defined, as callers see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AccountFields)]
pub struct FieldsView {
    /// Number of the snapshot, counted up with every change; null before the first one.
    pub number: Option<i64>,
    /// When it was read.
    pub read_at: Option<String>,
    /// The members, by the place where they belong.
    pub slots: Vec<SlotView>,
    /// What differs from the snapshot before, a sentence for each member.
    pub changes: Vec<String>,
    /// Places whose members could not be read this time; what was known of them stays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<FieldsProblem>,
}

/// The members of one place.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AccountFieldSlot)]
pub struct SlotView {
    /// Name of the place.
    pub slot: String,
    /// What it holds.
    pub description: &'static str,
    /// Its members.
    pub fields: Vec<FieldView>,
}

/// One member.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AccountField)]
pub struct FieldView {
    /// Name that tools take.
    pub key: String,
    /// What stands for it at the helpdesk: a text or a whole number.
    pub id: Value,
    /// Label that people see.
    pub label: String,
    /// `text`, `int`, `number` or `bool`; null when any value goes.
    #[schema(value_type = Option<String>)]
    pub kind: Option<DynamicKind>,
    /// The only texts that it may have.
    pub choices: Vec<String>,
    /// Least value.
    pub min: Option<f64>,
    /// Greatest value.
    pub max: Option<f64>,
    /// Whether a new record needs it.
    pub required: bool,
}

/// Why the members of a place could not be read.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AccountFieldsProblem)]
pub struct FieldsProblem {
    /// Name of the place.
    pub slot: String,
    /// The code of the error.
    #[schema(value_type = String)]
    pub code: &'static str,
    /// What happened.
    pub message: String,
}

impl From<&Member> for FieldView {
    fn from(member: &Member) -> Self {
        Self {
            key: member.key.clone(),
            id: member.wire.clone(),
            label: member.label.clone(),
            kind: member.kind,
            choices: member.choices.clone(),
            min: member.min,
            max: member.max,
            required: member.required,
        }
    }
}

/// The places of a helpdesk whose members can be read, with how.
fn readable(integration: &'static Integration) -> Vec<(&'static DynamicFields, &'static Definitions)> {
    let slots = integration.dynamic_fields.iter();
    slots
        .filter_map(|slot| Some((slot, slot.definitions.as_ref()?)))
        .collect()
}

impl ControlPlane {
    /// What is known of an account's own members.
    pub(super) async fn overlay(&self, account: &AccountRow) -> Result<Option<Arc<Overlay>>, ControlError> {
        if readable(self.integration(&account.integration)?).is_empty() {
            return Ok(None);
        }
        let known = self.store.account_fields(&account.id, None).await?;
        known.map(|row| stored(&row).map(Arc::new)).transpose()
    }

    /// The members that an account has defined, of its newest snapshot or of the one with this number.
    ///
    /// # Errors
    /// There is no such account or snapshot.
    pub async fn fields(&self, id: &str, number: Option<i64>) -> Result<FieldsView, ControlError> {
        let account = self.account(id).await?;
        let row = self.store.account_fields(&account.id, number).await?;
        if row.is_none() && number.is_some() {
            return Err(ControlError::NotFound("snapshot of fields"));
        }
        let before = match &row {
            Some(row) => self.store.account_fields(&account.id, Some(row.number - 1)).await?,
            None => None,
        };
        self.view(&account, row.as_ref(), before.as_ref(), Vec::new())
    }

    /// Reads the members that an account has defined from its helpdesk. What has changed becomes a new snapshot, and
    /// the schemas of the account's tools follow.
    ///
    /// # Errors
    /// There is no such account, or its helpdesk has nothing of the kind.
    pub async fn refresh_fields(&self, id: &str) -> Result<FieldsView, ControlError> {
        let account = self.account(id).await?;
        let integration = self.integration(&account.integration)?;
        let slots = readable(integration);
        if slots.is_empty() {
            let message = format!(
                "accounts of {} define no fields of their own that can be read",
                integration.title
            );
            return Err(ControlError::Conflict(message));
        }
        let connection = self.account_connection(&account).await?;
        let before = self.store.account_fields(id, None).await?;
        let mut overlay = before.as_ref().map(stored).transpose()?.unwrap_or_default();
        let mut problems = Vec::new();
        for (slot, definitions) in slots {
            match listed(&connection, definitions).await {
                Ok(records) => overlay.set(slot.slot, overlay::read(slot, &records)),
                Err(error) => problems.push(FieldsProblem {
                    slot: slot.slot.to_owned(),
                    code: error.code().word(),
                    message: error.message().to_owned(),
                }),
            }
        }
        let fields = serde_json::to_string(&overlay)
            .map_err(|_| ControlError::Internal("an account's fields cannot be written".to_owned()))?;
        let unchanged = before.as_ref().is_some_and(|before| before.fields == fields);
        let nothing = before.is_none() && overlay.slots().next().is_none();
        if unchanged || nothing {
            return self.view(&account, before.as_ref(), None, problems);
        }
        let row = FieldsRow {
            number: before.as_ref().map_or(0, |before| before.number) + 1,
            fields,
            read_at: now(),
        };
        match self.store.insert_account_fields(id, &row, KEPT).await {
            Ok(()) => {}
            // Another process has just read them, too.
            Err(StoreError::Taken) => return self.fields(id, None).await,
            Err(error) => return Err(error.into()),
        }
        self.changed().await?;
        tracing::info!(
            account = id,
            number = row.number,
            "an account's own fields have changed"
        );
        self.view(&account, Some(&row), before.as_ref(), problems)
    }

    /// Reads the members of a helpdesk's account that was just connected, in the background and where operators want
    /// that.
    pub(super) fn read_fields_of_new(self: &Arc<Self>, id: &str) {
        if self.options.fields_interval != FieldsInterval::OnDemand {
            let (control, id) = (Arc::clone(self), id.to_owned());
            tokio::spawn(async move { control.refresh_fields_when_due(&id).await });
        }
    }

    /// Reads the members of an account if the last reading is long enough ago. Of several processes one does.
    pub(super) async fn refresh_fields_when_due(&self, id: &str) {
        let FieldsInterval::Every(interval) = self.options.fields_interval else {
            return;
        };
        let at = now();
        let interval = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX);
        let due = match self.account(id).await {
            Ok(account) => match self.integration(&account.integration) {
                Ok(integration) if !readable(integration).is_empty() => {
                    self.store.claim_field_read(id, at, at.saturating_sub(interval)).await
                }
                _ => return,
            },
            Err(_) => return,
        };
        match due {
            Ok(true) => match self.refresh_fields(id).await {
                Ok(view) => {
                    for problem in view.problems {
                        tracing::warn!(
                            account = id,
                            slot = problem.slot,
                            code = problem.code,
                            "fields were not read"
                        );
                    }
                }
                Err(error) => tracing::warn!(account = id, %error, "fields were not read"),
            },
            Ok(false) => {}
            Err(error) => tracing::warn!(account = id, %error, "fields were not read"),
        }
    }

    fn view(
        &self,
        account: &AccountRow,
        row: Option<&FieldsRow>,
        before: Option<&FieldsRow>,
        problems: Vec<FieldsProblem>,
    ) -> Result<FieldsView, ControlError> {
        let integration = self.integration(&account.integration)?;
        let overlay = row.map(stored).transpose()?.unwrap_or_default();
        let earlier = before.map(stored).transpose()?;
        let slots = overlay.slots().map(|(slot, members)| SlotView {
            slot: slot.to_owned(),
            description: integration
                .dynamic_fields
                .iter()
                .find(|known| known.slot == slot)
                .map_or("", |known| known.doc),
            fields: members.iter().map(FieldView::from).collect(),
        });
        Ok(FieldsView {
            number: row.map(|row| row.number),
            read_at: row.map(|row| timestamp(row.read_at)),
            slots: slots.collect(),
            changes: match (row, earlier) {
                (Some(_), Some(earlier)) => overlay.differences(&earlier),
                _ => Vec::new(),
            },
            problems,
        })
    }
}

fn stored(row: &FieldsRow) -> Result<Overlay, ControlError> {
    serde_json::from_str(&row.fields)
        .map_err(|_| ControlError::Internal("the stored fields of an account cannot be read".to_owned()))
}

/// All records that tell about members.
async fn listed(connection: &Connection, definitions: &Definitions) -> Result<Vec<Value>, Error> {
    let operation = connection.integration().operation(definitions.operation);
    let operation = operation.ok_or_else(|| {
        Error::deskhand(
            deskhand_runtime::error::Code::Internal,
            "the operation that lists fields is not there",
        )
    })?;
    let arguments: Map<String, Value> = serde_json::from_str(definitions.arguments).unwrap_or_default();
    let most = match definitions.keys {
        DynamicKeys::Of(_) => MAX_PAGES,
        DynamicKeys::Members(_) => MAX_SAMPLE_PAGES,
    };
    let mut records = Vec::new();
    let mut state = None;
    for _ in 0..most {
        let ran = connection.run(operation, arguments.clone(), state.as_ref()).await?;
        if let Content::List { items, .. } = ran.outcome.content {
            records.extend(items);
        }
        state = ran.next;
        if state.is_none() {
            break;
        }
    }
    Ok(records)
}
