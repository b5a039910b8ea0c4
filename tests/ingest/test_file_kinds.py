"""Files that are no deliveries, or no tables as they should be: each gets its own true sentence."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from orchestration.lib import inbox
from warehouse.feeds import FEEDS
from warehouse.feeds.contract import columns_of
from warehouse.home import writer
from warehouse.ingest.batch import Outcome
from warehouse.ingest.clean import is_identifier, is_record_number
from warehouse.ingest.deliver import files_in, ingest
from warehouse.settings import Settings
from warehouse.texts import Refused

HEADER = "setl_id,psn_no,insutype,insu_admdvs,setl_time,begndate,med_type,medfee_sumamt,refd_setl_flag"
RECORD = "S1,46990000000001,310,460100,2024-12-01 10:00:00,2024-12-01,11,50.00,0"


def load(settings: Settings, *paths: Path, feed: str | None = None) -> list[Outcome]:
    with writer(settings):
        return list(ingest(files_in(paths), settings, feed))


def raw(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def table(path: Path, text: str = f"{HEADER}\n{RECORD}\n") -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def workbook(path: Path, rows: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def test_what_programs_leave_beside_a_file_is_no_delivery(home: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    good = table(folder / "settlement@2025-01-11.csv")
    debris = [folder / "~$settlement@2025-01-11.xlsx", folder / "._settlement.csv", folder / ".~x.csv"]
    for path in debris:
        path.write_bytes(b"\x05\x00user")
    assert files_in([folder]) == [good]
    assert files_in([good, *debris]) == [good]
    with pytest.raises(Refused, match="锁文件"):
        files_in([debris[0]])
    looks = inbox.look(folder, None)
    assert looks.arriving == (good.name,)
    assert [each.status for each in load(home, folder)] == ["accepted"]


XLS = Path(__file__).parent / "cases" / "settlement.xls"


def test_an_old_workbook_is_loaded(home: Settings, tmp_path: Path) -> None:
    path = tmp_path / "settlement@2025-02-01.xls"
    path.write_bytes(XLS.read_bytes())
    (outcome,) = load(home, path)
    assert (outcome.status, outcome.rows_accepted) == ("accepted", 3), outcome.message.zh
    found = raw(home, "select distinct begndate, medfee_sumamt from raw.settlement")
    assert [(str(day), str(fee)) for day, fee in found] == [("2025-01-15", "100.50")]


@pytest.mark.parametrize(
    ("record", "at", "bits"),
    [(b"\x08\x02\x10\x00\x02\x00", 12, 0x20), (b"\x7d\x00\x0c\x00", 8, 0x01)],
    ids=["row", "column"],
)
def test_what_an_old_workbook_hides_refuses_it(
    record: bytes, at: int, bits: int, home: Settings, tmp_path: Path
) -> None:
    content = bytearray(XLS.read_bytes())
    content[content.index(record) + 4 + at] |= bits
    path = tmp_path / "settlement@2025-02-01.xls"
    path.write_bytes(content)
    (outcome,) = load(home, path)
    assert outcome.status == "refused"
    assert "被隐藏而有内容" in outcome.message.zh


@pytest.mark.parametrize("encoding", ["gb18030", "latin-1"])
@pytest.mark.parametrize("name", ["张三", "欧阳修甲", "样例医院"])
def test_words_that_were_read_in_another_encoding_before_are_refused(
    encoding: str, name: str, home: Settings, tmp_path: Path
) -> None:
    garbled = name.encode().decode(encoding)
    lines = [f"{HEADER},psn_name"] + [f"S{number}{RECORD[2:]},{garbled}" for number in range(20)]
    (outcome,) = load(home, table(tmp_path / "settlement.csv", "\n".join(lines) + "\n"))
    assert outcome.status == "refused"
    assert "错误转码" in outcome.message.zh
    right = [line.replace(garbled, "海口市第一样例医院联通") for line in lines]
    (outcome,) = load(home, table(tmp_path / "settlement.csv", "\n".join(right) + "\n"))
    assert outcome.status == "accepted"


OTHER_KINDS = {
    "html": ("<html xmlns:x='urn'><table><tr><td>setl_id</td></tr></table></html>\n", "网页"),
    "html5": ("\ufeff<!DOCTYPE html>\n<html></html>\n", "网页"),
    "mhtml": ("MIME-Version: 1.0\nContent-Type: multipart/related\n", "网页"),
    "xml": ('<?xml version="1.0"?><Workbook><Row/></Workbook>\n', "XML"),
    "json": ('[{"setl_id": "1"}, {"setl_id": "2"}]\n', "JSON"),
    "json_lines": ('{"setl_id": "1"}\n{"setl_id": "2"}\n', "JSON"),
    "sql": ("INSERT INTO setl_d VALUES (1, 2);\n", "SQL"),
    "rar": ("Rar!\x1a\x07\x00abc", "RAR"),
}


@pytest.mark.parametrize("kind", OTHER_KINDS)
@pytest.mark.parametrize("suffix", ["csv", "xls"])
def test_text_that_is_no_table_is_called_what_it_is(
    kind: str, suffix: str, home: Settings, tmp_path: Path
) -> None:
    text, said = OTHER_KINDS[kind]
    (outcome,) = load(home, table(tmp_path / f"settlement.{suffix}", text))
    assert outcome.status == "refused"
    assert said in outcome.message.zh


def test_what_programs_leave_in_an_archive_is_no_delivery(home: Settings, tmp_path: Path) -> None:
    packed = tmp_path / "settlement@2025-01-11.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("settlement.csv", f"{HEADER}\n{RECORD}\n")
        for name in ("~$settlement.xlsx", "._settlement.csv", "__MACOSX/._settlement.csv"):
            archive.writestr(name, b"\x05\x00user")
    assert [each.status for each in load(home, packed)] == ["accepted"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_named(home: Settings, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "settlement@2025-01-11.csv"
    path.write_bytes(f"{HEADER}\r\n{RECORD}\r\n".replace(",", "\t").encode(encoding))
    (outcome,) = load(home, path)
    assert outcome.message.zh.startswith(f"{path.name} 是 UTF-16 编码的文本")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("feed", [None, "settlement"])
def test_a_title_above_the_header_is_named_with_the_headers_line(
    home: Settings, tmp_path: Path, kind: str, feed: str | None
) -> None:
    rows: list[list[object]] = [
        ["海南省医保结算明细"],
        ["制表日期", "2025-01-10"],
        HEADER.split(","),
        RECORD.split(","),
    ]
    path = tmp_path / f"settlement@2025-01-11.{kind}"
    if kind == "csv":
        table(path, "".join(",".join(map(str, row)) + "\n" for row in rows))
    else:
        workbook(path, rows)
    (outcome,) = load(home, path, feed=feed)
    assert "的表头（数据源 settlement）在第 3 行" in outcome.message.zh


@pytest.mark.parametrize(
    "entry", ["Settlement@2025-01-11.CSV", "ｓettlement@2025-01-11.csv", "settlement @2025-01-11.csv"]
)
def test_a_manifest_entry_that_nearly_names_a_file_is_said(
    home: Settings, tmp_path: Path, entry: str
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    table(folder / "settlement@2025-01-11.csv")
    manifest = f'files:\n  "{entry}":\n    delivered_on: 2025-01-10\n'
    (folder / "manifest.yml").write_text(manifest, encoding="utf-8")
    (outcome,) = load(home, folder)
    assert outcome.status == "refused"
    assert entry in outcome.message.zh
    assert "settlement@2025-01-11.csv" in outcome.message.zh


def test_a_manifest_may_name_two_files_that_are_nearly_alike(home: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    table(folder / "settlement.csv")
    table(folder / "SETTLEMENT.csv", f"{HEADER}\n{RECORD.replace('S1', 'S2')}\n")
    (folder / "manifest.yml").write_text(
        "files: {settlement.csv: {delivered_on: 2025-01-10}}", encoding="utf-8"
    )
    assert {each.status for each in load(home, folder)} == {"accepted"}


def test_a_moment_with_a_zone_is_the_same_in_csv_excel_and_parquet(home: Settings, tmp_path: Path) -> None:
    instant, day = "2024-11-30T16:30:00Z", "2023-12-31T16:00:00.000Z"
    cells = RECORD.replace("2024-12-01 10:00:00", instant).replace("2024-12-01,", f"{day},").split(",")
    names = HEADER.split(",")
    paths = [
        table(tmp_path / "settlement_1@2025-01-11.csv", f"{HEADER}\n{','.join(cells)}\n"),
        workbook(
            tmp_path / "settlement_2@2025-01-11.xlsx", [names, [cell.replace("S1", "S2") for cell in cells]]
        ),
        tmp_path / "settlement_3@2025-01-11.parquet",
        tmp_path / "settlement_4@2025-01-11.parquet",
    ]
    texts = dict(zip(names, cells, strict=True))
    pq.write_table(pa.Table.from_pylist([texts | {"setl_id": "S3"}]), paths[2])
    instants = {"setl_id": "S4", "setl_time": datetime(2024, 11, 30, 16, 30, tzinfo=UTC)}
    pq.write_table(pa.Table.from_pylist([texts | instants]), paths[3])
    assert [each.status for each in load(home, *paths)] == ["accepted"] * 4
    found = raw(home, "select distinct setl_time, begndate from raw.settlement")
    assert found == [(datetime(2024, 12, 1, 0, 30), date(2024, 1, 1))]


@pytest.mark.parametrize(
    ("amount", "is_taken"),
    [
        (12.34, True),
        (0.1 + 0.2, True),
        (123456789.12, True),
        (12345678.900000002, True),
        (12.34004, False),
        (1e-5, False),
    ],
)
@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_a_double_counts_with_the_digits_it_holds(
    home: Settings, tmp_path: Path, kind: str, amount: float, is_taken: bool
) -> None:
    names, cells = HEADER.split(","), RECORD.split(",")
    row: dict[str, object] = dict(zip(names, cells, strict=True)) | {"medfee_sumamt": amount}
    path = tmp_path / f"settlement@2025-01-11.{kind}"
    if kind == "xlsx":
        workbook(path, [names, list(row.values())])
    else:
        pq.write_table(pa.Table.from_pylist([row]), path)
    (outcome,) = load(home, path)
    assert outcome.status == ("accepted" if is_taken else "refused"), outcome.message.zh


def test_identifiers_are_those_of_the_contracts() -> None:
    """Every identifier column of every feed, by the rule of names; what the platform counts with is none."""
    found = {each.name for feed in FEEDS.values() for each in columns_of(feed) if is_identifier(each)}
    assert {
        "psn_no", "setl_id", "medins_setl_id", "mdtrt_id", "init_setl_id", "certno", "emp_no", "fixmedins_code",
        "prnt_medins_code", "clct_detl_id", "init_clct_detl_id", "psn_insu_rlts_id", "clr_appy_evt_id", "case_no",
        "recover_id", "order_detail_id", "order_no", "inst_code", "inst_uscc", "uscc", "prod_code", "invono", "rid",
        "fixed_inst", "natl_setl_id", "case_id", "household_id", "rule_id", "detail_sn", "terminal_id", "dise_no",
    } <= found  # fmt: skip
    codes = {each.name for feed in FEEDS.values() for each in columns_of(feed) if is_record_number(each)}
    assert not codes & {"dise_no", "dise_code", "main_diag_code", "main_oprn_code", "grp_code", "item_code"}
    assert {"psn_no", "setl_id", "certno", "household_id", "detail_sn", "case_no"} <= codes


IDENTIFIED = sorted(
    name
    for name, feed in FEEDS.items()
    if feed.number and any(is_identifier(each) for each in columns_of(feed))
)


@pytest.mark.parametrize("feed", IDENTIFIED)
def test_every_identifier_of_every_feed_is_repaired_exactly_or_refused(home: Settings, feed: str) -> None:
    """The cleaning of each contract's columns, apart from the rules of its feed."""
    from warehouse.ingest import clean
    from warehouse.ingest.read import read_csv
    from warehouse.ingest.recognise import recognise

    columns = columns_of(FEEDS[feed])
    identifiers = [each.name for each in columns if is_identifier(each)]
    written = {
        "'46990001": "46990001",
        '"=""46990002"""': "46990002",
        "4699 0003": "46990003",
        "46990004.0": "46990004",
        "4.6990005E7": "46990005",
        "４６９９０００６": "46990006",
        "46990007": "46990007",
        "2.0240901E17": None,
        "2.02409E+17": None,
        "202409010000000001.0": None,
    }
    names = [each.name for each in columns]
    lines = [",".join(value if name in identifiers else "" for name in names) for value in written]
    path = table(home.spill / "feed.csv", "\n".join((",".join(names), *lines)) + "\n")
    layout = recognise(names, path.name, feed)
    with duckdb.connect() as connection:
        delivered = read_csv(connection, path, layout, path.name, home.spill)
        clean.make_batch(connection, delivered, date(2025, 1, 11), home.spill)
        for name in identifiers:
            found = connection.execute(
                f"select case when not list_contains(_unread, '{name}') then {name} end from batch_all order by _row"
            ).fetchall()
            assert [value for (value,) in found] == list(written.values()), name


