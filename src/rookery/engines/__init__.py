"""The outside world behind the ports: SQLite, PostgreSQL, Redis, and this process's own memory."""
