-- When the password was last given in a session, after the sign-in: Security information asks for it, and for nothing else (B4).
ALTER TABLE sessions ADD COLUMN password_proven_at INTEGER;
