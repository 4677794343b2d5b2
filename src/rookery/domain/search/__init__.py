"""Full-text search, the pure part: what a text's words are, what a query asks, and whether one fits the other."""
