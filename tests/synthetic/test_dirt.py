"""The answer file tells the truth about the files it speaks of."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from warehouse.feeds import FEEDS
from warehouse.feeds.contract import BatchRule
from warehouse.ingest.decode import decode
from warehouse.synthetic.dirt.extra import MISREAD
from warehouse.synthetic.generate import generate
from warehouse.synthetic.plan import Plan
from warehouse.texts import Refused

Row = dict[str, str]
FIRST, LAST = date(2024, 1, 1), date(2025, 4, 1)
CORE = (
    "person",
    "enrolment",
    "contribution",
    "settlement",
    "settlement_fund_line",
    "fee_summary",
    "fund_ledger",
    "institution",
)
KEPT_OUT = ("reject", "wait", "set_aside", "total")
FURTHER = ("new", "pair", "again", "line")
# Q16 has a case that would need a million rows; it is planted as embedded signs and broken lines only
PHENOMENA = {f"Q{number:02}" for number in range(1, 21)}


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dirty")
    generate(Plan(10_000, FIRST, LAST, seed=11), out)
    return out


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("clean")
    generate(Plan(10_000, FIRST, LAST, seed=11, is_clean=True), out)
    return out


@pytest.fixture(scope="module")
def answers(dirty: Path) -> list[Row]:
    return _rows(dirty / "answers.csv")


@pytest.fixture(scope="module")
def manifest(dirty: Path) -> dict[str, dict[str, object]]:
    text = (dirty / "feeds" / "manifest.yml").read_text(encoding="utf-8")
    files: dict[str, dict[str, object]] = yaml.safe_load(text)["files"]
    return files


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _records(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))[1:]


def test_every_phenomenon_is_planted(answers: list[Row]) -> None:
    assert {each["code"] for each in answers} >= PHENOMENA


def test_every_reject_rule_of_the_core_feeds_is_broken_somewhere(answers: list[Row]) -> None:
    planted = {(each["feed"], each["rule"]) for each in answers}
    rules = {
        (feed, rule.code)
        for feed in CORE
        for rule in FEEDS[feed].rules
        if rule.severity == "reject" or (rule.severity == "blank" and not isinstance(rule, BatchRule))
    }
    assert rules - planted == set()


def test_every_file_is_in_the_manifest(
    dirty: Path, answers: list[Row], manifest: dict[str, dict[str, object]]
) -> None:
    written = {each.name for each in (dirty / "feeds").iterdir()} - {"manifest.yml"}
    assert written == set(manifest)
    assert {each["file"] for each in answers} <= written


def test_manifest_counts_every_record(
    dirty: Path, answers: list[Row], manifest: dict[str, dict[str, object]]
) -> None:
    wrong = {each["file"] for each in answers if each["rule"] == "control:rows"}
    misread = {each["file"] for each in answers if each["code"] == "Q02"}
    for name in {each["file"] for each in answers if each["file"].endswith(".csv")} - wrong - misread:
        assert len(_records(dirty / "feeds" / name)) == manifest[name]["rows"], name


def test_refusals_stay_below_one_in_a_hundred(
    answers: list[Row], manifest: dict[str, dict[str, object]]
) -> None:
    refused = Counter(each["file"] for each in answers if each["expected"] in ("reject", "wait"))
    assert refused
    for name, count in refused.items():
        assert count < 0.01 * int(str(manifest[name]["rows"])), name


def test_no_row_is_planted_twice(answers: list[Row]) -> None:
    places = Counter((each["file"], each["record"]) for each in answers if each["record"])
    assert [place for place, count in places.items() if count > 1] == []


def test_a_changed_cell_stands_where_the_answer_says(dirty: Path, answers: list[Row]) -> None:
    checked = 0
    tables: dict[str, list[list[str]]] = {}
    for each in answers:
        if each["kind"] != "changed" or " -> " not in each["note"]:
            continue
        if each["file"] not in tables:
            path = dirty / "feeds" / each["file"]
            with path.open(encoding="utf-8", newline="") as stream:
                tables[each["file"]] = list(csv.reader(stream))
        header = tables[each["file"]][0]
        value = tables[each["file"]][int(each["record"])][header.index(each["column"])]
        assert value.replace("\n", " ") == each["note"].split(" -> ", 1)[1]
        checked += 1
    assert checked > 50


def test_what_is_accepted_is_what_a_clean_delivery_has(dirty: Path, clean: Path, answers: list[Row]) -> None:
    """Settlements of a spoiled month: without the further rows, with those that came late."""
    name = "settlement_2025-02.csv"
    further = {int(each["record"]) for each in answers if each["file"] == name and each["kind"] in FURTHER}
    kept = [
        record[0]
        for number, record in enumerate(_records(dirty / "feeds" / name), start=1)
        if number not in further
    ]
    late = [
        _records(dirty / "feeds" / each["file"])[int(each["record"]) - 1][0]
        for each in answers
        if each["feed"] == "settlement" and "2025-02_late" in each["file"] and "人工报销" in each["note"]
    ]
    assert sorted(kept + late) == sorted(record[0] for record in _records(clean / "feeds" / name))


def test_broken_lines_have_another_number_of_columns(dirty: Path, answers: list[Row]) -> None:
    broken = [each for each in answers if each["rule"] == "format:line"]
    assert broken
    for each in broken:
        path = dirty / "feeds" / each["file"]
        with path.open(encoding="utf-8", newline="") as stream:
            table = list(csv.reader(stream))
        assert len(table[int(each["record"])]) != len(table[0])


def test_an_orphan_refund_has_no_original_but_two_get_one_later(dirty: Path, answers: list[Row]) -> None:
    waiting = [each for each in answers if each["rule"] == "refund_without_original"]
    rows = _rows(dirty / "feeds" / waiting[0]["file"])
    wanted = [rows[int(each["record"]) - 1]["init_setl_id"] for each in waiting]
    known = {
        row["setl_id"]: row
        for path in (dirty / "feeds").glob("settlement_*_late@*.csv")
        for row in _rows(path)
    }
    refunds = {row["init_setl_id"]: row for row in rows if row["init_setl_id"] in wanted}
    arrived = [each for each in wanted if each in known]
    assert not {row["setl_id"] for row in rows} & set(wanted)
    assert 0 < len(arrived) < len(wanted)
    for each in arrived:
        assert Decimal(known[each]["medfee_sumamt"]) == -Decimal(refunds[each]["medfee_sumamt"]) > 0


def test_misread_files_cannot_be_decoded(dirty: Path, answers: list[Row]) -> None:
    misread = [each["file"] for each in answers if each["rule"] == "encoding"]
    assert len(misread) == 3
    for name in misread:
        with pytest.raises(Refused):
            decode(dirty / "feeds" / name, name)
    assert any(MISREAD.encode() in (dirty / "feeds" / name).read_bytes() for name in misread)


def test_other_encodings_hold_the_same_text_as_a_clean_delivery(
    dirty: Path, clean: Path, answers: list[Row]
) -> None:
    accepted = [each for each in answers if each["code"] == "Q02" and each["expected"] == "file_accepted"]
    assert {each["note"] for each in accepted} == {"GB18030 编码", "UTF-8 带 BOM"}
    for each in accepted:
        decoded = decode(dirty / "feeds" / each["file"], each["file"])
        original = (clean / "feeds" / each["file"]).read_bytes().decode("utf-8")
        late = [
            row
            for path in (dirty / "feeds").glob(f"{each['file'].removesuffix('.csv')}_late@*.csv")
            for row in _records(path)
        ]
        lines = decoded.text.splitlines()
        assert set(lines) <= set(original.splitlines())
        assert len(original.splitlines()) - len(lines) <= len(late)


def test_the_same_file_comes_twice(dirty: Path, answers: list[Row]) -> None:
    known = next(each for each in answers if each["expected"] == "known")
    original = dirty / "feeds" / known["note"].split()[1]
    assert (dirty / "feeds" / known["file"]).read_bytes() == original.read_bytes()


def test_a_clean_province_has_no_answers(clean: Path) -> None:
    assert not (clean / "answers.csv").exists()


def test_same_plan_same_bytes_whatever_the_threads(tmp_path: Path) -> None:
    plan = Plan(3_000, date(2025, 1, 1), date(2025, 3, 1), seed=5)
    digests = []
    for threads in (1, 2):
        out = tmp_path / str(threads)
        generate(plan, out, threads=threads)
        digests.append(
            {
                path.relative_to(out): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in sorted(out.rglob("*"))
                if path.is_file()
            }
        )
    assert digests[0] == digests[1]
