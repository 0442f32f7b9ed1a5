"""Benchmarks with reference value, tolerance and source: ``python -m benchmarks verification``."""
