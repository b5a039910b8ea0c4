"""Statisticians' SQL: in a child process, on a read-only release, with limits."""
