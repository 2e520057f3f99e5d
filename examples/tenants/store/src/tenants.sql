CREATE TABLE tenant (
    -- In lower case, without a port.
    host TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE origin (
    host TEXT NOT NULL REFERENCES tenant,
    -- As browsers write it, since it is compared as text: in lower case, without a default port,
    -- without a slash at the end.
    origin TEXT NOT NULL,
    PRIMARY KEY (host, origin)
) STRICT, WITHOUT ROWID;

CREATE TABLE note (
    id INTEGER PRIMARY KEY,
    host TEXT NOT NULL REFERENCES tenant,
    text TEXT NOT NULL
) STRICT;

CREATE INDEX note_of_tenant ON note (host);

INSERT INTO tenant VALUES ('blue.localhost'), ('green.localhost');

INSERT INTO origin VALUES
    ('blue.localhost', 'https://app.blue.example'),
    ('blue.localhost', 'http://localhost:5173'),
    ('green.localhost', 'https://app.green.example'),
    ('green.localhost', 'https://admin.green.example');

PRAGMA user_version = 1;
