"""What a killed release left behind is removed or finished at the next start."""

from __future__ import annotations

import shutil

from warehouse.control.actor import SYSTEM, Actor, acting_as
from warehouse.control.history import record_release, record_service, recorded_releases, serving
from warehouse.release.disclosure import disclosed_by
from warehouse.release.pointer import on_disk, served_or_none
from warehouse.release.write import release_record
from warehouse.settings import Settings


def settle_releases(settings: Settings) -> None:
    """Remove half-written folders; bring the control database up to the folder and the pointer.

    A complete release that was never pointed at stays on disk unserved; it can be verified and
    served like any other. Hold the writer's lock around it.
    """
    for leftover in settings.releases.glob(".*.part"):
        shutil.rmtree(leftover)
    for leftover in settings.releases.glob("current.*.part"):
        leftover.unlink()
    known = recorded_releases(settings)
    for release in on_disk(settings):
        if release.release_id not in known:
            record_release(settings, release_record(release))
    now = served_or_none(settings)
    if now and serving(settings) != now.release_id:
        with acting_as(Actor(SYSTEM, SYSTEM)):
            record_service(settings, now.release_id, "recovered", disclosed_by(now))
