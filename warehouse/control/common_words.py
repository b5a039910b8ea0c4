"""Passwords that many people choose: usual words with the usual changes, years, and keys that lie side by side."""

from __future__ import annotations

import re
from functools import cache

LEAST_LEFT = 6
WORDS = """
    password passwort passwd pass word welcome admin administrator root system user guest login logon manager
    operator leader planner statistician test testing demo default secret changeme change initial letmein open
    master super qwerty qazwsx asdf zxcv iloveyou love monkey dragon sunshine princess football baseball shadow
    michael superman batman trustno hello freedom whatever computer internet server database warehouse oracle
    spring summer autumn winter monday tuesday wednesday thursday friday saturday sunday january february march
    april june july august september october november december
    woaini aini woai mima guanliyuan yonghu ceshi nihao zhongguo china beijing shanghai hainan haikou sanya
    hainansheng yibao yibaoju yiliao baozhang yiliaobaozhang shebao weisheng jiankang medical security insurance
    health bureau company huawei tencent alibaba taobao wangluo diannao
    密码 口令 管理员 管理 系统 用户 测试 你好 中国 海南 海口 三亚 医保 医疗 保障 社保 数仓 我爱你 欢迎
    1314 520 521 5201314
"""
ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "!@#$%^&*()")
COLUMNS = ("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "zaq1", "xsw2", "cde3", "!qaz", "@wsx")
LOOKS_LIKE = str.maketrans("@4831!05$7+", "aabeiiosstt")
LONGER_THAN = 3


def is_common(password: str) -> bool:
    """Whether too little is left of the password when what everybody uses is taken out.

    It is looked at as typed and with digits and signs read as the letters they stand for (``P@ssw0rd``).
    """
    typed = password.casefold()
    return min(_left(typed), _left(typed.translate(LOOKS_LIKE))) < LEAST_LEFT


def _left(text: str) -> float:
    """How many characters are left without usual words, walks over the keyboard, years, repeats and signs.

    A digit counts half: there are few of them, and most people put one at the end.
    """
    for known in (_words(), _walks()):
        text = known.sub(" ", text)
    text = re.sub(r"(?<!\d)(19|20)\d\d", " ", text)
    text = re.sub(r"(.+?)\1{2,}", r"\1", text)
    return sum(0.5 if each.isdigit() else 1 for each in text if each.isalnum())


@cache
def _words() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, WORDS.split()), key=len, reverse=True)))


@cache
def _walks() -> re.Pattern[str]:
    """Runs along a row of the keyboard or the alphabet, either way, of at least four keys; and its columns."""
    runs = set(COLUMNS)
    for row in ROWS:
        for line in (row, row[::-1]):
            runs |= {
                line[at : at + n]
                for n in range(LONGER_THAN + 1, len(line) + 1)
                for at in range(len(line) - n + 1)
            }
    return re.compile("|".join(sorted(map(re.escape, runs), key=len, reverse=True)))
