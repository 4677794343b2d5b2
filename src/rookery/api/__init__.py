"""Mastodon's language: routes, entities, paging, errors. Its words (status, account, favourite) stop here."""
