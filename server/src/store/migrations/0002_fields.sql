-- What accounts have defined for themselves, as it was read from their helpdesks: a row for each state that differed
-- from the one before.
CREATE TABLE account_fields (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    fields TEXT NOT NULL,
    read_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, number)
);

-- When they were last asked for: of several processes, one asks.
CREATE TABLE account_field_reads (
    account_id TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    asked_at BIGINT NOT NULL
);
