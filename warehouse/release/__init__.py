"""Immutable releases: gate, write, point. Readers open a release and never wait."""
