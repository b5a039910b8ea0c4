"""Names, identity numbers and the key of the persons exist in raw, archive and quarantine, and nowhere else."""

from __future__ import annotations

import csv
import gzip
import hmac
import io
import re
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from killed_command import command

from warehouse.home import init_home, writer
from warehouse.ingest.deliver import files_in, ingest
from warehouse.settings import Settings, load_settings

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
DAY = "@2025-04-10"
MAY_HOLD_PERSONS = ("archive", "inbox", "quarantine", "build.duckdb", "build.duckdb.wal")
Row = dict[str, str]


def identity_number(born: str, number: int) -> str:
    """Of a region that does not exist, with its check digit."""
    digits = f"990000{born.replace('-', '')}{number:03d}"
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return digits + "10X98765432"[weighted % 11]


def person(number: int, **changes: str) -> Row:
    born = f"19{50 + number % 40}-0{number % 9 + 1}-11"
    return {
        "psn_no": f"P{number:04d}",
        "psn_name": f"欧阳密名{number}号",
        "psn_cert_type": "01",
        "certno": identity_number(born, number),
        "gend": "1",
        "brdy": born,
        "updt_time": "2025-03-01 00:00:00",
        "手机号": f"1390099{number:04d}",
    } | changes


def settlement(number: int, **changes: str) -> Row:
    of = person(number)
    return {
        "setl_id": f"S{number:04d}",
        "psn_no": of["psn_no"],
        "psn_name": of["psn_name"],
        "certno": of["certno"],
        "insutype": "390",
        "med_type": "11",
        "setl_time": "2025-03-05 10:00:00",
        "refd_setl_flag": "0",
        "init_setl_id": "",
        "medfee_sumamt": "100.00",
        "fund_pay_sumamt": "60.00",
        "hifp_pay": "60.00",
        "psn_pay": "40.00",
    } | changes


def rostered(number: int, **changes: str) -> Row:
    of = person(number)
    return {"certno": of["certno"], "name": of["psn_name"], "grp": "1", "ym": "202503"} | changes


def refund(number: int) -> Row:
    row = settlement(number)
    negative = {name: f"-{row[name]}" for name in row if row[name].endswith("0.00")}
    return row | negative | {"setl_id": f"R{number:04d}", "refd_setl_flag": "1", "init_setl_id": "S9999"}


def shifted(rows: Sequence[Row]) -> list[Row]:
    """Every value one column to the right: the name stands where another column is meant."""
    return [dict(zip(row, [*list(row.values())[-1:], *row.values()], strict=False)) for row in rows]


