"""Mastodon's entities as structs: what answers look like, field by field."""
