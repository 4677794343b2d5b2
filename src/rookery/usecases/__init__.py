"""What the service does: one plain async function per use case, one module per noun."""
