//! The store in SQLite or PostgreSQL.

use std::fmt;

use async_trait::async_trait;

use super::database::{Database, Transaction, Turn};
use super::statement::{Columns, Statement, unreadable};
use super::{
    AccountFilter, AccountRow, AccountStatus, ApiTokenRow, CallFilter, CallRow, FieldsRow, McpGrant, McpServerRow,
    Millis, Page, SealedAt, Store, StoreError, call_ids_from,
};
use crate::token::TokenHash;
use crate::vault::Sealed;

const SELECT_ACCOUNT: &str = "SELECT id, integration, name, tenant_id, status, variables, base_url, key_id, \
                              credentials, revision, created_at, updated_at, (SELECT COUNT(*) FROM oauth_grants g \
                              WHERE g.account_id = accounts.id) FROM accounts";
const SELECT_MCP_SERVER: &str =
    "SELECT id, account_id, name, config, expires_at, revision, created_at, updated_at FROM mcp_servers";
const SELECT_API_TOKEN: &str = "SELECT id, name, account_id, created_at, expires_at FROM api_tokens";
const SELECT_CALL: &str = "SELECT id, at, account_id, mcp_server_id, integration, tool, method, door, status, code, \
                           duration_ms, upstream_ms, client_name, client_version, request_id FROM calls";
const SELECT_GRANT: &str = "SELECT t.expires_at, s.id, s.account_id, s.name, s.config, s.expires_at, s.revision, \
                            s.created_at, s.updated_at, a.id, a.integration, a.name, a.tenant_id, a.status, \
                            a.variables, a.base_url, a.key_id, a.credentials, a.revision, a.created_at, a.updated_at, \
                            (SELECT COUNT(*) FROM oauth_grants g WHERE g.account_id = a.id) FROM mcp_tokens t JOIN mcp_servers s ON s.id = t.mcp_server_id \
                            JOIN accounts a ON a.id = s.account_id \
                            WHERE t.hash = $1 AND (t.expires_at IS NULL OR t.expires_at > $2) \
                            AND (s.expires_at IS NULL OR s.expires_at > $2)";
const INSERT_CALL: &str = "INSERT INTO calls (id, at, account_id, mcp_server_id, integration, tool, method, door, \
                           status, code, duration_ms, upstream_ms, client_name, client_version, request_id) VALUES ";
/// How many values a logged call has.
const CALL_VALUES: usize = 15;
/// How many calls one statement adds: few different statements, to be prepared once each.
const CALLS_AT_ONCE: [usize; 3] = [16, 4, 1];

/// A store in an SQLite file or a PostgreSQL database. Copies share its connections.
#[derive(Clone)]
pub struct SqlStore {
    pub(super) database: Database,
}

/// Shows no password.
impl fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqlStore").field(&self.database.name()).finish()
    }
}

impl SqlStore {
    /// Opens the database that `url` names and brings its tables up to date: `postgres://…`, or `sqlite:` and a path,
    /// or a path alone. An SQLite file is made when it does not exist, and only its owner may read it.
    ///
    /// # Errors
    /// When the database cannot be used, or a newer version of this program has used it.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let database = Database::open(url).await?;
        Ok(Self { database })
    }

    /// Closes all connections, when those in use have been given back. SQLite then leaves one file.
    pub async fn close(&self) {
        self.database.close().await;
    }

    pub(super) async fn all<T>(&self, statement: Statement, read: Reader<T>) -> Result<Vec<T>, StoreError> {
        let rows = self.database.rows(statement).await?;
        rows.iter().map(|row| read(&mut Columns::of(row))).collect()
    }

    pub(super) async fn one<T>(&self, statement: Statement, read: Reader<T>) -> Result<Option<T>, StoreError> {
        let rows = self.database.rows(statement).await?;
        rows.first().map(|row| read(&mut Columns::of(row))).transpose()
    }

    /// Makes one change of accounts, MCP servers or tokens; says whether it has changed anything.
    async fn change(&self, statement: Statement) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let changed = transaction.run(statement).await? > 0;
        transaction.commit_if(changed).await
    }

    /// Makes one change that nobody has to look for; says whether it has changed anything.
    pub(super) async fn quietly(&self, statement: Statement) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let changed = transaction.run(statement).await? > 0;
        transaction.commit().await?;
        Ok(changed)
    }

    /// Deletes one row and what hangs on it; says whether it was there.
    async fn delete(&self, statement: Statement) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        transaction.wait_for(Turn::Delete).await?;
        let deleted = transaction.run(statement).await? > 0;
        transaction.commit_if(deleted).await
    }
}

