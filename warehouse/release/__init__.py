"""Immutable releases: gate → write → point → retire. Readers open a release and never wait."""
