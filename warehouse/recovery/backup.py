"""A backup: archive, control database, releases and the secret of the person keys, with a list of checksums.

A backup goes on from the one that lies in the folder already: files that are there with the same size and
name are not copied again, since archived files and releases never change. One that did change, or an archived
file that is gone, is damage: nothing is written then, so that the good copy stays. The list is written last, so
a backup that was cut off is no backup. A restore that was cut off goes on when it is run again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from warehouse import durable, person_secret
from warehouse.control.models import BatchRecord
from warehouse.control.session import control_session
from warehouse.home import make_folders
from warehouse.ingest import archive
from warehouse.recovery.transfer import export_control, import_control, is_empty
from warehouse.release.manifest import sha256_of
from warehouse.release.seal import seal_all
from warehouse.settings import Settings
from warehouse.texts import Refused, Text, shown

LIST_FILE = "backup.json"
CONTROL = "control"
FOLDERS = ("archive", "releases", CONTROL)
SINGLE_FILES = ("person.key", "audit.head")
POINTER = "releases/current.json"
LONGEST_SHOWN = 80
SHA256_DIGITS = 64
Described = dict[str, str | int]
Listed = dict[str, Described]


def back_up(settings: Settings, target: Path, say: Callable[[Text], None]) -> int:
    """Write a backup to ``target`` and return its number of files. Hold the writer's lock around it."""
    if target.resolve().is_relative_to(settings.home.resolve()):
        raise Refused(
            f"备份目录 {target} 在主目录之内；请另选一处，最好在另一块磁盘。",
            f"The backup folder {target} lies within the home; choose another place, best another disk.",
        )
    with control_session(settings):
        pass  # the control database answers: say so before copying anything
    person_secret.read(settings)
    known = _known(target)
    _require_undamaged(settings, target, known)
    try:
        target.mkdir(parents=True, exist_ok=True)
        target.chmod(0o700)
        (target / LIST_FILE).unlink(missing_ok=True)
        shutil.rmtree(target / CONTROL, ignore_errors=True)
        export_control(settings, target / CONTROL)
        files = {}
        for source, name in _sources(settings):
            files[name] = _copy(source, target / name, known.get(name))
        for path in sorted((target / CONTROL).iterdir()):
            files[f"{CONTROL}/{path.name}"] = _described(path)
        _remove_others(target, set(files))
        content = {"written_at": datetime.now(UTC).isoformat(timespec="seconds"), "files": files}
        durable.replace(target / LIST_FILE, json.dumps(content, indent=1))
    except OSError as error:
        raise Refused(
            f"备份写不进 {target}：{error.strerror}。备份不完整，原有数据未动。",
            f"The backup cannot be written to {target}: {error.strerror}. It is incomplete; the home is as it was.",
        ) from error
    say(Text(f"已备份 {len(files)} 个文件到 {target}", f"{len(files)} files are backed up to {target}"))
    return len(files)


def check_backup(source: Path) -> Listed:
    """The files of a complete backup by name; ``Refused`` names what is missing or damaged."""
    if not (source / LIST_FILE).exists():
        raise Refused(
            f"{source} 中没有完整的备份（缺 {LIST_FILE}）。",
            f"{source} holds no complete backup ({LIST_FILE} is missing).",
        )
    files = _listed(source)
    for name, described in files.items():
        path = source / name
        if _leads_elsewhere(source, name):
            raise Refused(
                f"{source} 不是备份：其清单中的 {shown(name, LONGEST_SHOWN)} 不是备份会有的文件，没有恢复任何东西。",
                f"{source} is no backup: its list names {shown(name, LONGEST_SHOWN)}, which no backup holds; nothing "
                "was restored.",
            )
        if not path.is_file() or _described(path) != described:
            delivered = _delivered_name(source, path)
            raise Refused(
                f"备份中的 {name}{delivered} 不见了或已损坏，没有恢复任何东西。",
                f"{name}{delivered} of the backup is missing or damaged; nothing was restored.",
            )
    return files


