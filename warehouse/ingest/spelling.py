"""How values are written, and what is meant: the cleaning functions as SQL macros of a connection.

Numbers, moments and identifiers come as other people's tools write them. A spelling is put right where the
exact value is known; where digits may be lost (a scientific display, a float with more digits than it holds)
or a zone could be one of several, the macro gives NULL or leaves what ``is_broken_id`` finds: never a guess.
"""

from __future__ import annotations

from contextlib import suppress

import duckdb

FULL_WIDTH = "".join(map(chr, range(0xFF01, 0xFF5F))) + "\u3000\u00a0\uffe5"
HALF_WIDTH = "".join(map(chr, range(0x21, 0x7F))) + "  ¥"
# characters that steer a terminal; tabs and line breaks belong into texts
# or turn the direction of what follows: two texts would look alike
CONTROL = "".join(map(chr, (*range(0x01, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)))) + (
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
IS_STEERED = (
    "regexp_matches({0}, '[\\x01-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x{{9F}}"
    "\\x{{61C}}\\x{{200E}}\\x{{200F}}\\x{{202A}}-\\x{{202E}}\\x{{2066}}-\\x{{2069}}]')"
)
# translate() drops what has no counterpart
INVISIBLE = "\u00ad\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufe0e\ufe0f\ufeff\t" + CONTROL
HYPHENS = (
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63"  # all look like the one of the keyboard
)
TO_HALF_WIDTH = str.maketrans(FULL_WIDTH, HALF_WIDTH, INVISIBLE)
WRAPPERS = "'‘’\""  # what keeps a spreadsheet from turning a text into a number, as the formula ="…" does
NO_VALUE = (
    "—",
    "——",
    "-",
    "--",
    "–",
    "/",
    "无",
    "無",
    "NULL",
    "null",
    "N/A",
    "\\N",
)
NO_ID = ("TRUE", "FALSE", "#N/A")  # what a spreadsheet writes in place of a value
NO_END_OF_AN_ID = "`;,:.!?|~^<>、。…"
CHINA = "Asia/Shanghai"
# the parts of a moment: day, clock, half of the day, and the zone: Z, an offset, or the name of a place.
# CST and the like have several meanings and are no zone
DAY = r"^([0-9]{1,4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[ T]*|$)"
DAY_WITHOUT_SIGNS = r"^([0-9]{4})([0-9]{2})([0-9]{2})(?:[ T]*([0-9]{2})([0-9]{2})([0-9]{2}))?"
MOMENT = (
    r"^(\d{1,4}-\d{1,2}-\d{1,2}) +"
    r"(?:(\d{1,2}:\d{2})(:\d{2})?(\.\d{1,6})?\d*(?: ?([AaPp][Mm])\b)? *"
    r"(?:(?:(Z|z|UTC|GMT|PRC|[A-Za-z]+/[A-Za-z_/+-]+\d{0,2})|(?:UTC|GMT)?([+-])(\d{1,2}?)(?::?(\d{2}))?)"
    r"(?:\[[A-Za-z_/+-]+\])?)?)?$"  # a place in brackets explains an offset and stands for none
)
MOMENT_PARTS = ("day", "minute", "second", "fraction", "half", "zone", "sign", "hours", "minutes")
MAX_OFFSET_HOURS = 14
FIRST_SERIAL, LAST_SERIAL = 20000, 60000  # days since 1899-12-30 that a spreadsheet may show as a date
DECIMALS_READ = 9  # a digit beyond shows in the ninth
LAST_MACRO = "said"


def define_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """The cleaning functions, as SQL macros of this connection; defined once."""
    with suppress(duckdb.CatalogException):
        connection.execute(f"select {LAST_MACRO}(null)")
        return
    for macros in (_moments(), _numbers(), _texts(), _identifiers(), _last()):
        connection.execute(macros)


def bare(text: str) -> str:
    """A code without what a spreadsheet was kept off with, like the macro of this name."""
    text = text[1:] if text.startswith('="') else text
    return text.strip(WRAPPERS).strip() if text.startswith(tuple(WRAPPERS)) else text


def _literal(text: str) -> str:
    return text.replace("'", "''")


def _one_of(characters: str) -> str:
    """A pattern that finds any of these: ``translate`` alone takes twenty times as long where there is none."""
    return "[" + "".join(rf"\x{{{ord(each):X}}}" for each in characters) + "]"


def _texts() -> str:
    is_nothing = " or ".join(f"t = '{each}'" for each in NO_VALUE if each.isascii())  # quicker than a list
    marks = _literal(WRAPPERS)
    return rf"""
        create or replace temp macro is_odd(t) as
            strlen(t) <> length(t) or contains(t, ' ') or contains(t, e'\t') or t = '' or {is_nothing};
        create or replace temp macro half_width(t) as
            nullif(trim(case when regexp_matches(t, '{_one_of(FULL_WIDTH + INVISIBLE)}')
                then translate(t, '{_literal(FULL_WIDTH + INVISIBLE)}', '{_literal(HALF_WIDTH)}') else t end), '');
        create or replace temp macro without_blanks(t) as translate(t, '{HYPHENS} ', '{"-" * len(HYPHENS)}');
        create or replace temp macro bare(t) as
            case when contains('={marks}', t[1]) then
                nullif(trim(regexp_replace(t, '^(?:="|[{marks}]+)(.*?)[{marks}]*$', '\1')), '') else t end;
        create or replace temp macro without_control(t) as
            case when {IS_STEERED.format("t")} then translate(t, '{CONTROL}', '') else t end;
        create or replace temp macro trimmed(t) as
            nullif(trim(without_control(
                case when starts_with(t, '="') then regexp_replace(t, '^="([^"]*)"$', '\1') else t end)), '');
        """


def _numbers() -> str:
    """Of numbers in scientific form those count that show all their digits: all as Java writes them, of a
    spreadsheet's (with a sign) those that reach the last decimal of the contract.
    """
    return rf"""
        create or replace temp macro without_currency(t) as regexp_replace(t, '^¥ *| *元$', '', 'g');
        create or replace temp macro with_sign(t) as
            case when starts_with(t, '(') and ends_with(t, ')') then '-' || t[2:-2] else t end;
        create or replace temp macro without_thousands(t) as
            case when regexp_full_match(t, '[-+]?\d{{1,3}}(,\d{{3}})+(\.\d+)?') then replace(t, ',', '')
                else t end;
        create or replace temp macro decimals_shown(parts) as
            strlen(parts.fraction) - cast(parts.exponent as integer);
        create or replace temp macro scientific(t, parts, scale) as
            case when decimals_shown(parts) <= {DECIMALS_READ}
                and (not starts_with(parts.exponent, '+') or decimals_shown(parts) >= scale) then t end;
        create or replace temp macro exact_number(t, scale) as
            case when regexp_full_match(t, '[-+]?(\d+\.?\d*|\.\d+)') then
                    regexp_replace(t, '(\.\d{{{DECIMALS_READ - 1}}})\d\d*[1-9]\d*$', '\11')
                when regexp_full_match(t, '[-+]?0+(\.0*)?[Ee][-+]?\d+') then '0'
                when regexp_full_match(t, '[-+]?\d(\.\d+)?[Ee][-+]?\d{{1,2}}') then
                    scientific(t, regexp_extract(t, '(?:\.(\d+))?[Ee]([-+]?\d+)$', ['fraction', 'exponent']), scale)
                end;
        """


def _identifiers() -> str:
    """A record's own number holds digits or letters; a code of a catalogue may be ``36.0`` or ``1E50``."""
    marks = _literal(WRAPPERS)
    ends = NO_END_OF_AN_ID.replace("^", r"\^")
    no_id = ", ".join(f"'{each}'" for each in NO_ID)
    return rf"""
        create or replace temp macro code_of(t) as
            case when regexp_full_match(t, '\d{{6,15}}\.0+') then split_part(t, '.', 1)
                when regexp_full_match(t, '\d{{1,3}}(,\d{{3}})+') then replace(t, ',', '')
                when regexp_full_match(t, '\d\.\d{{1,14}}[Ee]\+?\d{{1,2}}')
                    and strlen(regexp_extract(t, '\.(\d+)', 1))
                        = cast(regexp_extract(t, '(\d+)$', 1) as integer)
                    then replace(regexp_extract(t, '^[0-9.]+'), '.', '')
                else t end;
        create or replace temp macro number_of(t) as
            case when regexp_full_match(t, '\d{{1,5}}\.0+') then split_part(t, '.', 1) else code_of(t) end;
        create or replace temp macro is_odd_id(t) as
            is_odd(t) or t < '0' or (t >= ':' and t < 'A') or (t >= '[' and t < 'a') or t >= '{{'
            or regexp_matches(t, '[{ends}]$') or (strlen(t) < 6 and upper(t) in ({no_id}))
            or (contains(t, '.') and regexp_matches(t, '^\d+\.0+$|^\d+\.\d+[Ee][-+]?\d+$'))
            or (contains(t, '+') and regexp_matches(t, '^\d+[Ee]\+\d+$'))
            or (contains(t, ',') and regexp_full_match(t, '\d{{1,3}}(,\d{{3}})+'))
            or (strlen(t) < 6 and regexp_full_match(t, '\d[Ee]\d+'));
        create or replace temp macro is_broken_code(t) as
            regexp_matches(t, '[\n\r"]|^[={marks}“”]|[{marks}“”]$|^\+\d+$|^\d{{6,}}\.0+$')
            or regexp_matches(t, '^\d+(\.\d+)?[Ee]\+\d+$|^\d+\.\d+[Ee]-?\d+$')
            or regexp_matches(t, '^[{ends}]|[{ends}]$') or upper(t) in ({no_id});
        create or replace temp macro is_broken_number(t) as
            is_broken_code(t) or regexp_full_match(t, '\d[Ee]\d{{2}}|\d+\.0+');
        """


def _moments() -> str:
    """Moments become Chinese local time; what is written at +08:00 is that already."""
    names = ", ".join(f"'{each}'" for each in MOMENT_PARTS)
    return rf"""
        create or replace temp macro moment_parts(t) as
            regexp_extract(regexp_replace(regexp_replace(t, '{DAY_WITHOUT_SIGNS}', '\1-\2-\3 \4:\5:\6'),
                '{DAY}:*', '\1-\2-\3 '), '{MOMENT}', [{names}]);
        create or replace temp macro clock_of(parts) as
            case when starts_with(parts.minute, '24:00') and parts.second in ('', ':00')
                    then try_strptime(parts.day, '%Y-%m-%d') + interval 1 day
                when parts.half <> '' then try_strptime(concat(parts.day, ' ', parts.minute,
                    coalesce(nullif(parts.second, ''), ':00'), ' ', parts.half), '%Y-%m-%d %I:%M:%S %p')
                when parts.minute = '' then try_strptime(parts.day, '%Y-%m-%d')
                else try_strptime(concat(parts.day, ' ', parts.minute,
                    coalesce(nullif(parts.second, ''), ':00'), coalesce(nullif(parts.fraction, ''), '.0')),
                    '%Y-%m-%d %H:%M:%S.%f') end;
        create or replace temp macro zone_of(parts) as
            case when parts.zone in ('Z', 'z', 'UTC', 'GMT') then '+00:00'
                when parts.zone <> '' then ' ' || parts.zone
                when cast(parts.hours as integer) <= {MAX_OFFSET_HOURS}
                    then concat(parts.sign, lpad(parts.hours, 2, '0'), ':', coalesce(nullif(parts.minutes, ''), '00'))
                end;
        create or replace temp macro moment_of(t, parts) as
            case when not contains(t, '_') and try_cast(t as double) between {FIRST_SERIAL} and {LAST_SERIAL}
                    then timestamp '1899-12-30' + to_seconds(cast(round(cast(t as double) * 86400) as bigint))
                when parts.zone = '' and (parts.sign = ''
                    or (parts.sign = '+' and parts.hours in ('8', '08') and parts.minutes in ('', '00')))
                    then clock_of(parts)
                else try_cast(strftime(clock_of(parts), '%Y-%m-%d %H:%M:%S.%f') || zone_of(parts) as timestamptz)
                    at time zone '{CHINA}' end;
        """


def _last() -> str:
    nothing = ", ".join(f"'{each}'" for each in NO_VALUE)
    return f"create or replace temp macro {LAST_MACRO}(t) as case when t not in ({nothing}) then t end"
