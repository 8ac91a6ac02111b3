-- What accounts were given by their helpdesks' OAuth2 flow. One process at a time renews it: who holds the lease.
CREATE TABLE oauth_grants (
    account_id TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    key_id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    expires_at BIGINT,
    revision BIGINT NOT NULL,
    lease_holder TEXT,
    lease_until BIGINT
);

-- Invitations to connect an account; account_id names one that is to be connected anew.
CREATE TABLE connect_links (
    id TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    integration TEXT NOT NULL,
    name TEXT NOT NULL,
    tenant_id TEXT,
    variables TEXT NOT NULL,
    base_url TEXT,
    account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX connect_links_by_time ON connect_links (created_at, id);
CREATE INDEX connect_links_by_account ON connect_links (account_id);
CREATE INDEX connect_links_by_end ON connect_links (expires_at);

-- Somebody is at the helpdesk to agree.
CREATE TABLE connect_flows (
    state_hash TEXT NOT NULL PRIMARY KEY,
    link_id TEXT NOT NULL REFERENCES connect_links (id) ON DELETE CASCADE,
    browser_hash TEXT NOT NULL,
    key_id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    variables TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX connect_flows_by_link ON connect_flows (link_id);
CREATE INDEX connect_flows_by_end ON connect_flows (expires_at);
