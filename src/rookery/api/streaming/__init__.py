"""Live updates as Mastodon sends them: server-sent events and WebSocket, in front of the rest of the API."""
