-- Both SQLite and PostgreSQL read this. Times are milliseconds since 1970; JSON and base64 are text.

-- Counts the changes of accounts, MCP servers and tokens.
CREATE TABLE epoch (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    value BIGINT NOT NULL
);
INSERT INTO epoch (id, value) VALUES (1, 0);

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    key_id TEXT NOT NULL,
    sealed TEXT NOT NULL
);

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    integration TEXT NOT NULL,
    name TEXT NOT NULL,
    tenant_id TEXT,
    status TEXT NOT NULL,
    variables TEXT NOT NULL,
    base_url TEXT,
    key_id TEXT NOT NULL,
    credentials TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX accounts_by_time ON accounts (created_at, id);
CREATE INDEX accounts_by_tenant ON accounts (tenant_id, created_at, id);

CREATE TABLE mcp_servers (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    config TEXT NOT NULL,
    expires_at BIGINT,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX mcp_servers_by_account ON mcp_servers (account_id, created_at, id);
CREATE INDEX mcp_servers_by_end ON mcp_servers (expires_at);

CREATE TABLE mcp_tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    mcp_server_id TEXT NOT NULL REFERENCES mcp_servers (id) ON DELETE CASCADE,
    expires_at BIGINT
);
CREATE INDEX mcp_tokens_by_server ON mcp_tokens (mcp_server_id);
CREATE INDEX mcp_tokens_by_end ON mcp_tokens (expires_at);

CREATE TABLE api_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX api_tokens_by_time ON api_tokens (created_at, id);
CREATE INDEX api_tokens_by_account ON api_tokens (account_id, created_at, id);
CREATE INDEX api_tokens_by_end ON api_tokens (expires_at);

-- The log outlives what it tells of: nothing refers to accounts or MCP servers.
CREATE TABLE calls (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    mcp_server_id TEXT,
    integration TEXT NOT NULL,
    tool TEXT NOT NULL,
    method TEXT NOT NULL,
    door TEXT NOT NULL,
    status BIGINT,
    code TEXT NOT NULL,
    duration_ms BIGINT NOT NULL,
    upstream_ms BIGINT,
    client_name TEXT,
    client_version TEXT,
    request_id TEXT
);
CREATE INDEX calls_by_time ON calls (at, id);
CREATE INDEX calls_by_account ON calls (account_id, at, id);
CREATE INDEX calls_by_mcp_server ON calls (mcp_server_id, at, id);
CREATE INDEX calls_by_tool ON calls (tool, at, id);
CREATE INDEX calls_failed ON calls (at, id) WHERE code <> 'ok';
