"""The secret of the person keys: made once, and never taken for another.

A mark beside it (a fingerprint, which gives nothing away) tells a lost, cut or foreign secret: with one of these
the same person would get another key.
"""

from __future__ import annotations

import hashlib
import re
import secrets

from warehouse import durable
from warehouse.settings import Settings
from warehouse.texts import Refused

FORM = re.compile(rb"[0-9a-f]{64}")


def make(settings: Settings) -> None:
    """Write 32 random bytes as hexadecimal digits, readable by the owner only, unless there is or was a secret."""
    path, mark = settings.person_key_file, settings.person_key_mark
    if not path.exists():
        if mark.exists():
            return  # it is gone: whoever reads it is told
        part = durable.part_of(path)
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        part.write_text(secrets.token_hex(32), encoding="ascii")
        durable.put(part, path)
    secret = path.read_bytes().strip()
    if not mark.exists() and FORM.fullmatch(secret):
        durable.replace(mark, _fingerprint(secret))


def read(settings: Settings) -> bytes:
    """The secret; ``Refused`` when it is not the one that the keys of this home were made with."""
    path = settings.person_key_file
    if not path.exists():
        raise _wrong(settings, "不见了", "is gone")
    secret = path.read_bytes().strip()
    if not FORM.fullmatch(secret):
        raise _wrong(settings, "已损坏", "is damaged")
    mark = settings.person_key_mark
    if mark.exists() and mark.read_text(encoding="ascii").strip() != _fingerprint(secret):
        raise _wrong(settings, "不是这个主目录的", "is not the one of this home")
    return secret


def _fingerprint(secret: bytes) -> str:
    return hashlib.sha256(b"yibao person key " + secret).hexdigest()


def _wrong(settings: Settings, zh: str, en: str) -> Refused:
    path = settings.person_key_file
    return Refused(
        f"人员键的密钥文件 {path} {zh}；用别的密钥，同一个人会得到另一个键。请从备份恢复 {path.name}。",
        f"The secret of the person keys {path} {en}; with another one a person would get another key. "
        f"Restore {path.name} from a backup.",
    )
