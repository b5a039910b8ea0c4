"""Passwords: what everybody uses is refused, what nobody could guess is not."""

from __future__ import annotations

import secrets
import string

import pytest

from warehouse.control.passwords import require_good
from warehouse.texts import Refused

COMMON = [
    "P@ssw0rd1234", "Password-1234", "Admin@123456", "Qwerty123456!", "Hainan@2024!!", "Yibao-2025-Abc",
    "1qaz@WSX3edc", "Summer2024!Summer", "Aa123456789!", "woaini1314520A!", "Zhongguo@2023a", "Abcdefg-12345",
    "医保管理员密码2024A!", "!QAZ2wsx#EDC", "Welcome-2026-!", "passwordpasswordpassword",
]  # fmt: skip
GOOD = [
    "Right-Horse-42",
    "Ng7f-Kd2p-Xw9m",
    "x7K2!94@83-61q",
    "aB3$xK9!mQ2z",
    "four unrelated grey trains",
    "竹影扫阶尘不动Aa-9x",
]


@pytest.mark.parametrize("word", COMMON)
def test_a_common_password_is_refused(word: str) -> None:
    with pytest.raises(Refused):
        require_good(word, "zhang")


@pytest.mark.parametrize("word", GOOD)
def test_a_good_password_is_taken(word: str) -> None:
    require_good(word, "zhang")


def test_passwords_made_by_chance_are_taken() -> None:
    letters = string.ascii_letters + string.digits
    for _ in range(200):
        word = "".join(secrets.choice(letters) for _ in range(22))
        require_good(f"{word}-aB3", "zhang")
