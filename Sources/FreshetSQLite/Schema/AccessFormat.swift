extension Schema {
    /// Who may do what: users, and what they and machines sign in with, which is kept only as hashes.
    static let access = """
        CREATE TABLE user (
            name TEXT PRIMARY KEY,
            title TEXT NOT NULL,
            role TEXT NOT NULL,
            password_hash TEXT,
            issuer TEXT,
            subject TEXT,
            created_at INTEGER NOT NULL,
            disabled_at INTEGER,
            last_sign_in_at INTEGER,
            CHECK ((issuer IS NULL) = (subject IS NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX user_subject ON user (issuer, subject) WHERE subject IS NOT NULL;

        CREATE TABLE session (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            digest TEXT NOT NULL UNIQUE,
            user TEXT NOT NULL,
            role TEXT,
            method TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            last_used_at INTEGER NOT NULL,
            ends_at INTEGER NOT NULL,
            address TEXT,
            agent TEXT
        ) STRICT;
        CREATE INDEX session_user ON session (user, sequence);

        CREATE TABLE token (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            digest TEXT NOT NULL UNIQUE,
            role TEXT,
            sources TEXT,
            assets TEXT,
            user TEXT,
            created_by TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            last_used_at INTEGER,
            last_address TEXT,
            revoked_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX token_name ON token (name) WHERE revoked_at IS NULL;
        CREATE TRIGGER token_is_revoked_once BEFORE UPDATE OF revoked_at ON token WHEN OLD.revoked_at IS NOT NULL
            BEGIN SELECT RAISE(ABORT, 'a token is revoked once'); END;

        CREATE TABLE link (
            digest TEXT PRIMARY KEY,
            user TEXT NOT NULL,
            role TEXT NOT NULL,
            ends_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        """
}
