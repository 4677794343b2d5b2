"""Entities and rules: pure, no input or output."""
