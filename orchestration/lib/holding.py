"""Holding the writer's lock inside a step: waits politely, says so, and asks for a later try."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from orchestration.lib.acting import acting_for
from warehouse.home import writer
from warehouse.settings import Settings
from warehouse.texts import Busy, Refused

PATIENCE = 600.0
TRIES, FIRST_PAUSE = 4, 60.0


@contextmanager
def holding(context: dg.AssetExecutionContext, settings: Settings) -> Iterator[None]:
    """The lock of the home. A lock held by another is a reason to try again; bad data never are."""
    patience = float(os.environ.get("YIBAO_LOCK_SECONDS", PATIENCE))
    pause = float(os.environ.get("YIBAO_RETRY_SECONDS", FIRST_PAUSE))
    try:
        with (
            writer(settings, lambda text: context.log.info(str(text)), patience),
            acting_for(context.run.tags),
        ):
            yield
    except Busy as busy:
        context.log.warning(str(busy.text))
        if context.retry_number >= TRIES:
            raise dg.Failure(str(busy.text), allow_retries=False) from busy
        raise dg.RetryRequested(TRIES, pause * 2**context.retry_number) from busy
    except Refused as refusal:
        raise dg.Failure(str(refusal.text), allow_retries=False) from refusal
