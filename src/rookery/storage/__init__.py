"""SQL: one file per noun. Functions are bare verbs, read through their module: `favorites.insert`."""
