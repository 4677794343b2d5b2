"""Endpoints, one module per noun of Mastodon's."""
