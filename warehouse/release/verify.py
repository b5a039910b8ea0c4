"""Whether a release is still what was written: files against manifest, manifest against the control database."""

from __future__ import annotations

import hashlib
import json

from warehouse.alerts.evaluate import evaluate_quietly
from warehouse.control.actor import SYSTEM, Actor, acting_as, deciding_actor
from warehouse.control.history import manifest_checksum, record_service, require_reason
from warehouse.release.manifest import sha256_of
from warehouse.release.pointer import MANIFEST_FILE, Release, on_disk, point, served_or_none
from warehouse.release.retire import kept_segments
from warehouse.settings import Settings
from warehouse.texts import Refused, Text


def damages(settings: Settings, release: Release) -> list[Text]:
    """What is wrong with ``release``; empty when every byte is as written."""
    manifest_file = release.folder / MANIFEST_FILE
    if not manifest_file.exists():
        return [Text("清单 manifest.json 不见了", "manifest.json is gone")]
    text = manifest_file.read_bytes()
    recorded = manifest_checksum(settings, release.release_id)
    found = []
    if recorded and hashlib.sha256(text).hexdigest() != recorded:
        found.append(
            Text("清单与控制库所记不同", "the manifest differs from what the control database recorded")
        )
    try:
        files = json.loads(text)["files"]
    except (ValueError, KeyError, TypeError):
        return [*found, Text("清单无法读取", "the manifest cannot be read")]
    for path in sorted(release.folder.iterdir()):
        is_hidden = path.name.startswith(".")  # a network disk keeps what is open under such a name
        if path.name not in files and path.name != MANIFEST_FILE and not is_hidden:
            found.append(Text(f"{path.name} 不属于本版本", f"{path.name} does not belong to this release"))
    may_be_retired = release.release_id not in kept_segments(settings)
    for name, described in files.items():
        path = release.folder / name
        if not path.exists():
            if not (described["kind"] == "records" and may_be_retired):
                found.append(Text(f"{name} 不见了", f"{name} is gone"))
        elif path.stat().st_size != described["bytes"] or sha256_of(path) != described["sha256"]:
            found.append(Text(f"{name} 的内容已改变", f"the content of {name} has changed"))
    return found


def require_sound(settings: Settings, release: Release) -> None:
    """Raise ``Refused`` naming what is damaged."""
    found = damages(settings, release)
    if found:
        raise Refused(
            f"数据版本 {release.release_id} 已损坏：" + "；".join(each.zh for each in found) + "。",
            f"Release {release.release_id} is damaged: " + "; ".join(each.en for each in found) + ".",
        )


def fall_back(settings: Settings, damaged: Release) -> Release | None:
    """Serve the newest sound release in place of a damaged one; None when there is none.

    Hold the writer's lock around it.
    """
    for candidate in reversed(on_disk(settings)):
        if candidate.release_id != damaged.release_id and not damages(settings, candidate):
            point(settings, candidate)
            with acting_as(Actor(SYSTEM, SYSTEM)):
                record_service(settings, candidate.release_id, f"{damaged.release_id} damaged")
            evaluate_quietly(settings)
            return candidate
    return None


def roll_back(settings: Settings, release: Release, reason: str) -> None:
    """Serve an earlier release again after verifying it; hold the writer's lock around it."""
    require_reason(reason)
    now = served_or_none(settings)
    if now and now.release_id == release.release_id:
        raise Refused(
            f"{release.release_id} 正在服务，无需回退。",
            f"{release.release_id} is the served release; nothing to roll back.",
        )
    deciding_actor(settings, "release.serve")
    require_sound(settings, release)
    point(settings, release)
    record_service(settings, release.release_id, reason)
    evaluate_quietly(settings)
