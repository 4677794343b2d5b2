"""A town in which anything may happen, beside a small model that knows who may see what."""
