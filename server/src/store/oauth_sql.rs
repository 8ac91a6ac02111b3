//! OAuth2 in SQLite or PostgreSQL.

use async_trait::async_trait;

use super::database::Turn;
use super::oauth::{ConnectFlowRow, ConnectLinkRow, OAuthGrantRow, OAuthStore};
use super::sql::{SqlStore, insert_account, update_account};
use super::statement::{Columns, Statement, unreadable};
use super::{AccountRow, Millis, Page, StoreError};
use crate::token::TokenHash;

const SELECT_LINK: &str = "SELECT id, integration, name, tenant_id, variables, base_url, account_id, created_at, \
                           expires_at, used_at FROM connect_links";

fn link(columns: &mut Columns<'_>) -> Result<ConnectLinkRow, StoreError> {
    Ok(ConnectLinkRow {
        id: columns.text()?,
        integration: columns.text()?,
        name: columns.text()?,
        tenant_id: columns.optional_text()?,
        variables: columns.object()?,
        base_url: columns.optional_text()?,
        account_id: columns.optional_text()?,
        created_at: columns.number()?,
        expires_at: columns.number()?,
        used_at: columns.optional_number()?,
    })
}

fn grant(columns: &mut Columns<'_>) -> Result<OAuthGrantRow, StoreError> {
    Ok(OAuthGrantRow {
        account_id: columns.text()?,
        sealed: columns.sealed()?,
        expires_at: columns.optional_number()?,
        revision: columns.number()?,
        lease_until: columns.optional_number()?,
    })
}

fn flow(columns: &mut Columns<'_>) -> Result<ConnectFlowRow, StoreError> {
    Ok(ConnectFlowRow {
        link_id: columns.text()?,
        browser_hash: TokenHash::from_text(&columns.text()?).ok_or_else(|| unreadable("should be a hash"))?,
        verifier: columns.sealed()?,
        variables: columns.object()?,
        created_at: columns.number()?,
        expires_at: columns.number()?,
    })
}

#[async_trait]
impl OAuthStore for SqlStore {
    async fn oauth_grant(&self, account_id: &str) -> Result<Option<OAuthGrantRow>, StoreError> {
        let select = Statement::new(
            "SELECT account_id, key_id, sealed, expires_at, revision, lease_until FROM oauth_grants \
             WHERE account_id = $1",
        );
        self.one(select.bind(account_id), grant).await
    }

    async fn lease_grant(
        &self,
        account_id: &str,
        revision: i64,
        holder: &str,
        now: Millis,
        until: Millis,
    ) -> Result<bool, StoreError> {
        let lease = Statement::new(
            "UPDATE oauth_grants SET lease_holder = $3, lease_until = $5 WHERE account_id = $1 AND revision = $2 \
             AND (lease_until IS NULL OR lease_until <= $4)",
        );
        self.quietly(lease.bind(account_id).bind(revision).bind(holder).bind(now).bind(until))
            .await
    }

    async fn release_grant(&self, account_id: &str, holder: &str) -> Result<(), StoreError> {
        let release = Statement::new(
            "UPDATE oauth_grants SET lease_holder = NULL, lease_until = NULL WHERE account_id = $1 \
             AND lease_holder = $2",
        );
        self.quietly(release.bind(account_id).bind(holder)).await.map(drop)
    }

    async fn replace_grant(&self, grant: &OAuthGrantRow, holder: Option<&str>) -> Result<bool, StoreError> {
        let replace = Statement::new(
            "UPDATE oauth_grants SET key_id = $2, sealed = $3, expires_at = $4, revision = $5, lease_holder = NULL, \
             lease_until = NULL WHERE account_id = $1 AND revision = $6",
        )
        .bind(&grant.account_id)
        .bind(&grant.sealed.key_id)
        .bind(&grant.sealed.text)
        .bind(grant.expires_at)
        .bind(grant.revision)
        .bind(grant.revision - 1)
        .with_any(" AND lease_holder = ", holder);
        self.quietly(replace).await
    }

