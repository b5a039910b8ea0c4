"""Provinces of many kinds, each taken from its feeds to a release that both supported DuckDB minors read.

``python tests/acceptance/provinces.py FOLDER --older FOLDER_OF_THE_OLDER_DUCKDB`` runs them one after another,
each in a home of its own, and prints a table; exit code 1 when one of them fails. ``make provinces`` calls it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.release.pointer import PROVINCE, STATISTICIAN, served
from warehouse.settings import PROJECT_ROOT, SHIPPED_DATA, load_settings
from warehouse.transform import last_engine_faults

READER = Path(__file__).with_name("read_release.py")
FILES = (PROVINCE, STATISTICIAN)
ORIGINS = ["published", "synthetic"]


@dataclass(frozen=True)
class Plan:
    """One province: what ``yibao generate`` is asked for."""

    seed: int
    persons: int
    first: str
    last: str
    is_clean: bool = False

    @property
    def months(self) -> int:
        (year, month), (last_year, last_month) = (
            map(int, each.split("-")) for each in (self.first, self.last)
        )
        return (last_year - year) * 12 + last_month - month + 1

    @property
    def name(self) -> str:
        return f"{self.seed}-{self.persons}-{self.months}{'-clean' if self.is_clean else ''}"


PLANS = (
    Plan(101, 2_000, "2025-01", "2025-12"),
    Plan(102, 2_000, "2020-01", "2025-12", is_clean=True),
    Plan(103, 3_000, "2023-07", "2025-06"),
    Plan(104, 4_000, "2021-01", "2023-12", is_clean=True),
    Plan(105, 5_000, "2020-01", "2024-12"),
    Plan(106, 6_000, "2024-04", "2025-09"),
    Plan(107, 8_000, "2022-01", "2025-12", is_clean=True),
    Plan(108, 10_000, "2022-10", "2024-09"),
    Plan(109, 12_000, "2024-01", "2024-12", is_clean=True),
    Plan(110, 15_000, "2020-07", "2023-06"),
    Plan(111, 20_000, "2022-01", "2025-12"),
    Plan(112, 30_000, "2024-01", "2025-12"),
    Plan(113, 3_000, "2020-01", "2025-12"),
)


@dataclass
class Outcome:
    """What came of a province; ``wrong`` lists what should not be."""

    plan: Plan
    seconds: float = 0.0
    peak_mb: int = 0
    rows: int = 0
    findings: dict[str, int] = field(default_factory=dict)
    release_mb: float = 0.0
    leader: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def run_province(plan: Plan, folder: Path, pythonpaths: Sequence[str]) -> Outcome:
    """Generate, load beside the published data, build, release, and read with each DuckDB of ``pythonpaths``."""
    outcome = Outcome(plan)
    begun = time.monotonic()
    home, province = folder / "home", folder / "province"
    dates = ("--from", plan.first, "--to", plan.last)
    made = (
        "generate",
        "--persons",
        str(plan.persons),
        "--seed",
        str(plan.seed),
        *dates,
        "--out",
        str(province),
    )
    at_home = ("--home", str(home))
    published = [str(each) for each in SHIPPED_DATA]
    steps = (
        (made + (("--clean",) if plan.is_clean else ()), 0),
        (("ingest", *published, *at_home), 0),
        (
            ("ingest", str(province / "feeds"), *at_home),
            0 if plan.is_clean else 1,
        ),  # planted files are refused
        (("build", *at_home), 0),
        (("release", *at_home), 0),
    )
    for arguments, expected in steps:
        code, said, peak_mb = _yibao(*arguments)
        outcome.peak_mb = max(outcome.peak_mb, peak_mb)
        if code != expected:
            outcome.wrong.append(f"{arguments[0]}: exit code {code}; {said[-600:]}")
            break
    else:
        _examine(outcome, home, pythonpaths)
    outcome.seconds = time.monotonic() - begun
    return outcome


def _examine(outcome: Outcome, home: Path, pythonpaths: Sequence[str]) -> None:
    settings = load_settings(home)
    release = served(settings)
    if faults := last_engine_faults(settings):
        outcome.wrong.append(f"the engine failed in {', '.join(faults)}")
    manifest = release.manifest()
    warned = sorted(name for name, status in manifest["tests"].items() if status != "pass")
    if warned:
        outcome.wrong.append(f"tests not passed: {', '.join(warned)}")
    if manifest["data_origin"] != ORIGINS:
        outcome.wrong.append(f"origins {manifest['data_origin']}")
    outcome.rows = sum(each["rows"] for each in manifest["tables"].values())
    outcome.release_mb = sum(each["bytes"] for each in manifest["files"].values()) / 2**20
    for scope in FILES:
        readings = [_read(release.file(scope), path) for path in pythonpaths]
        versions = {each.pop("version") for each in readings}
        if len(versions) != len(pythonpaths):
            outcome.wrong.append(f"read by {', '.join(sorted(versions))} only")
        if any(each != readings[0] for each in readings):
            outcome.wrong.append(f"{scope} reads otherwise in {', '.join(sorted(versions))}")
        if scope == STATISTICIAN:
            outcome.findings = readings[0]["findings"]
        else:
            outcome.leader = readings[0]["leader"]
        outcome.wrong += readings[0]["wrong"]
        if outcome.plan.is_clean and readings[0]["kept_out"]:
            outcome.wrong.append(f"{readings[0]['kept_out']} rows of clean feeds were kept out")


def _read(file: Path, pythonpath: str) -> dict[str, object]:
    environment = os.environ | {"PYTHONPATH": pythonpath}
    command = [sys.executable, str(READER), str(file)]
    finished = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    content: dict[str, object] = json.loads(finished.stdout)
    return content


def _yibao(*arguments: str) -> tuple[int, str, int]:
    """Exit code, what was said on standard error, and the largest process in MB."""
    command = [sys.executable, "-m", "warehouse.cli", *arguments]
    with subprocess.Popen(
        command, cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, said, usage.ru_maxrss // 1024


def report(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """A table in Markdown, and below it what the leader's page shows and what is wrong."""
    yield "| seed | persons | months | dirty | seconds | peak MB | rows | findings | release MB | verdict |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for each in outcomes:
        plan, found = each.plan, sum(each.findings.values())
        yield (
            f"| {plan.seed} | {plan.persons} | {plan.months} | {'no' if plan.is_clean else 'yes'} "
            f"| {each.seconds:.0f} | {each.peak_mb} | {each.rows} | {found} | {each.release_mb:.0f} "
            f"| {'wrong' if each.wrong else 'good'} |"
        )
    for each in outcomes:
        yield f"\n{each.plan.name}"
        yield from (f"  leader: {line}" for line in each.leader)
        yield from (f"  finding: {rule} {rows}" for rule, rows in sorted(each.findings.items()))
        yield from (f"  WRONG: {line}" for line in each.wrong)


def main() -> int:
    """Run the provinces; 1 when any of them is wrong."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--older", type=Path, required=True, help="where the older DuckDB is installed")
    options.add_argument("--seeds", type=int, nargs="*", help="only these provinces")
    options.add_argument("--keep", action="store_true", help="keep the homes")
    chosen = options.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    plans = [each for each in PLANS if not chosen.seeds or each.seed in chosen.seeds]
    outcomes = []
    for plan in plans:
        folder = chosen.folder / plan.name
        shutil.rmtree(folder, ignore_errors=True)
        outcomes.append(run_province(plan, folder, ("", str(chosen.older))))
        print(*list(report(outcomes[-1:]))[2:], sep="\n", flush=True)
        if not chosen.keep:
            shutil.rmtree(folder)
    text = "\n".join(report(outcomes))
    (chosen.folder / "report.md").write_text(text + "\n", encoding="utf-8")
    print(f"\n{text}")
    return 1 if any(each.wrong for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
