"""Files made to bring a reader down, to take all memory or time, or to say something else than they show."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
from collections.abc import Callable, Mapping
from functools import partial

import pyarrow as pa
import pyarrow.parquet as pq

HEADER = ("psn_no", "psn_name", "psn_cert_type", "certno", "brdy")
ROW = ("P1", "甲", "01", "110101195001110015", "1950-01-11")
CSV = f"{','.join(HEADER)}\n{','.join(ROW)}\n".encode()
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
Make = Callable[[], bytes]


def cell(place: str, text: str, more: str = "") -> str:
    reference = f' r="{place}"' if place else ""
    return f'<c{reference} t="inlineStr"{more}><is><t>{text}</t></is></c>'


def row(number: int, values: tuple[str, ...], more: str = "") -> str:
    cells = "".join(cell(f"{chr(65 + place)}{number}", value) for place, value in enumerate(values))
    return f'<row r="{number}"{more}>{cells}</row>'


TABLE = row(1, HEADER) + row(2, ROW)


def sheet(rows: str = TABLE, before: str = "", declaration: str = "", encoding: str = "UTF-8") -> str:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>{declaration}<worksheet xmlns="{MAIN}">{before}'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def parts(content: str | bytes, target: str = "worksheets/sheet1.xml") -> dict[str, str | bytes]:
    return {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" '
        f'Type="{OFFICE}/worksheet" Target="{target}"/></Relationships>',
        f"xl/{target}": content,
    }


def packed(members: Mapping[str, str | bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inside in members.items():
            archive.writestr(name, inside)
    return content.getvalue()


def book(content: str | bytes | None = None, more: Mapping[str, str | bytes] | None = None) -> bytes:
    return packed(parts(sheet() if content is None else content) | (more or {}))


def elsewhere(content: str, target: str) -> bytes:
    return packed(parts(content, target))


def without(name: str) -> bytes:
    return packed({part: content for part, content in parts(sheet()).items() if name not in part})


def twice() -> bytes:
    """The same part in two capitals: which of them is read depends on who reads."""
    return book(more={"xl/worksheets/SHEET1.xml": sheet(row(1, HEADER) + row(2, ROW, ' hidden="1"'))})


def formula(result: str) -> str:
    return sheet(row(1, HEADER) + f'<row r="2"><c r="A2"><f>1+1</f>{result}</c></row>')


def large_table(name_of_parts: str = "psn_name") -> pa.Table:
    count = 3000
    return pa.table(
        {
            "psn_no": [f"P{number}" for number in range(count)],
            name_of_parts: [f"甲{number}" for number in range(count)],
            "psn_cert_type": ["01"] * count,
            "certno": [f"{number}" for number in range(count)],
            "brdy": ["1950-01-11"] * count,
        }
    )


def parquet(table: pa.Table | None = None, compression: str = "snappy") -> bytes:
    content = io.BytesIO()
    pq.write_table(large_table() if table is None else table, content, compression=compression)
    return content.getvalue()


def equal_rows(count: int) -> bytes:
    values = {name: pa.array([value]).dictionary_encode() for name, value in zip(HEADER, ROW, strict=True)}
    zeros = pa.repeat(pa.scalar(0, pa.int32()), count)
    return parquet(
        pa.table(
            {name: pa.DictionaryArray.from_arrays(zeros, each.dictionary) for name, each in values.items()}
        ),
        "zstd",
    )


def columns(count: int) -> bytes:
    return parquet(pa.table({name: ["x"] for name in (*HEADER, *(f"c{n}" for n in range(count)))}))


def flipped(make: Make, seed: int) -> bytes:
    content = bytearray(make())
    chance = random.Random(seed)
    at = chance.randrange(4, len(content) - 8)
    content[at : at + 6] = chance.randbytes(6)
    return bytes(content)


def cut(make: Make, share: float) -> bytes:
    content = make()
    return content[: int(len(content) * share)]


def footer_says(length: int) -> bytes:
    return parquet()[:-8] + struct.pack("<I", length) + b"PAR1"


def declared(size: int) -> bytes:
    """A zip whose members say that they are larger than they are."""
    content = bytearray(packed({"person.csv": CSV}))
    central = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, central + 24, size)
    return bytes(content)


def encrypted() -> bytes:
    content = bytearray(packed({"person.csv": CSV}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def link_member() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        info = zipfile.ZipInfo("person.csv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return content.getvalue()


LAUGHS = "<!DOCTYPE l [" + '<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip
FAR = '<row r="1"><c r="A1"/><c r="XFD1"/></row><row r="1048576"><c r="A1048576"/><c r="XFD1048576"/></row>'
FAR_UNSORTED = f'{row(1, HEADER)}<row r="2"><c r="XFD2" t="str"><v>1</v></c>{cell("A2", "P1")}</row>' + row(
    1048576, ROW
)
HIDDEN = row(1, HEADER) + row(2, ROW, ' hidden="1"')
NAMELESS = "".join(f"<row>{''.join(cell('', each) for each in values)}</row>" for values in (HEADER, ROW))
PREFIXED = sheet(HIDDEN).replace("<row", "<x:row").replace("</row", "</x:row").replace(
    f'xmlns="{MAIN}"', f'xmlns="{MAIN}" xmlns:x="{MAIN}"'
)  # fmt: skip
SECOND_COLUMN = '<cols><col min="2" max="2" hidden="1"/></cols>'

WORKBOOKS: dict[str, Make] = {
    "far_cell": lambda: book(sheet(FAR)),
    "far_cell_unsorted": lambda: book(sheet(FAR_UNSORTED)),
    "doctype": lambda: book(sheet(declaration="<!DOCTYPE worksheet>")),
    "laughs": lambda: book(sheet(declaration=LAUGHS, rows=row(1, HEADER) + row(2, ("&i;", *ROW[1:])))),
    "laughs_in_strings": lambda: book(more={"xl/sharedStrings.xml": f"<?xml version='1.0'?>{LAUGHS}<sst/>"}),
    "outside_entity": lambda: book(
        sheet(declaration='<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/passwd">]>')
    ),
    "utf_16": lambda: book(sheet(encoding="UTF-16").encode("utf-16")),
    "latin_1": lambda: book(sheet(encoding="ISO-8859-1").encode()),
    "hidden_row": lambda: book(sheet(HIDDEN)),
    "hidden_row_said_otherwise": lambda: book(sheet(HIDDEN.replace('hidden="1"', "hidden = 'TRUE'"))),
    "hidden_row_with_prefix": lambda: book(PREFIXED),
    "hidden_row_in_other_part": lambda: elsewhere(sheet(HIDDEN), "worksheets/data.xml"),
    "hidden_row_in_other_folder": lambda: elsewhere(sheet(HIDDEN), "elsewhere/table.bin"),
    "hidden_column": lambda: book(sheet(before=SECOND_COLUMN)),
    "hidden_column_in_other_part": lambda: elsewhere(sheet(before=SECOND_COLUMN), "worksheets/Sheet.XML"),
    "hidden_column_without_places": lambda: book(sheet(NAMELESS, before=SECOND_COLUMN)),
    "formula_without_result": lambda: elsewhere(formula(""), "worksheets/f.xml"),
    "formula_with_empty_result": lambda: book(formula("<v> </v>")),
    "error_value": lambda: book(sheet(row(1, HEADER) + '<row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>')),
    "part_twice": twice,
    "other_kind_within": lambda: book(more={"xl/workbook.bin": b"\x83\x01"}),
    "no_relations": lambda: without("workbook.xml.rels"),
    "no_sheet": lambda: without("sheet1"),
    "relation_to_elsewhere": lambda: elsewhere(sheet(), "../../../../etc/passwd"),
    "deep": lambda: book(sheet(rows=TABLE + "<a>" * 200_000)),
    "row_number_without_end": lambda: book(sheet(f'<row r="{"9" * 400}">{cell("A1", "x")}</row>')),
    "nonsense_places": lambda: book(sheet(f'<row r="1">{cell("ZZZZZZZZ1", "x")}</row>')),
    "string_out_of_range": lambda: book(sheet('<row r="1"><c r="A1" t="s"><v>4000000000</v></c></row>')),
    "string_of_no_number": lambda: book(sheet('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>')),
    "giant_cell": lambda: book(sheet(row(1, HEADER) + row(2, ("9" * 40_000_000, *ROW[1:])))),
    "many_columns": lambda: book(sheet(f"<row>{''.join(cell('', f'c{n}') for n in range(16_384))}</row>")),
    "many_parts": lambda: book(more={f"xl/media/{number}": b"" for number in range(10_001)}),
    "xls_of_nothing": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 4096,
    "xls_of_noise": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(7).randbytes(8192),
    "cut_workbook": partial(cut, book, 0.6),
    **{f"flipped_workbook_{seed}": partial(flipped, book, seed) for seed in range(6)},
}
PARQUETS: dict[str, Make] = {
    **{f"flipped_parquet_{seed}": partial(flipped, parquet, seed) for seed in range(14)},
    "cut_parquet": partial(cut, parquet, 0.5),
    "parquet_of_its_mark": lambda: b"PAR1PAR1",
    "footer_before_the_file": partial(footer_says, 2**32 - 1),
    "footer_of_nothing": partial(footer_says, 0),
    "equal_rows": partial(equal_rows, 8_000_000),
    "sixty_thousand_columns": partial(columns, 60_000),
    "nested": lambda: parquet(pa.table({name: ["x"] for name in HEADER} | {"more": [[[{"a": [1]}]]]})),
    "giant_value": lambda: parquet(pa.table({name: ["9" * 60_000_000] for name in HEADER})),
    "name_in_quotes": lambda: parquet(large_table('psn_name"; drop table x; --')),
}
TEXTS: dict[str, Make] = {
    "wide_csv": lambda: (
        b",".join(b"c%d" % number for number in range(60_000)) + b"\n" + b"1," * 59_999 + b"1\n"
    ),
    "wide_person_csv": lambda: CSV.replace(
        b"\n", b"," + b",".join(b"x%d" % n for n in range(60_000)) + b"\n"
    ),
    "giant_line": lambda: CSV + b"P2," + b"9" * 30_000_000 + b",01,1,1950-01-11\n",
    "null_bytes": lambda: CSV + b"P2,\x00,01,1,1950-01-11\n",
    "open_quote": lambda: CSV.replace(b"P1", b'"P1') + CSV * 3,
    "only_quotes": lambda: b'"' * 100_001,
    "only_commas": lambda: b"," * 3_000_000,
    "only_breaks": lambda: b"\n" * 1_000_000,
    "only_a_mark": lambda: b"\xef\xbb\xbf",
    "nothing": lambda: b"",
    "noise": lambda: random.Random(3).randbytes(100_000),
    "mixed_encodings": lambda: CSV + "P2,乙,01,1,1950-01-11\n".encode("gb18030") * 3,
    "long_header": lambda: b"h" * 2_000_000 + b"\n1\n",
}
PACKED: dict[str, Make] = {
    "gz_bomb": lambda: gzip.compress(bytes(200_000_000), 9, mtime=0),
    "gz_of_equal_rows": lambda: gzip.compress(
        CSV + b",".join(each.encode() for each in ROW) * 9_000_000, mtime=0
    ),
    "gz_cut": partial(cut, lambda: gzip.compress(CSV * 999, mtime=0), 0.5),
    "gz_flipped": partial(flipped, lambda: gzip.compress(CSV, mtime=0), 2),
    "gz_in_gz": lambda: gzip.compress(gzip.compress(CSV, mtime=0), mtime=0),
    "zip_bomb": lambda: packed({"person.csv": bytes(100_000_000)}),
    "zip_declares_more": partial(declared, 2**32 - 2),
    "zip_declares_less": partial(declared, 3),
    "zip_of_many": lambda: packed({f"{number}.csv": b"x" for number in range(5000)}),
    "zip_in_zip": lambda: packed({"a.zip": packed({"person.csv": CSV})}),
    "zip_encrypted": encrypted,
    "zip_with_a_link": link_member,
    "zip_of_nothing": lambda: packed({}),
    "zip_cut": partial(cut, lambda: packed({"person.csv": CSV * 99}), 0.7),
}
HARMLESS_NAMES: dict[str, Make] = {  # taken, under the last part of their names
    "zip_leads_out": lambda: packed({"../../../../tmp/person_out.csv": CSV.replace(b"P1", b"P91")}),
    "zip_from_the_root": lambda: packed({"/etc/person_root.csv": CSV.replace(b"P1", b"P92")}),
    "zip_of_steering_names": lambda: packed({"person\x1b[31m[/red]\u202e.csv": CSV.replace(b"P1", b"P93")}),
    "zip_of_a_long_name": lambda: packed({f"person{'x' * 60_000}.csv": CSV.replace(b"P1", b"P94")}),
}
READ = ("name_in_quotes", "relation_to_elsewhere")  # a column of no feed; a part of the archive itself
REFUSED = WORKBOOKS | PARQUETS | TEXTS | PACKED