def _listed(source: Path) -> Listed:
    """The list of a backup, as far as it is one."""
    try:
        files = json.loads((source / LIST_FILE).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged_list(source) from error
    if not isinstance(files, dict):
        raise _damaged_list(source)
    return files


def _damaged_list(source: Path) -> Refused:
    return Refused(
        f"{source} 中的 {LIST_FILE} 已损坏，没有恢复任何东西；请用另一份备份。",
        f"{LIST_FILE} in {source} is damaged; nothing was restored. Use another backup.",
    )


def _leads_elsewhere(source: Path, name: str) -> bool:
    """Whether a listed name is none that a backup gives, or leads out of it by a link."""
    parts = name.split("/")
    is_plain = all(part not in ("", ".", "..") and shown(part) == part and "\\" not in part for part in parts)
    is_known = (parts[0] in FOLDERS and len(parts) > 1) or (parts[0] in SINGLE_FILES and len(parts) == 1)
    links = (source.joinpath(*parts[:number]).is_symlink() for number in range(1, len(parts) + 1))
    return not (is_plain and is_known) or any(links)


def _delivered_name(source: Path, path: Path) -> str:
    """The delivered file that an archived one is a copy of, in brackets; nothing for other files."""
    batches = source / CONTROL / f"{BatchRecord.__tablename__}.jsonl"
    sha256 = path.name.partition(".")[0]
    if len(sha256) != SHA256_DIGITS or not batches.exists():
        return ""
    rows = (json.loads(line) for line in batches.read_text(encoding="utf-8").splitlines())
    return next((f"（{row['file_name']}）" for row in rows if row["sha256"] == sha256), "")


def restore(settings: Settings, source: Path, say: Callable[[Text], None]) -> None:
    """Fill a new home from a backup; the build database is made by a rebuild. Hold the writer's lock around it.

    The files come first and the control database last, in one transaction.
    """
    files = check_backup(source)
    _begin(settings, source)
    try:
        for name in files:
            if not name.startswith(f"{CONTROL}/"):
                target = settings.home / name
                target.parent.mkdir(parents=True, exist_ok=True)
                part = durable.part_of(target)
                shutil.copyfile(source / name, part)
                part.chmod(0o600 if name in (*SINGLE_FILES, POINTER) else 0o400)
                durable.put(part, target)
    except OSError as error:
        raise Refused(
            f"恢复写不进 {settings.home}：{error.strerror}。请腾出空间或改正权限，再运行一次同样的命令，从断处继续。",
            f"The restore cannot write to {settings.home}: {error.strerror}. Make room or mend the permissions and "
            "run the same command again; it goes on from there.",
        ) from error
    if is_empty(settings):
        import_control(settings, source / CONTROL)
    settings.restore_mark.unlink()
    seal_all(settings)  # last: a restore that goes on from where it was cut off still writes
    say(Text(f"已恢复 {len(files)} 个文件", f"{len(files)} files are restored"))


def _begin(settings: Settings, source: Path) -> None:
    """Mark the home as being filled from this backup; one that holds anything else is refused."""
    begun = sha256_of(source / LIST_FILE)
    if settings.restore_mark.exists():
        if settings.restore_mark.read_text(encoding="utf-8") != begun:
            raise Refused(
                f"主目录 {settings.home} 正由另一份备份恢复，没有完成；请用那一份，或换一个空的主目录。",
                f"The restore of {settings.home} began from another backup; use that one, or an empty home.",
            )
        return
    is_used = settings.build_database.exists() or any(settings.archive.glob("*/*"))
    if is_used or any(settings.releases.glob("R*")):
        raise Refused(
            f"主目录 {settings.home} 已有数据；恢复只写入空的主目录（恢复后重建被打断的，请运行 yibao rebuild）。",
            f"The home {settings.home} holds data already; a restore fills an empty one "
            "(if the rebuild after a restore was cut off, run yibao rebuild).",
        )
    if not is_empty(settings):
        raise Refused(
            "控制库中已有数据，不能在其上恢复。请用空的控制库（YIBAO_CONTROL_URL）。",
            "The control database holds data already; restore into an empty one (YIBAO_CONTROL_URL).",
        )
    make_folders(settings)
    durable.replace(settings.restore_mark, begun)


def _sources(settings: Settings) -> Iterator[tuple[Path, str]]:
    """The pointer comes last: it never names a release that was not copied."""
    yield settings.person_key_file, settings.person_key_file.name
    for folder in (settings.archive, settings.releases):
        for path in sorted(folder.rglob("*")):
            is_unfinished = any(part.startswith(".") or part.endswith(".part") for part in path.parts[-2:])
            if path.is_file() and not is_unfinished and path != settings.pointer:
                yield path, str(path.relative_to(settings.home))
    for path in (settings.audit_head, settings.pointer):
        if path.exists():
            yield path, str(path.relative_to(settings.home))


def _require_undamaged(settings: Settings, target: Path, known: Listed) -> None:
    """Refuse when an archived file or a release is not what it was, rather than put it over a good copy."""
    names = {name for _, name in _sources(settings)}
    wrong = [name for name in known if name.startswith("archive/") and name not in names]
    for source, name in _sources(settings):
        if not name.startswith(("archive/", "releases/")) or source == settings.pointer:
            continue
        if _is_there(source, target / name, known.get(name)):
            continue
        is_original = name.startswith("archive/") and "." not in source.name.removesuffix(archive.COMPRESSED)
        if name in known and not source.name.endswith(".json"):
            is_whole = _described(source) == known[name]
        elif is_original:
            kept = archive.reopen(settings, source.name.removesuffix(archive.COMPRESSED))
            is_whole = archive.content_hash(kept, settings) == kept.sha256
        else:
            is_whole = True
        if not is_whole:
            wrong.append(name)
    if wrong:
        listed = "、".join(wrong[:5])
        raise Refused(
            f"主目录中有 {len(wrong)} 个文件已损坏或不见了：{listed}；没有备份任何东西，备份里原有的那份没有动。"
            f"请先修好（归档的文件可由 {target} 取回，版本用 yibao verify）。",
            f"{len(wrong)} files of the home are damaged or gone: {listed}. Nothing was backed up, and the copy in "
            f"the backup is as it was. Mend them first (an archived file from {target}, a release by yibao verify).",
        )


def _known(target: Path) -> Listed:
    listed = target / LIST_FILE
    if not listed.exists():
        return {}
    content: Listed = json.loads(listed.read_text(encoding="utf-8"))["files"]
    return content


def _copy(source: Path, target: Path, known: Described | None) -> Described:
    if known and _is_there(source, target, known):
        return known
    target.parent.mkdir(parents=True, exist_ok=True)
    part = durable.part_of(target)
    shutil.copyfile(source, part)
    part.chmod(0o400)
    durable.put(part, target)
    return _described(target)


def _is_there(source: Path, target: Path, known: Described | None) -> bool:
    """Whether the backup has this file already, by size and time."""
    if not (known and target.exists()):
        return False
    kept, now = target.stat(), source.stat()
    return now.st_size == known["bytes"] == kept.st_size and kept.st_mtime_ns >= now.st_mtime_ns


def _described(path: Path) -> Described:
    return {"bytes": path.stat().st_size, "sha256": sha256_of(path)}


def _remove_others(target: Path, names: set[str]) -> None:
    """What the home no longer has, a pruned release for instance, leaves the backup too."""
    for folder in ("archive", "releases"):
        for path in (target / folder).rglob("*"):
            if path.is_file() and str(path.relative_to(target)) not in names:
                path.unlink()
