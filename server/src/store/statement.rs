//! One SQL statement with its values, and the rows that it gives. SQLite and PostgreSQL read the same SQL.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AnyConnection, Arguments as _, AssertSqlSafe, Row as _};

use super::StoreError;
use crate::vault::Sealed;

/// SQL whose values `$1`, `$2`… stand beside it: no value is ever part of the text.
pub(super) struct Statement {
    sql: Cow<'static, str>,
    values: AnyArguments,
    /// Whether both databases can keep all values.
    storable: bool,
}

/// A value of a statement.
pub(super) enum Value<'v> {
    Text(Option<Cow<'v, str>>),
    Number(Option<i64>),
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl<'v> From<&'v String> for Value<'v> {
    fn from(text: &'v String) -> Self {
        text.as_str().into()
    }
}

impl<'v> From<&'v Option<String>> for Value<'v> {
    fn from(text: &'v Option<String>) -> Self {
        Self::Text(text.as_deref().map(Cow::from))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Some(text.into()))
    }
}

impl From<&Map<String, Json>> for Value<'_> {
    fn from(object: &Map<String, Json>) -> Self {
        // A map with string keys has a text form always.
        serde_json::to_string(object).unwrap_or_default().into()
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl Statement {
    pub(super) fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self {
            sql: sql.into(),
            values: AnyArguments::default(),
            storable: true,
        }
    }

    /// Adds the value of the next number.
    pub(super) fn bind<'v>(mut self, value: impl Into<Value<'v>>) -> Self {
        let added = match value.into() {
            Value::Text(text) => {
                // PostgreSQL has no text with this character.
                self.storable &= text.as_ref().is_none_or(|text| !text.contains('\0'));
                self.values.add(text.map(Cow::into_owned))
            }
            Value::Number(number) => self.values.add(number),
        };
        self.storable &= added.is_ok();
        self
    }

    /// Adds SQL.
    pub(super) fn sql(mut self, sql: &'static str) -> Self {
        self.sql.to_mut().push_str(sql);
        self
    }

    /// Adds SQL that ends with a value.
    pub(super) fn with<'v>(self, sql: &'static str, value: impl Into<Value<'v>>) -> Self {
        let mut grown = self.sql(sql).bind(value);
        let number = grown.values.len();
        grown.sql.to_mut().push_str(&format!("${number}"));
        grown
    }

    /// The same, if there is a value.
    pub(super) fn with_any<'v, V: Into<Value<'v>>>(self, sql: &'static str, value: Option<V>) -> Self {
        match value {
            Some(value) => self.with(sql, value),
            None => self,
        }
    }

    fn prepared(self) -> Result<sqlx::query::Query<'static, Any, AnyArguments>, StoreError> {
        if !self.storable {
            return Err(StoreError::Unstorable);
        }
        Ok(match self.sql {
            Cow::Borrowed(sql) => sqlx::query_with(sql, self.values),
            // Built from constant pieces by the methods above.
            Cow::Owned(sql) => sqlx::query_with(AssertSqlSafe(sql), self.values),
        })
    }

    /// Runs it; says how many rows it has changed.
    pub(super) async fn run(self, connection: &mut AnyConnection) -> Result<u64, StoreError> {
        Ok(self.prepared()?.execute(connection).await?.rows_affected())
    }

    /// Runs it; gives the rows that it found.
    pub(super) async fn rows(self, connection: &mut AnyConnection) -> Result<Vec<AnyRow>, StoreError> {
        Ok(self.prepared()?.fetch_all(connection).await?)
    }
}

/// The columns of a row, read from left to right.
pub(super) struct Columns<'r> {
    row: &'r AnyRow,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(super) fn of(row: &'r AnyRow) -> Self {
        Self { row, next: 0 }
    }

    fn next<T: sqlx::Decode<'r, Any> + sqlx::Type<Any>>(&mut self) -> Result<T, StoreError> {
        self.next += 1;
        // What the driver says about a value it did not expect could hold the value.
        self.row
            .try_get(self.next - 1)
            .map_err(|_| unreadable("is not of the type it was made with"))
    }

    pub(super) fn text(&mut self) -> Result<String, StoreError> {
        self.next()
    }

    pub(super) fn optional_text(&mut self) -> Result<Option<String>, StoreError> {
        self.next()
    }

    pub(super) fn number(&mut self) -> Result<i64, StoreError> {
        self.next()
    }

    pub(super) fn optional_number(&mut self) -> Result<Option<i64>, StoreError> {
        self.next()
    }

    pub(super) fn object(&mut self) -> Result<Map<String, Json>, StoreError> {
        serde_json::from_str(&self.text()?).map_err(|_| unreadable("should be a JSON object"))
    }

    pub(super) fn sealed(&mut self) -> Result<Sealed, StoreError> {
        Ok(Sealed {
            key_id: self.text()?,
            text: self.text()?,
        })
    }
}

/// A stored value was changed by somebody else.
pub(super) fn unreadable(why: &str) -> StoreError {
    StoreError::Unavailable(format!("a value in it {why}; it was not written by this program"))
}
