"""What was found at loading and has to be looked into before figures are made public.

The rules are those of the contracts with ``before_publication``. They do not stop a release: a preliminary one
is how a difference is looked into. They are said with each release, and stand against closing the month.
"""

from __future__ import annotations

from typing import NamedTuple

from warehouse.connections import open_release
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import BatchRule
from warehouse.release.pointer import Release
from warehouse.texts import Text

FOUND = """
select batch_id, feed, rule, file_name, message_zh, message_en
from quality.feed_finding where severity = 'warn' order by known_on, batch_id, rule
"""


class ToCheck(NamedTuple):
    """A finding of a batch that has to be looked into."""

    batch_id: str
    file_name: str
    text: Text


def to_check(release: Release) -> list[ToCheck]:
    """The findings in a release that have to be looked into before publication, oldest delivery first."""
    rules = {
        (feed, rule.code)
        for feed, contract in FEEDS.items()
        for rule in contract.rules
        if isinstance(rule, BatchRule) and rule.before_publication
    }
    with open_release(release.database, memory_mb=512, threads=1) as connection:
        found = connection.execute(FOUND).fetchall()
    return [
        ToCheck(batch_id, file_name, Text(zh, en))
        for batch_id, feed, rule, file_name, zh, en in found
        if (feed, rule) in rules
    ]


def said(found: list[ToCheck]) -> Text:
    """One sentence for the operator who has just released."""
    files = len({each.batch_id for each in found})
    return Text(
        f"另有 {len(found)} 项发布前须核对({files} 个文件):{found[0].file_name} {found[0].text.zh}"
        + (" 等" if len(found) > 1 else "")
        + ";见 quality.feed_finding、yibao month check",
        f"{len(found)} findings in {files} files are to be checked before publication: "
        f"{found[0].file_name} {found[0].text.en}; see quality.feed_finding and yibao month check",
    )
