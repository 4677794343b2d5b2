"""Benchmarks as programs."""
