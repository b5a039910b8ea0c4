"""Passwords: what is asked of one, and argon2 by ``argon2-cffi`` with its recommended cost (RFC 9106)."""

from __future__ import annotations

import secrets
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from warehouse.control.common_words import is_common
from warehouse.texts import Refused

SHORTEST, LONGEST, LONG_ENOUGH = 12, 128, 20
FEWEST_KINDS = 3
_hasher = PasswordHasher()
_at_once = BoundedSemaphore(2)  # each computation takes 64 MB


def hash_password(password: str) -> str:
    """The argon2id hash, with its salt and cost."""
    with _at_once:
        return _hasher.hash(password)


def is_right(stored: str | None, password: str) -> bool:
    """Whether ``password`` gives ``stored``; without a stored hash it takes as long and is wrong."""
    with _at_once:
        try:
            return _hasher.verify(stored or _nobody(), password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether the hash was made at another cost than today's."""
    return _hasher.check_needs_rehash(stored)


def require_good(password: str, name: str) -> None:
    """Refuse a password that is short, of one kind of characters, or holds the account's name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refused(
            f"密码须有 {SHORTEST} 到 {LONGEST} 个字符。",
            f"A password has {SHORTEST} to {LONGEST} characters.",
        )
    if any(ord(character) < 32 for character in password):
        raise Refused("密码中不能有控制字符。", "A password holds no control characters.")
    if name in password.casefold():
        raise Refused("密码中不能有账户名。", "A password does not hold the account's name.")
    if is_common(password):
        raise Refused(
            "密码太常见：去掉常用词、年份、连续或重复的字符后，剩下的太少。请用几个不相干的词。",
            "The password is a common one: without usual words, years, runs and repetitions too little of it is "
            "left. Take a few words that have nothing to do with each other.",
        )
    if len(set(password)) < SHORTEST // 2:
        raise Refused("密码中重复的字符太多。", "The password repeats too few characters.")
    kinds = (str.islower, str.isupper, str.isdigit, lambda each: not each.isascii() or not each.isalnum())
    found = sum(any(is_kind(character) for character in password) for is_kind in kinds)
    if len(password) < LONG_ENOUGH and found < FEWEST_KINDS:
        raise Refused(
            f"密码须含大写、小写、数字、其他字符中的 {FEWEST_KINDS} 种，或不少于 {LONG_ENOUGH} 个字符。",
            f"A password has {FEWEST_KINDS} of: capitals, small letters, digits, others; "
            f"or at least {LONG_ENOUGH} characters.",
        )


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))