def test_long_numbers_that_all_end_in_zeros_lost_their_digits(home: Settings, tmp_path: Path) -> None:
    ids = [f"20240901{number:07}000" for number in range(1, 21)]
    lines = [RECORD.replace("S1", each) for each in ids]
    (outcome,) = load(home, table(tmp_path / "settlement@2025-01-11.csv", "\n".join((HEADER, *lines)) + "\n"))
    assert "format:setl_id" in outcome.message.zh


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_what_is_no_number_no_moment_and_no_identifier_is_refused_in_every_kind_of_file(
    home: Settings, tmp_path: Path, kind: str
) -> None:
    names = HEADER.split(",")
    odd = {
        "S900": {"medfee_sumamt": "$50"},
        "S901": {"medfee_sumamt": "5_0.00"},
        "S902": {"setl_time": "2024-11-30T16:30:00[UTC]"},
        "S903": {"psn_no": "46990000000001;"},
        "S904": {"psn_no": "TRUE"},
        "S905": {"psn_no": "`46990000000001"},
    }
    usual = dict(zip(names, RECORD.split(","), strict=True))
    rows = [usual | {"setl_id": f"S{number}"} | odd.get(f"S{number}", {}) for number in range(1, 1001)]
    rows[0] |= {"psn_no": "4699‑1"}
    cells = [[row[name] for name in names] for row in rows]
    path = tmp_path / f"settlement@2025-01-11.{kind}"
    if kind == "csv":
        table(path, "\n".join(",".join(row) for row in [names, *cells]) + "\n")
    elif kind == "xlsx":
        workbook(path, [names, *cells])
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    (outcome,) = load(home, path)
    assert outcome.status == "accepted", outcome.message.zh
    kept = {each for (each,) in raw(home, "select setl_id from raw.settlement")}
    assert {row["setl_id"] for row in rows} - kept == set(odd)
    assert raw(home, "select psn_no from raw.settlement where setl_id = 'S1'") == [("4699-1",)]
    assert raw(home, "select rows_found from raw.finding where rule = 'repaired:psn_no'") == [(1,)]
