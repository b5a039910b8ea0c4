"""Dagster's entry point: load and merge, nothing else."""

from __future__ import annotations

import dagster as dg

from orchestration.lib.assemble import assemble
from warehouse.settings import load_settings


@dg.definitions
def defs() -> dg.Definitions:
    """All assets, checks and jobs over the home named by ``YIBAO_HOME``."""
    return assemble(load_settings())
