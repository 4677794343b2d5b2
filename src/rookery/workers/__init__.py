"""The loop that claims tasks, and the table from a task to the use case that carries it out."""
