"""Dagster's console log for people: the steps' own sentences, no event stream."""

from __future__ import annotations

import logging
import sys

import dagster as dg

ENGINE_WORDS = ("Dependencies for step", "Skipping step")


class PlainHandler(logging.Handler):
    """Prints what a step says through ``context.log`` to standard error, and nothing else."""

    def emit(self, record: logging.LogRecord) -> None:
        meta = getattr(record, "dagster_meta", None) or {}
        message = meta.get("orig_message", record.getMessage())
        is_event = meta.get("dagster_event") is not None
        if not is_event and record.levelno >= logging.INFO and not message.startswith(ENGINE_WORDS):
            print(f"  {message}", file=sys.stderr, flush=True)


def _make_logger(_: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("yibao", level=logging.INFO)
    logger.addHandler(PlainHandler())
    return logger


plain_logger = dg.LoggerDefinition(_make_logger, description="plain sentences on standard error")