    async fn connect_account(
        &self,
        link_id: &str,
        now: Millis,
        account: &AccountRow,
        grant: &OAuthGrantRow,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let used = Statement::new(
            "UPDATE connect_links SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND expires_at > $2",
        );
        // The account comes first, as for those who delete it with its links: nobody waits crosswise.
        let kept = transaction
            .run(match account.revision {
                1 => insert_account(account),
                _ => update_account(account),
            })
            .await?
            > 0
            && transaction.run(used.bind(link_id).bind(now)).await? > 0;
        if kept {
            let keep = Statement::new(
                "INSERT INTO oauth_grants (account_id, key_id, sealed, expires_at, revision) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id) DO UPDATE SET key_id = $2, sealed = $3, \
                 expires_at = $4, revision = oauth_grants.revision + 1, lease_holder = NULL, lease_until = NULL",
            )
            .bind(&account.id)
            .bind(&grant.sealed.key_id)
            .bind(&grant.sealed.text)
            .bind(grant.expires_at)
            .bind(grant.revision);
            transaction.run(keep).await?;
        }
        transaction.commit_if(kept).await
    }

    async fn update_account_without_grant(&self, account: &AccountRow) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let updated = transaction.run(update_account(account)).await? > 0;
        if updated {
            let end = Statement::new("DELETE FROM oauth_grants WHERE account_id = $1").bind(&account.id);
            transaction.run(end).await?;
        }
        transaction.commit_if(updated).await
    }

    async fn insert_connect_link(&self, link: &ConnectLinkRow, hash: &TokenHash) -> Result<(), StoreError> {
        let insert = Statement::new(
            "INSERT INTO connect_links (id, hash, integration, name, tenant_id, variables, base_url, account_id, \
             created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&link.id)
        .bind(hash.to_text())
        .bind(&link.integration)
        .bind(&link.name)
        .bind(&link.tenant_id)
        .bind(&link.variables)
        .bind(&link.base_url)
        .bind(&link.account_id)
        .bind(link.created_at)
        .bind(link.expires_at);
        self.quietly(insert).await.map(drop)
    }

    async fn connect_link(&self, hash: &TokenHash, now: Millis) -> Result<Option<ConnectLinkRow>, StoreError> {
        let select = Statement::new(SELECT_LINK)
            .with(" WHERE hash = ", hash.to_text())
            .with(" AND used_at IS NULL AND expires_at > ", now);
        self.one(select, link).await
    }

    async fn connect_link_by_id(&self, id: &str, now: Millis) -> Result<Option<ConnectLinkRow>, StoreError> {
        let select = Statement::new(SELECT_LINK)
            .with(" WHERE id = ", id)
            .with(" AND used_at IS NULL AND expires_at > ", now);
        self.one(select, link).await
    }

    async fn connect_links(&self, now: Millis, page: &Page) -> Result<Vec<ConnectLinkRow>, StoreError> {
        let select = Statement::new(SELECT_LINK).with(" WHERE expires_at > ", now);
        self.all(select.page(page), link).await
    }

    async fn delete_connect_link(&self, id: &str) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        transaction.wait_for(Turn::Delete).await?;
        let delete = Statement::new("DELETE FROM connect_links WHERE id = $1").bind(id);
        let deleted = transaction.run(delete).await? > 0;
        transaction.commit().await?;
        Ok(deleted)
    }

    async fn insert_connect_flow(
        &self,
        flow: &ConnectFlowRow,
        state: &TokenHash,
        most: u32,
    ) -> Result<bool, StoreError> {
        let insert = Statement::new(
            "INSERT INTO connect_flows (state_hash, link_id, browser_hash, key_id, sealed, variables, created_at, \
             expires_at) SELECT $1, $2, $3, $4, $5, $6, $7, $8 \
             WHERE (SELECT COUNT(*) FROM connect_flows WHERE link_id = $2) < $9",
        )
        .bind(state.to_text())
        .bind(&flow.link_id)
        .bind(flow.browser_hash.to_text())
        .bind(&flow.verifier.key_id)
        .bind(&flow.verifier.text)
        .bind(&flow.variables)
        .bind(flow.created_at)
        .bind(flow.expires_at)
        .bind(i64::from(most));
        self.quietly(insert).await
    }

    async fn take_connect_flow(&self, state: &TokenHash) -> Result<Option<ConnectFlowRow>, StoreError> {
        let select = Statement::new(
            "SELECT link_id, browser_hash, key_id, sealed, variables, created_at, expires_at FROM connect_flows \
             WHERE state_hash = $1",
        );
        let Some(found) = self.one(select.bind(state.to_text()), flow).await? else {
            return Ok(None);
        };
        let take = Statement::new("DELETE FROM connect_flows WHERE state_hash = $1").bind(state.to_text());
        Ok(self.quietly(take).await?.then_some(found))
    }
}
