"""Contracts of the platform feeds F01–F28, one module each (source model, `docs/feeds.md`)."""