/// Reads the columns of one row.
pub(super) type Reader<T> = fn(&mut Columns<'_>) -> Result<T, StoreError>;

fn account(columns: &mut Columns<'_>) -> Result<AccountRow, StoreError> {
    Ok(AccountRow {
        id: columns.text()?,
        integration: columns.text()?,
        name: columns.text()?,
        tenant_id: columns.optional_text()?,
        status: AccountStatus::from_word(&columns.text()?)
            .ok_or_else(|| unreadable("should be the status of an account"))?,
        variables: columns.object()?,
        base_url: columns.optional_text()?,
        credentials: columns.sealed()?,
        revision: columns.number()?,
        created_at: columns.number()?,
        updated_at: columns.number()?,
        granted: columns.number()? > 0,
    })
}

fn mcp_server(columns: &mut Columns<'_>) -> Result<McpServerRow, StoreError> {
    Ok(McpServerRow {
        id: columns.text()?,
        account_id: columns.text()?,
        name: columns.text()?,
        config: columns.object()?,
        expires_at: columns.optional_number()?,
        revision: columns.number()?,
        created_at: columns.number()?,
        updated_at: columns.number()?,
    })
}

fn grant(columns: &mut Columns<'_>) -> Result<McpGrant, StoreError> {
    Ok(McpGrant {
        token_expires_at: columns.optional_number()?,
        server: mcp_server(columns)?,
        account: account(columns)?,
    })
}

fn api_token(columns: &mut Columns<'_>) -> Result<ApiTokenRow, StoreError> {
    Ok(ApiTokenRow {
        id: columns.text()?,
        name: columns.text()?,
        account_id: columns.optional_text()?,
        created_at: columns.number()?,
        expires_at: columns.optional_number()?,
    })
}

fn call(columns: &mut Columns<'_>) -> Result<CallRow, StoreError> {
    Ok(CallRow {
        id: columns.text()?,
        at: columns.number()?,
        account_id: columns.text()?,
        mcp_server_id: columns.optional_text()?,
        integration: columns.text()?,
        tool: columns.text()?,
        method: columns.text()?,
        door: columns.text()?,
        status: columns.optional_number()?,
        code: columns.text()?,
        duration_ms: columns.number()?,
        upstream_ms: columns.optional_number()?,
        client_name: columns.optional_text()?,
        client_version: columns.optional_text()?,
        request_id: columns.optional_text()?,
    })
}

fn sealed_account(columns: &mut Columns<'_>) -> Result<SealedAt, StoreError> {
    Ok(SealedAt {
        kind: "account",
        id: columns.text()?,
        sealed: columns.sealed()?,
    })
}

fn sealed_grant(columns: &mut Columns<'_>) -> Result<SealedAt, StoreError> {
    Ok(SealedAt {
        kind: "grant",
        ..sealed_account(columns)?
    })
}

fn sealed_flow(columns: &mut Columns<'_>) -> Result<SealedAt, StoreError> {
    Ok(SealedAt {
        kind: "flow",
        ..sealed_account(columns)?
    })
}

fn sealed_setting(columns: &mut Columns<'_>) -> Result<SealedAt, StoreError> {
    Ok(SealedAt {
        kind: "setting",
        ..sealed_account(columns)?
    })
}

impl Statement {
    /// Newest first: the rows of one page.
    fn paged(self, after: &'static str, order: &'static str, page: &Page) -> Self {
        let narrowed = match &page.after {
            Some((at, id)) => self.with(after, *at).with(", ", id).sql(")"),
            None => self,
        };
        narrowed.with(order, i64::from(page.limit))
    }

    pub(super) fn page(self, page: &Page) -> Self {
        self.paged(
            " AND (created_at, id) < (",
            " ORDER BY created_at DESC, id DESC LIMIT ",
            page,
        )
    }

    /// Only what has not ended.
    fn alive(self, now: Millis) -> Self {
        self.with(" AND (expires_at IS NULL OR expires_at > ", now).sql(")")
    }

    fn bind_api_token(self, row: &ApiTokenRow, token: &TokenHash) -> Self {
        self.bind(&row.id)
            .bind(token.to_text())
            .bind(&row.name)
            .bind(&row.account_id)
            .bind(row.created_at)
            .bind(row.expires_at)
    }

    fn bind_call(self, call: &CallRow) -> Self {
        self.bind(&call.id)
            .bind(call.at)
            .bind(&call.account_id)
            .bind(&call.mcp_server_id)
            .bind(&call.integration)
            .bind(&call.tool)
            .bind(&call.method)
            .bind(&call.door)
            .bind(call.status)
            .bind(&call.code)
            .bind(call.duration_ms)
            .bind(call.upstream_ms)
            .bind(&without_nul(&call.client_name))
            .bind(&without_nul(&call.client_version))
            .bind(&without_nul(&call.request_id))
    }
}

/// What a client calls itself is not checked, and must not spoil the log.
fn without_nul(text: &Option<String>) -> Option<String> {
    text.as_ref().map(|text| text.replace('\0', "\u{fffd}"))
}

pub(super) fn insert_account(account: &AccountRow) -> Statement {
    Statement::new(
        "INSERT INTO accounts (id, integration, name, tenant_id, status, variables, base_url, key_id, credentials, \
         revision, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(&account.id)
    .bind(&account.integration)
    .bind(&account.name)
    .bind(&account.tenant_id)
    .bind(account.status.word())
    .bind(&account.variables)
    .bind(&account.base_url)
    .bind(&account.credentials.key_id)
    .bind(&account.credentials.text)
    .bind(account.revision)
    .bind(account.created_at)
    .bind(account.updated_at)
}

/// Replaces an account that has the revision before.
pub(super) fn update_account(account: &AccountRow) -> Statement {
    Statement::new(
        "UPDATE accounts SET integration = $2, name = $3, tenant_id = $4, status = $5, variables = $6, \
         base_url = $7, key_id = $8, credentials = $9, revision = $10, updated_at = $11 \
         WHERE id = $1 AND revision = $12",
    )
    .bind(&account.id)
    .bind(&account.integration)
    .bind(&account.name)
    .bind(&account.tenant_id)
    .bind(account.status.word())
    .bind(&account.variables)
    .bind(&account.base_url)
    .bind(&account.credentials.key_id)
    .bind(&account.credentials.text)
    .bind(account.revision)
    .bind(account.updated_at)
    .bind(account.revision - 1)
}

async fn insert_mcp_token(transaction: &mut Transaction, server: &str, token: &TokenHash) -> Result<(), StoreError> {
    let insert = Statement::new("INSERT INTO mcp_tokens (hash, mcp_server_id) VALUES ($1, $2)")
        .bind(token.to_text())
        .bind(server);
    transaction.run(insert).await.map(drop)
}

fn insert_calls_sql(rows: usize, transaction: &Transaction) -> String {
    let row = |row: usize| {
        let values = (1..=CALL_VALUES).map(|value| transaction.next_value(row * CALL_VALUES + value));
        format!("({})", values.collect::<Vec<_>>().join(", "))
    };
    let all: Vec<String> = (0..rows).map(row).collect();
    format!("{INSERT_CALL}{}", all.join(", "))
}

#[async_trait]
impl Store for SqlStore {
    async fn ping(&self) -> Result<(), StoreError> {
        self.epoch().await.map(drop)
    }

    async fn epoch(&self) -> Result<i64, StoreError> {
        let found = self
            .one(Statement::new("SELECT value FROM epoch"), |columns| columns.number())
            .await?;
        found.ok_or_else(|| unreadable("is gone"))
    }

    async fn setting(&self, name: &str) -> Result<Option<Sealed>, StoreError> {
        let select = Statement::new("SELECT key_id, sealed FROM settings WHERE name = $1").bind(name);
        self.one(select, |columns| columns.sealed()).await
    }

    async fn setting_or_insert(&self, name: &str, sealed: &Sealed) -> Result<Sealed, StoreError> {
        let mut transaction = self.database.begin().await?;
        let insert = Statement::new(
            "INSERT INTO settings (name, key_id, sealed) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
        );
        transaction
            .run(insert.bind(name).bind(&sealed.key_id).bind(&sealed.text))
            .await?;
        transaction.commit().await?;
        let kept = self.setting(name).await?;
        kept.ok_or_else(|| unreadable("is gone"))
    }

    async fn insert_account(&self, account: &AccountRow) -> Result<(), StoreError> {
        self.change(insert_account(account)).await.map(drop)
    }

    async fn account(&self, id: &str) -> Result<Option<AccountRow>, StoreError> {
        self.one(Statement::new(SELECT_ACCOUNT).with(" WHERE id = ", id), account)
            .await
    }

    async fn accounts(&self, filter: &AccountFilter, page: &Page) -> Result<Vec<AccountRow>, StoreError> {
        let select = Statement::new(SELECT_ACCOUNT)
            .sql(" WHERE 1 = 1")
            .with_any(" AND id = ", filter.id.as_ref())
            .with_any(" AND integration = ", filter.integration.as_ref())
            .with_any(" AND tenant_id = ", filter.tenant_id.as_ref())
            .with_any(" AND status = ", filter.status.map(AccountStatus::word));
        self.all(select.page(page), account).await
    }

    async fn update_account(&self, account: &AccountRow) -> Result<bool, StoreError> {
        self.change(update_account(account)).await
    }

    async fn set_account_status(
        &self,
        id: &str,
        revision: i64,
        status: AccountStatus,
        at: Millis,
    ) -> Result<bool, StoreError> {
        let update = Statement::new(
            "UPDATE accounts SET status = $3, updated_at = $4 WHERE id = $1 AND revision = $2 AND status <> $3",
        );
        self.change(update.bind(id).bind(revision).bind(status.word()).bind(at))
            .await
    }

    async fn delete_account(&self, id: &str) -> Result<bool, StoreError> {
        self.delete(Statement::new("DELETE FROM accounts WHERE id = $1").bind(id))
            .await
    }

    async fn account_fields(&self, account_id: &str, number: Option<i64>) -> Result<Option<FieldsRow>, StoreError> {
        let select = Statement::new("SELECT number, fields, read_at FROM account_fields")
            .with(" WHERE account_id = ", account_id)
            .with_any(" AND number = ", number)
            .sql(" ORDER BY number DESC LIMIT 1");
        self.one(select, |columns| {
            Ok(FieldsRow {
                number: columns.number()?,
                fields: columns.text()?,
                read_at: columns.number()?,
            })
        })
        .await
    }

    async fn insert_account_fields(&self, account_id: &str, row: &FieldsRow, keep: u32) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        let insert =
            Statement::new("INSERT INTO account_fields (account_id, number, fields, read_at) VALUES ($1, $2, $3, $4)");
        transaction
            .run(
                insert
                    .bind(account_id)
                    .bind(row.number)
                    .bind(&row.fields)
                    .bind(row.read_at),
            )
            .await?;
        let forget = Statement::new("DELETE FROM account_fields WHERE account_id = $1 AND number <= $2");
        transaction
            .run(forget.bind(account_id).bind(row.number - i64::from(keep)))
            .await?;
        let touch = Statement::new("UPDATE accounts SET revision = revision + 1 WHERE id = $1");
        transaction.run(touch.bind(account_id)).await?;
        transaction.commit_as_change().await
    }

    async fn claim_field_read(&self, account_id: &str, now: Millis, since: Millis) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let claim = Statement::new(
            "INSERT INTO account_field_reads (account_id, asked_at) VALUES ($1, $2) ON CONFLICT (account_id) \
             DO UPDATE SET asked_at = $2 WHERE account_field_reads.asked_at < $3",
        );
        let claimed = transaction.run(claim.bind(account_id).bind(now).bind(since)).await? > 0;
        // No change of the account: nobody has to look again.
        transaction.commit().await?;
        Ok(claimed)
    }

    async fn insert_mcp_server(&self, server: &McpServerRow, token: &TokenHash) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        let insert = Statement::new(
            "INSERT INTO mcp_servers (id, account_id, name, config, expires_at, revision, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&server.id)
        .bind(&server.account_id)
        .bind(&server.name)
        .bind(&server.config)
        .bind(server.expires_at)
        .bind(server.revision)
        .bind(server.created_at)
        .bind(server.updated_at);
        transaction.run(insert).await?;
        insert_mcp_token(&mut transaction, &server.id, token).await?;
        transaction.commit_as_change().await
    }

    async fn mcp_server(&self, account_id: &str, id: &str, now: Millis) -> Result<Option<McpServerRow>, StoreError> {
        let select = Statement::new(SELECT_MCP_SERVER)
            .with(" WHERE id = ", id)
            .with(" AND account_id = ", account_id)
            .alive(now);
        self.one(select, mcp_server).await
    }

    async fn find_mcp_server(&self, id: &str, now: Millis) -> Result<Option<McpServerRow>, StoreError> {
        let select = Statement::new(SELECT_MCP_SERVER).with(" WHERE id = ", id).alive(now);
        self.one(select, mcp_server).await
    }

    async fn mcp_servers(&self, account_id: &str, now: Millis, page: &Page) -> Result<Vec<McpServerRow>, StoreError> {
        let select = Statement::new(SELECT_MCP_SERVER)
            .with(" WHERE account_id = ", account_id)
            .alive(now);
        self.all(select.page(page), mcp_server).await
    }

    async fn update_mcp_server(&self, server: &McpServerRow) -> Result<bool, StoreError> {
        let update = Statement::new(
            "UPDATE mcp_servers SET name = $3, config = $4, expires_at = $5, revision = $6, updated_at = $7 \
             WHERE id = $1 AND account_id = $2 AND revision = $8",
        )
        .bind(&server.id)
        .bind(&server.account_id)
        .bind(&server.name)
        .bind(&server.config)
        .bind(server.expires_at)
        .bind(server.revision)
        .bind(server.updated_at)
        .bind(server.revision - 1);
        self.change(update).await
    }

    async fn rotate_mcp_token(
        &self,
        account_id: &str,
        id: &str,
        token: &TokenHash,
        old_until: Millis,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        // The server's row goes first: whoever else rotates or deletes waits there.
        let touch = Statement::new("UPDATE mcp_servers SET updated_at = $1 WHERE id = $2 AND account_id = $3")
            .bind(now)
            .bind(id)
            .bind(account_id)
            .alive(now);
        if transaction.run(touch).await? == 0 {
            transaction.undo().await?;
            return Ok(false);
        }
        let end = Statement::new(
            "UPDATE mcp_tokens SET expires_at = $2 WHERE mcp_server_id = $1 \
             AND (expires_at IS NULL OR expires_at > $2)",
        );
        transaction.run(end.bind(id).bind(old_until)).await?;
        insert_mcp_token(&mut transaction, id, token).await?;
        transaction.commit_as_change().await?;
        Ok(true)
    }

    async fn delete_mcp_server(&self, account_id: &str, id: &str) -> Result<bool, StoreError> {
        let delete = Statement::new("DELETE FROM mcp_servers WHERE id = $1 AND account_id = $2");
        self.delete(delete.bind(id).bind(account_id)).await
    }

    async fn mcp_grant(&self, token: &TokenHash, now: Millis) -> Result<Option<McpGrant>, StoreError> {
        self.one(Statement::new(SELECT_GRANT).bind(token.to_text()).bind(now), grant)
            .await
    }

    async fn insert_api_token(&self, row: &ApiTokenRow, token: &TokenHash) -> Result<(), StoreError> {
        let insert = Statement::new(
            "INSERT INTO api_tokens (id, hash, name, account_id, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        );
        self.change(insert.bind_api_token(row, token)).await.map(drop)
    }

    async fn insert_first_api_token(&self, row: &ApiTokenRow, token: &TokenHash) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        transaction.wait_for(Turn::FirstToken).await?;
        let insert = Statement::new(
            "INSERT INTO api_tokens (id, hash, name, account_id, created_at, expires_at) \
             SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT 1 FROM api_tokens)",
        );
        let inserted = transaction.run(insert.bind_api_token(row, token)).await? > 0;
        transaction.commit_if(inserted).await
    }

    async fn api_token(&self, token: &TokenHash, now: Millis) -> Result<Option<ApiTokenRow>, StoreError> {
        let select = Statement::new(SELECT_API_TOKEN)
            .with(" WHERE hash = ", token.to_text())
            .alive(now);
        self.one(select, api_token).await
    }

    async fn api_tokens(
        &self,
        account_id: Option<&str>,
        now: Millis,
        page: &Page,
    ) -> Result<Vec<ApiTokenRow>, StoreError> {
        let select = Statement::new(SELECT_API_TOKEN)
            .sql(" WHERE 1 = 1")
            .with_any(" AND account_id = ", account_id)
            .alive(now);
        self.all(select.page(page), api_token).await
    }

    async fn delete_api_token(&self, id: &str) -> Result<bool, StoreError> {
        self.delete(Statement::new("DELETE FROM api_tokens WHERE id = $1").bind(id))
            .await
    }

    async fn delete_expired(&self, now: Millis) -> Result<u64, StoreError> {
        // Mostly there is nothing, and then nobody has to wait.
        let any = Statement::new(
            "SELECT 1 FROM mcp_servers WHERE expires_at <= $1 UNION ALL \
             SELECT 1 FROM mcp_tokens WHERE expires_at <= $1 UNION ALL \
             SELECT 1 FROM api_tokens WHERE expires_at <= $1 UNION ALL \
             SELECT 1 FROM connect_links WHERE expires_at <= $1 UNION ALL \
             SELECT 1 FROM connect_flows WHERE expires_at <= $1 LIMIT 1",
        );
        if self.database.rows(any.bind(now)).await?.is_empty() {
            return Ok(0);
        }
        let mut transaction = self.database.begin().await?;
        transaction.wait_for(Turn::Delete).await?;
        let mut deleted = 0;
        for delete in [
            "DELETE FROM mcp_servers WHERE expires_at <= $1",
            "DELETE FROM mcp_tokens WHERE expires_at <= $1",
            "DELETE FROM api_tokens WHERE expires_at <= $1",
            "DELETE FROM connect_links WHERE expires_at <= $1",
            "DELETE FROM connect_flows WHERE expires_at <= $1",
        ] {
            deleted += transaction.run(Statement::new(delete).bind(now)).await?;
        }
        transaction.commit_if(deleted > 0).await?;
        Ok(deleted)
    }

    async fn sealed_with_other_keys(&self, key_id: &str, limit: u32) -> Result<Vec<SealedAt>, StoreError> {
        let limit = i64::from(limit);
        let mut found = Vec::new();
        let places: [(&'static str, Reader<SealedAt>); 4] = [
            (
                "SELECT name, key_id, sealed FROM settings WHERE key_id <> $1 ORDER BY name LIMIT $2",
                sealed_setting,
            ),
            (
                "SELECT id, key_id, credentials FROM accounts WHERE key_id <> $1 ORDER BY id LIMIT $2",
                sealed_account,
            ),
            (
                "SELECT account_id, key_id, sealed FROM oauth_grants WHERE key_id <> $1 ORDER BY account_id LIMIT $2",
                sealed_grant,
            ),
            (
                "SELECT state_hash, key_id, sealed FROM connect_flows WHERE key_id <> $1 ORDER BY state_hash LIMIT $2",
                sealed_flow,
            ),
        ];
        for (select, read) in places {
            let left = limit.saturating_sub_unsigned(found.len() as u64);
            found.extend(self.all(Statement::new(select).bind(key_id).bind(left), read).await?);
        }
        Ok(found)
    }

    async fn reseal(&self, at: &SealedAt, new: &Sealed) -> Result<bool, StoreError> {
        let bound = |sql| {
            Statement::new(sql)
                .bind(&at.id)
                .bind(&at.sealed.key_id)
                .bind(&at.sealed.text)
                .bind(&new.key_id)
                .bind(&new.text)
        };
        match at.kind {
            "account" => {
                let update = "UPDATE accounts SET key_id = $4, credentials = $5, revision = revision + 1 \
                              WHERE id = $1 AND key_id = $2 AND credentials = $3";
                self.change(bound(update)).await
            }
            "setting" => {
                let update = "UPDATE settings SET key_id = $4, sealed = $5 \
                              WHERE name = $1 AND key_id = $2 AND sealed = $3";
                self.quietly(bound(update)).await
            }
            "grant" => {
                let update = "UPDATE oauth_grants SET key_id = $4, sealed = $5 \
                              WHERE account_id = $1 AND key_id = $2 AND sealed = $3";
                self.quietly(bound(update)).await
            }
            "flow" => {
                let update = "UPDATE connect_flows SET key_id = $4, sealed = $5 \
                              WHERE state_hash = $1 AND key_id = $2 AND sealed = $3";
                self.quietly(bound(update)).await
            }
            other => Err(unreadable(&format!("is called `{other}`, which is never sealed"))),
        }
    }

    async fn insert_calls(&self, calls: &[CallRow]) -> Result<(), StoreError> {
        if calls.is_empty() {
            return Ok(());
        }
        let mut transaction = self.database.begin().await?;
        let mut left = calls;
        for rows in CALLS_AT_ONCE {
            if left.len() < rows {
                continue;
            }
            let sql = insert_calls_sql(rows, &transaction);
            while let Some((some, rest)) = left.split_at_checked(rows) {
                let insert = Statement::new(sql.clone());
                transaction.run(some.iter().fold(insert, Statement::bind_call)).await?;
                left = rest;
            }
        }
        transaction.commit().await
    }

    async fn calls(&self, filter: &CallFilter, page: &Page) -> Result<Vec<CallRow>, StoreError> {
        // Few calls fail: naming that lets an index of those alone be used, whatever the code is.
        let (failed, code) = match filter.code.as_deref() {
            None => ("", None),
            Some("error") => (" AND code <> 'ok'", None),
            Some("ok") => ("", Some("ok")),
            Some(code) => (" AND code <> 'ok'", Some(code)),
        };
        let select = Statement::new(SELECT_CALL)
            .sql(" WHERE 1 = 1")
            .sql(failed)
            .with_any(" AND code = ", code)
            .with_any(" AND account_id = ", filter.account_id.as_ref())
            .with_any(" AND mcp_server_id = ", filter.mcp_server_id.as_ref())
            .with_any(" AND tool = ", filter.tool.as_ref())
            .with_any(" AND at >= ", filter.since)
            .with_any(" AND at < ", filter.until)
            .with_any(" AND id >= ", filter.ended_since.map(call_ids_from));
        self.all(
            select.paged(" AND (at, id) < (", " ORDER BY at DESC, id DESC LIMIT ", page),
            call,
        )
        .await
    }

    async fn delete_calls_before(&self, before: Millis, limit: u32) -> Result<u64, StoreError> {
        let any = Statement::new("SELECT 1 FROM calls WHERE at < $1 LIMIT 1").bind(before);
        if self.database.rows(any).await?.is_empty() {
            return Ok(0);
        }
        let mut transaction = self.database.begin().await?;
        transaction.wait_for(Turn::Log).await?;
        let delete = Statement::new(
            "DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE at < $1 ORDER BY at, id LIMIT $2)",
        );
        let deleted = transaction.run(delete.bind(before).bind(i64::from(limit))).await?;
        transaction.commit().await?;
        Ok(deleted)
    }
}
