"""The asset graph as a snapshot: assets by group, checks by layer, jobs, sensors, schedules.

After a wanted change: ``YIBAO_UPDATE_SNAPSHOT=1 pytest tests/orchestration/test_graph.py``, and read the diff.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from orchestration.lib.assemble import assemble
from warehouse.settings import load_settings

SNAPSHOT = Path(__file__).parent / "asset_graph.json"


def drawn(home: Path) -> dict[str, Any]:
    definitions = assemble(load_settings(home))
    graph = definitions.resolve_asset_graph()
    groups: defaultdict[str, list[str]] = defaultdict(list)
    partitioned = []
    for key in graph.get_all_asset_keys():
        name = key.to_user_string()
        groups[graph.get(key).group_name].append(name)
        if graph.get(key).partitions_def is not None:
            partitioned.append(name)
    return {
        "groups": {group: sorted(names) for group, names in sorted(groups.items())},
        "by_month": sorted(partitioned),
        "checks": dict(sorted(Counter(key.asset_key.path[0] for key in graph.asset_check_keys).items())),
        "jobs": sorted(job.name for job in definitions.jobs or []),
        "sensors": sorted(sensor.name for sensor in definitions.sensors or []),
        "schedules": sorted(schedule.name for schedule in definitions.schedules or []),
    }


def test_the_graph_is_as_it_was_drawn(released_home: Path) -> None:
    found = drawn(released_home)
    if os.environ.get("YIBAO_UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_feed_is_an_asset_with_its_contract(released_home: Path) -> None:
    groups = drawn(released_home)["groups"]
    assert len(groups["feed"]) == 29
    assert len(groups["published"]) >= 3
