"""Measurements that are run by hand: `python -m tests.benchmarks.downloads`; pytest collects none of them."""
