"""Loads that met an error which nobody foresaw: taken out of the way, kept for repair, and named until they succeed."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from warehouse import durable
from warehouse.connections import concerns_the_home
from warehouse.ingest.apart import ReaderEnded, why
from warehouse.ingest.journal import Interrupted
from warehouse.settings import Settings
from warehouse.texts import Refused, Text

PREFIX, UNREADABLE = "aside-", "unreadable-"
PANICS = "pyo3_runtime"  # a panic of a reader in Rust is no Exception


class LoadFailed(Refused):
    """A load met an error of a library or of this program; nothing of the table was taken."""


@dataclass(frozen=True)
class SetAside:
    """A load that was set aside: which file, and the kind of error (its text may hold personal data)."""

    load_id: str
    file_name: str
    sha256: str
    error: str
    at: datetime


@contextmanager
def failures_said(name: str) -> Iterator[None]:
    """Whatever goes wrong with the file ``name`` leaves as ``Refused``.

    Not a full disk or a damaged build file: these concern the home, and the load is finished when they are over.
    """
    try:
        yield
    except BaseException as error:
        is_foreseen = isinstance(error, Refused) or concerns_the_home(error)
        is_failure = isinstance(error, Exception) or type(error).__module__ == PANICS
        if is_foreseen or not is_failure:
            raise
        told = (
            why(error)
            if isinstance(error, ReaderEnded)
            else Text(f"装载出错（{_kind(error)}）", f"loading it met an error ({_kind(error)})")
        )
        raise LoadFailed(
            f"{name} 没有装载：{told.zh}，什么也没有装入；原件在归档中，已搁置。"
            "请检查文件，有损坏的从来源重新导出再送，或改送 CSV；文件没有问题的，详情见主目录的 set_aside/，"
            "原因消除后运行 yibao quarantine retry。",
            f"{name} is not loaded: {told.en}. Nothing was taken; the original is in the archive, the load is "
            "set aside. Check the file and deliver it anew if it is damaged, or deliver CSV; if it is not, set_aside/ "
            "in the home has the details: run yibao quarantine retry when the reason is gone.",
        ) from error


def keep(settings: Settings, left: Interrupted, error: BaseException | None) -> None:
    """Set a load aside: what the journal knew, and the error in full (None: the process was killed each time).

    The folder can be read by its owner only: an error may quote what a cell holds.
    """
    told = "".join(traceback.format_exception(error)) if error else ""
    content = {
        "file_name": left.file_name,
        "sha256": left.sha256,
        "feed": left.feed_name,
        "template": str(left.template) if left.template else None,
        "at": datetime.now(UTC).isoformat(),
        "error": _kind(error.__cause__ or error) if error else "killed",
        "traceback": told,
    }
    settings.set_aside.mkdir(mode=0o700, exist_ok=True)
    durable.replace(_path(settings, left.sha256), json.dumps(content, ensure_ascii=False, indent=1))


def keep_unreadable(settings: Settings) -> Path:
    """Move a journal that cannot be read out of the way; returns where it is."""
    settings.set_aside.mkdir(mode=0o700, exist_ok=True)
    target = settings.set_aside / f"{UNREADABLE}{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.txt"
    settings.journal.rename(target)
    durable.flush(settings.home)
    return target


def forget(settings: Settings, sha256: str) -> None:
    """The content was loaded, or refused for a reason that is known: it is not set aside any more."""
    _path(settings, sha256).unlink(missing_ok=True)


def kept(settings: Settings) -> list[SetAside]:
    """The loads that are set aside, the oldest first."""
    found = []
    for path in settings.set_aside.glob(f"{PREFIX}*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        at = datetime.fromisoformat(content["at"])
        found.append(SetAside(path.stem, content["file_name"], content["sha256"], content["error"], at))
    return sorted(found, key=lambda each: each.at)


def said(settings: Settings) -> Text | None:
    """What is set aside, in one sentence; None when nothing is."""
    found, unreadable = kept(settings), sorted(settings.set_aside.glob(f"{UNREADABLE}*"))
    texts = []
    if found:
        names = ", ".join(f"{each.file_name}（{each.error}）" for each in found)
        texts.append(
            Text(
                f"{len(found)} 个文件装载时出错，已搁置，没有装入：{names}；见 yibao quarantine list",
                f"{len(found)} files met an error, are set aside and not loaded: {names}; see yibao quarantine list",
            )
        )
    if unreadable:
        places = ", ".join(map(str, unreadable))
        texts.append(
            Text(
                f"装载记录损坏，不知道当时在装哪个文件，已搁置：{places}；"
                "请核对那时送来的文件是否都已装载，必要时重新装载，然后删除它",
                f"the note of a load is damaged and does not tell which file it was, set aside: {places}; check "
                "that the files of that time were loaded, load them again if not, then delete it",
            )
        )
    return Text("；".join(each.zh for each in texts), "; ".join(each.en for each in texts)) if texts else None


def _path(settings: Settings, sha256: str) -> Path:
    return settings.set_aside / f"{PREFIX}{sha256[:12]}.json"


def _kind(error: BaseException) -> str:
    if isinstance(error, ReaderEnded):
        return error.kind
    return f"{type(error).__module__.lstrip('_')}.{type(error).__qualname__}".removeprefix("builtins.")