def csv_text(rows: Sequence[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer_ = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer_.writeheader()
    writer_.writerows(rows)
    return text.getvalue()


PERSONS = [person(number) for number in range(250)]
NAME, NUMBER, PHONE = "欧阳密名", r"990000\d{9}", r"1390099\d{4}"
MARKERS = [
    re.compile(each) for each in (NAME.encode(), NAME.encode("gb18030"), NUMBER.encode(), PHONE.encode())
]
WITHOUT_HEADER = [list(row.values()) for row in PERSONS[:5]]


def write_accepted(folder: Path) -> list[Path]:
    """Files that are taken, with refused, waiting, unparsable and oddly filled rows among the others."""
    kept_out = [person(240, psn_no=""), person(241, psn_name=f"测试{PERSONS[241]['psn_name']}")]
    lines = csv_text([*PERSONS[:240], *kept_out]).splitlines()
    lines.insert(100, f"P9,{PERSONS[242]['psn_name']},{PERSONS[242]['certno']},1,2,3,4,5,6,7,8,9")
    named_sex = [person(number, psn_no=f"Q{number}", gend=f"欧阳密名{number}号") for number in range(5)]
    settlements = [settlement(number) for number in range(140)]
    settlements += [settlement(243, psn_pay="欧阳密名243号"), refund(244)]
    groups = [rostered(number, grp=f"欧阳密名{number}号", household_id="13900990001") for number in range(5)]
    contents = {
        "person": "\n".join(lines).encode(),
        "person_named_sex": csv_text(named_sex).encode("gb18030"),
        "settlement": csv_text(settlements).encode("gb18030"),
        "roster": csv_text([rostered(number) for number in range(250)]).encode(),
        "roster_named_groups": csv_text(groups).encode(),
    }
    return _write(folder, contents)


def write_refused(folder: Path) -> list[Path]:
    """Files that are refused whole: bad, shifted, without a header, cut off."""
    line = ",".join(WITHOUT_HEADER[0])
    contents = {
        "bad": csv_text([person(number, psn_no="", brdy="欧阳密名1号") for number in range(5)]).encode(),
        "shifted": csv_text(shifted([settlement(number) for number in range(20)])).encode(),
        "shifted_roster": csv_text(shifted([rostered(number) for number in range(20)])).encode("gb18030"),
        "headless": "\n".join(",".join(values) for values in WITHOUT_HEADER).encode(),
        "one_name_twice": f"{line},{PERSONS[0]['psn_name']}\n{line},\n".encode(),
        "open_quote": f'"{line}\n{line}\n'.encode(),
        "cut": csv_text(PERSONS[:5])[:-40].encode(),
        "half": gzip.compress(csv_text(PERSONS).encode())[:-20],
    }
    book = folder / f"headless_book{DAY}.xlsx"
    with xlsxwriter.Workbook(str(book)) as workbook:
        sheet = workbook.add_worksheet()
        for number, values in enumerate(WITHOUT_HEADER):
            sheet.write_row(number, 0, values)
    return [*_write(folder, contents), book]


def _write(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    paths = [folder / f"{name}{DAY}.csv" for name in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        path.write_bytes(content)
    return paths


@dataclass(frozen=True)
class Planted:
    """A home after everything was done with the planted files, and all that the commands said."""

    settings: Settings
    said: dict[str, str]


@pytest.fixture(scope="module")
def planted(released_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    folder = tmp_path_factory.mktemp("planted")
    home = folder / "home"
    shutil.copytree(released_home, home)
    accepted, refused = write_accepted(folder), write_refused(folder)
    settings = load_settings(home)
    said = {
        "refused run": command(home, "run", *refused),
        "run": command(home, "run", *accepted),
        "again": command(home, "ingest", *refused, *accepted),
        "list": command(home, "quarantine", "list"),
        "retry": command(home, "quarantine", "retry"),
    }
    assert [each.code for each in said.values()] == [1, 0, 1, 0, 1], said
    for path in settings.quarantine.iterdir():
        said[path.stem] = command(home, "quarantine", "show", path.stem)
    return Planted(settings, {name: each.said for name, each in said.items()})


def contents(settings: Settings, left_out: Sequence[str]) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(settings.home.rglob("*")):
        if path.is_file() and path.relative_to(settings.home).parts[0] not in left_out:
            yield path, path.read_bytes()


def markers_in(content: bytes) -> set[bytes]:
    return {found[:40] for marker in MARKERS for found in marker.findall(content)}


def test_the_planted_persons_were_loaded_and_refused(planted: Planted) -> None:
    """Otherwise the searches below would prove nothing."""
    settings = planted.settings
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        loaded = connection.execute("select psn_name, certno from raw.person").fetchall()
        named = connection.execute("select gend from raw.person where psn_no = 'Q1'").fetchall()
        grouped = connection.execute("select count(*) from raw.assisted_roster where grp <> '1'").fetchall()
    assert len(set(loaded)) == 240
    assert (named, grouped) == ([("欧阳密名1号",)], [(5,)])
    held = [
        (row["file_name"].split("@")[0], row["raw"])
        for path in settings.quarantine.glob("*.parquet")
        for row in pq.read_table(path).to_pylist()
        if row["raw"]
    ]
    assert {name for name, _ in held} == {"person", "settlement", "bad", "shifted", "shifted_roster"}
    assert [name for name, _ in held].count("person") == 3
    assert all(markers_in(raw.encode()) for _, raw in held)
    assert len([path for path, content in contents(settings, ()) if markers_in(content)]) > 10


def test_no_person_is_in_any_other_file(planted: Planted) -> None:
    found = {
        str(path.relative_to(planted.settings.home)): markers
        for path, content in contents(planted.settings, MAY_HOLD_PERSONS)
        if (markers := markers_in(content))
    }
    assert not found
    folders = {path.relative_to(planted.settings.home).parts[0] for path, _ in contents(planted.settings, ())}
    assert {"releases", "control.sqlite", "dbt", "logs", "dagster"} <= folders


def test_no_person_is_in_a_release_however_it_is_compressed(planted: Planted) -> None:
    pattern = f"{NAME}|{NUMBER}|{PHONE}"
    folders = [path for path in planted.settings.releases.iterdir() if path.is_dir()]
    files = [path for folder in folders for path in folder.glob("*.duckdb")]
    assert len(folders) == 2
    assert {"province.duckdb", "statistician.duckdb"} < {path.name for path in files}
    for file in files:
        with duckdb.connect(str(file), read_only=True) as connection:
            tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            for schema, table in tables:
                query = f"from {schema}.{table} as record where regexp_matches(record::varchar, ?) limit 1"
                assert not connection.execute(query, [pattern]).fetchall(), table


def test_no_command_says_a_person(planted: Planted) -> None:
    assert "整批退回" in planted.said["refused run"]
    assert not {
        name: markers_in(said.encode()) for name, said in planted.said.items() if markers_in(said.encode())
    }


def test_the_key_is_in_its_file_only(planted: Planted) -> None:
    written = planted.settings.person_key_file.read_bytes().strip()
    forms = [written, bytes.fromhex(written.decode()), written.upper()]
    forms += [bytes(byte ^ pad for byte in written) for pad in (0x36, 0x5C)]
    found = [
        path.name
        for path, content in contents(planted.settings, ("person.key",))
        if any(form in content for form in forms)
    ]
    assert not found
    assert not any(written.decode() in said for said in planted.said.values())


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_folders_and_files_with_persons_are_their_owners(planted: Planted) -> None:
    settings = planted.settings
    assert mode(settings.person_key_file) == "0o600"
    folders = (settings.archive, settings.quarantine, settings.inbox, settings.spill)
    assert {mode(folder) for folder in folders} == {"0o700"}
    assert {mode(path) for path in settings.quarantine.iterdir()} == {"0o600"}
    archived = [path for path in settings.archive.rglob("*") if path.is_file() and path.suffix != ".json"]
    assert {mode(path) for path in archived} == {"0o400"}
    assert not list(settings.spill.iterdir())


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = load_settings(tmp_path / "home")
    with writer(settings):
        init_home(settings)
    return settings


def keys_of(settings: Settings, *files: tuple[str, list[Row]]) -> dict[str, str]:
    """The key of each number in its newest version, after loading the rows."""
    paths = [settings.home.with_name(f"{name}{DAY}.csv") for name, _ in files]
    for path, (_, rows) in zip(paths, files, strict=True):
        path.write_text(csv_text(rows), encoding="utf-8")
    with writer(settings):
        assert {each.status for each in ingest(files_in(paths), settings)} == {"accepted"}
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return dict(
            connection.execute(
                """
                select id_value, arg_max(psn_key, coalesce(updt_time, timestamp '-infinity'))
                from raw.person_key
                left join raw.person using (_batch_id, _row)
                group by id_value
                """
            ).fetchall()
        )


def test_the_key_is_made_once(home: Settings) -> None:
    made = home.person_key_file.read_bytes()
    assert len(bytes.fromhex(made.decode())) == 32
    with writer(home):
        init_home(home)
    assert home.person_key_file.read_bytes() == made


def test_a_key_is_the_hmac_of_the_identity(home: Settings) -> None:
    card, passport = PERSONS[1]["certno"], "E12345678"
    foreigner = person(2, psn_cert_type="03", certno=passport.lower())
    unknown = person(3, certno="")
    keys = keys_of(home, ("person", [PERSONS[1], foreigner, unknown]))
    secret = home.person_key_file.read_bytes()
    identities = {"P0001": f"card:{card}", "P0002": f"document:{passport}", "P0003": "person_number:P0003"}
    assert keys == {
        number: hmac.new(secret, identity.encode(), sha256).hexdigest()
        for number, identity in identities.items()
    }


def test_numbers_of_one_person_share_a_key(home: Settings) -> None:
    card = next(row["certno"] for row in PERSONS if row["certno"].endswith("X"))
    born = f"{card[6:10]}-{card[10:12]}-{card[12:14]}"
    rows = [
        person(number, psn_no=name, brdy=born, certno=certno)
        for number, (name, certno) in enumerate(
            {"A": card, "B": card.lower(), "C": card[:6] + card[8:17], "D": f" {card}"}.items()
        )
    ]
    keys = keys_of(home, ("person", rows))
    assert len(keys) == 4
    assert len(set(keys.values())) == 1


def test_a_child_under_its_guardians_card_has_a_key_of_its_own(home: Settings) -> None:
    child = person(1, psn_no="CHILD", brdy="2020-05-05")
    keys = keys_of(home, ("person", [PERSONS[1], child]))
    assert keys["P0001"] != keys["CHILD"]


def test_a_roster_leads_to_the_person(home: Settings) -> None:
    short = PERSONS[2]["certno"][:6] + PERSONS[2]["certno"][8:17]
    roster = [rostered(1), rostered(2, certno=short)]
    keys = keys_of(home, ("person", PERSONS[:3]), ("roster", roster))
    assert keys[PERSONS[1]["certno"]] == keys["P0001"]
    assert keys[short] == keys["P0002"]
    assert len(set(keys.values())) == 3


def test_a_corrected_card_changes_the_key(home: Settings) -> None:
    before = keys_of(home, ("person", [person(1, certno="")]))
    after = keys_of(home, ("person_corrected", [person(1, updt_time="2025-03-02 00:00:00")]))
    late = keys_of(home, ("person_late", [person(1, certno="", updt_time="2025-02-01 00:00:00")]))
    assert before != after == late
