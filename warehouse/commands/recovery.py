"""``yibao rebuild|backup|restore``: from archive and decisions to the same figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from warehouse.commands.console import As, Home, say, tell, writing
from warehouse.settings import Settings, load_settings
from warehouse.texts import Refused, Text

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="备份目录 / the folder of the backup")]


def rebuild(home: Home = None, as_: As = None) -> None:
    """由归档与各项决定重建建库文件（损坏或丢失时）；正在服务的版本不受影响。/ Make the build database anew.

    Replays every delivered file, lock and retry in its order; the served release stays. Then build and release.
    """
    from warehouse.home import init_home, writer

    settings = load_settings(home)
    with writer(settings, say):
        init_home(settings)
        _rebuild(settings)


def backup(target: Folder, home: Home = None) -> None:
    """备份归档、控制库、数据版本和密钥；再次备份只补新文件。/ Back up archive, decisions, releases and key."""
    from warehouse.recovery.backup import back_up

    with writing(home) as settings:
        back_up(settings, target.absolute(), tell)
    say(
        Text(
            "注意：备份含个人信息和密钥，只放在同样受保护的地方。",
            "Mind: a backup holds personal data and the key; keep it as safe as the home.",
        )
    )


def restore(source: Folder, home: Home = None) -> None:
    """把备份恢复到一个空的主目录，并重建建库文件。/ Restore a backup into an empty home and rebuild."""
    from warehouse.home import init_home, make_folders, writer
    from warehouse.recovery.backup import restore as fill

    settings = load_settings(home)
    with writer(settings, say):
        make_folders(settings)
        fill(settings, source.absolute(), tell)
        init_home(settings)
        _rebuild(settings)


def _rebuild(settings: Settings) -> None:
    from warehouse.ingest.reconcile import reconcile
    from warehouse.recovery.rebuild import rebuild as rebuild_database

    rebuilt = rebuild_database(settings, say)
    if rebuilt.missing:
        raise Refused(
            f"重建完成，但有 {len(rebuilt.missing)} 个批次没有重现：{'、'.join(rebuilt.missing[:5])}；"
            "请查看控制库记录。",
            f"Rebuilt, but {len(rebuilt.missing)} batches did not come back: {', '.join(rebuilt.missing[:5])}.",
        )
    reconcile(settings)
    tell(
        Text(
            f"已由 {rebuilt.steps} 步重建；请运行 yibao build 和 yibao release",
            f"rebuilt from {rebuilt.steps} steps; run yibao build and yibao release",
        )
    )
