"""A feed comes out of a database like a delivered file: archived, checked, loaded, and only what is new."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
import typer
from sqlalchemy import create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from typer.testing import CliRunner

from warehouse.commands.pull import pull as pull_command
from warehouse.connections import build_connection
from warehouse.control.history import batch_records
from warehouse.home import init_home, writer
from warehouse.ingest import batch as batch_module
from warehouse.ingest import journal, quarantine
from warehouse.ingest import pull as pull_module
from warehouse.ingest.archive import Pull, reopen
from warehouse.ingest.batch import Outcome
from warehouse.ingest.database import Origin, address_of
from warehouse.ingest.pull import Wish, pull
from warehouse.ingest.reconcile import reconcile
from warehouse.ingest.recover import recover
from warehouse.ingest.watermark import remember, standing
from warehouse.settings import Settings, load_settings
from warehouse.texts import Refused

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
MARIADB = shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
USER, PASSWORD = "reader_zhang", "Se cret#9@x'\\海"
MANY = 200_000

TABLE = """
create table settlement (
    setl_id varchar(30) primary key,
    psn_no varchar(30) not null,
    psn_name varchar(50),
    insutype varchar(6),
    brdy date,
    setl_time {moment} not null,
    med_type varchar(6),
    medfee_sumamt numeric(16, 2),
    fund_pay_sumamt numeric(16, 2),
    psn_pay numeric(16, 2),
    hosp_part numeric(16, 2),
    dise_name varchar(500),
    refd_setl_flag varchar(3),
    home_phone varchar(20),
    updt_time {moment}
)
"""
ROW = """
('{id}', 'P{id}', {name}, '310', {birth}, '2024-03-05 09:30:15', '11', {fee}, {fee}, 0, 0, {disease}, '0',
    '13800000000', {changed})
"""


@dataclass(frozen=True)
class Server:
    """A database to pull from: its URL, what a moment is called there, and its port if it listens."""

    url: str
    moment: str
    execute: Callable[..., list[tuple[Any, ...]]]

    def fill(self, *rows: str) -> None:
        self.execute("drop table if exists settlement", TABLE.format(moment=self.moment))
        if rows:
            self.insert(*rows)

    def insert(self, *rows: str) -> None:
        self.execute("insert into settlement values " + ", ".join(rows))


def row(id: str, changed: str | None = "2024-04-01 10:00:00", **values: str) -> str:
    defaults = {"name": "'张三'", "birth": "'1990-02-28'", "fee": "123.45", "disease": "null"}
    moment = "null" if changed is None else f"'{changed}'"
    return ROW.format(id=id, changed=moment, **(defaults | values))


def _server(url: URL, moment: str, admin: URL | None = None) -> Server:
    secret = {"password": PASSWORD.encode()} if url.get_backend_name() == "mariadb" and not admin else {}
    engine = create_engine(admin or url, poolclass=NullPool, connect_args=secret)
    mode = "set sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES', max_recursive_iterations = 1000000"
    first = (mode,) if url.get_backend_name() == "mariadb" else ()

    def execute(*statements: str) -> list[tuple[Any, ...]]:
        with engine.begin() as connection:
            for statement in (*first, *statements):
                result = connection.execution_options(no_parameters=True).exec_driver_sql(statement)
            return [tuple(each) for each in result] if result.returns_rows else []

    plain = url.set(drivername=url.get_backend_name())
    return Server(plain.render_as_string(hide_password=False), moment, execute)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _folder_of(user: str) -> Iterator[Path]:
    """A folder for a server, which does not run as root; not pytest's, which only its owner may enter."""
    with tempfile.TemporaryDirectory(prefix="yibao-", ignore_cleanup_errors=True) as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        yield Path(folder)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    if not POSTGRES:
        pytest.skip("PostgreSQL is not installed; make test-full installs it")
    with _folder_of("postgres") as folder:
        yield from _postgresql(folder, _free_port())


def _postgresql(folder: Path, port: int) -> Iterator[Server]:
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    secret = folder / "secret"
    secret.write_text(PASSWORD, encoding="utf-8")
    if as_user:
        shutil.chown(secret, "postgres")
    data = folder / "data"

    def run(program: str, *options: str | Path) -> None:
        command = [*as_user, POSTGRES[-1] / program, "-D", data, *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    run("initdb", "-A", "scram-sha-256", "-U", USER, f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8")
    listen = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
    run("pg_ctl", "-w", "-l", folder / "log", "-o", listen, "start")
    try:
        url = URL.create("postgresql+psycopg", USER, PASSWORD, "127.0.0.1", port, "postgres")
        yield _server(url, "timestamp")
    finally:
        run("pg_ctl", "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    if not MARIADB:
        pytest.skip("MariaDB is not installed; make test-full installs it")
    with _folder_of("mysql") as folder:
        yield from _mariadb(MARIADB, folder, _free_port())


def _mariadb(program: str, folder: Path, port: int) -> Iterator[Server]:
    user = ["--user=mysql"] if os.geteuid() == 0 else []
    data, address = f"--datadir={folder / 'data'}", f"--socket={folder / 's'}"
    method = "--auth-root-authentication-method=normal"
    install = ["mariadb-install-db", "--no-defaults", *user, data, method, "--skip-test-db"]
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    command = [program, "--no-defaults", *user, data, address, "--bind-address=127.0.0.1", f"--port={port}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--skip-log-bin"], stdout=log, stderr=log)
    try:
        root = URL.create("mariadb+pymysql", "root", query={"unix_socket": str(folder / "s")})
        admin = _server(root, "datetime", root)
        _wait_for(lambda: admin.execute("select 1"), process)
        said = PASSWORD.replace("'", "''")
        admin.execute(
            "create database medical character set utf8mb4",
            f"create user '{USER}'@'%' identified by '{said}'",
            f"grant all on medical.* to '{USER}'@'%'",
        )
        url = URL.create("mariadb+pymysql", USER, PASSWORD, "127.0.0.1", port, "medical")
        yield _server(url, "datetime(6)")
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(works: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server ended"
        try:
            works()
            return
        except OperationalError:
            time.sleep(0.2)
    raise AssertionError("the server did not start within a minute")


@pytest.fixture
def sqlite(tmp_path: Path) -> Server:
    return _server(URL.create("sqlite", database=str(tmp_path / "source.sqlite")), "varchar(30)")


SYSTEM = [pytest.param(name, marks=pytest.mark.system) for name in ("postgresql", "mariadb")]


@pytest.fixture(params=["sqlite", *SYSTEM])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=SYSTEM)
def real_server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = load_settings(tmp_path / "home")
    with writer(settings):
        init_home(settings)
    return settings


def wish(url: str, table: str | None = "settlement", query: str | None = None, **options: Any) -> Wish:
    return Wish("settlement", address_of(url), Origin(table, query), **options)


def take(settings: Settings, wished: Wish) -> Outcome:
    with writer(settings):
        (outcome,) = list(pull(wished, settings))
    return outcome


def raw(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_values_arrive_as_they_are(server: Server, home: Settings) -> None:
    server.fill(
        row("1", fee="12345678901234.56", name="'李\"四\",''五'''", disease="'肺炎\n伴 100% :痰\\鸣'"),
        row("2", fee="0.01", name="null", birth="null", disease="''"),
        row("3", name="'𠮷野'", birth="'1949-10-01'", changed="2024-04-01 10:00:00.123456"),
    )
    outcome = take(home, wish(server.url))
    assert (outcome.status, outcome.rows_accepted, outcome.rows_refused) == ("accepted", 3, 0)
    columns = "psn_name, brdy, setl_time, medfee_sumamt, dise_name, updt_time"
    settled, changed = datetime(2024, 3, 5, 9, 30, 15), datetime(2024, 4, 1, 10)
    fee, day = Decimal("12345678901234.56"), date(1949, 10, 1)
    assert raw(home, f"select {columns} from raw.settlement order by setl_id") == [
        ("李\"四\",'五'", date(1990, 2, 28), settled, fee, "肺炎\n伴 100% :痰\\鸣", changed),
        (None, None, settled, Decimal("0.01"), None, changed),
        ("𠮷野", day, settled, Decimal("123.45"), None, changed.replace(microsecond=123456)),
    ]


def test_the_archive_says_where_the_file_comes_from(server: Server, home: Settings) -> None:
    server.fill(row("1"), row("2", changed="2024-05-01 00:00:00"))
    take(home, wish(server.url, watermark="updt_time", known_on=date(2024, 6, 1)))
    ((sha256, name, known_on),) = raw(home, "select sha256, file_name, known_on from raw.batch")
    assert name.startswith("settlement_settlement_20")
    assert known_on == date(2024, 6, 1)
    delivery = reopen(home, sha256).delivery
    assert delivery.rows == 2
    assert delivery.pull is not None
    assert delivery.pull.source.endswith("#settlement")
    assert "from settlement" in delivery.pull.query.replace('"', "").replace("`", "")
    assert delivery.pull.watermark_from is None
    assert str(delivery.pull.watermark_to).startswith("2024-05-01 00:00:00")
    kept = pq.read_schema(home.archive / sha256[:2] / sha256)
    assert "home_phone" not in kept.names
    assert list(home.spill.iterdir()) == []


def test_a_pull_is_not_dated_in_the_future(server: Server, home: Settings) -> None:
    server.fill(row("1"))
    with pytest.raises(Refused, match="还没有到"):
        take(home, wish(server.url, known_on=date(2099, 1, 1)))
    assert not home.build_database.exists()


def test_only_what_is_new_or_changed_comes_again(server: Server, home: Settings) -> None:
    server.fill(row("1"), row("2", changed="2024-04-02 00:00:00"))
    wished = wish(server.url, watermark="updt_time")
    assert take(home, wished).rows_accepted == 2
    again = take(home, wished)
    assert (again.status, again.rows_accepted) == ("known", 0)
    assert "没有新记录" in again.message.zh
    server.insert(row("3", changed="2024-04-03 00:00:00"))
    server.execute(
        "update settlement set updt_time = '2024-04-04 00:00:00', dise_name = '改' where setl_id = '1'"
    )
    assert take(home, wished).rows_accepted == 3  # the two, and the one of the last moment
    assert take(home, wished).status == "known"
    server.insert(row("4", changed="2024-04-04 00:00:00"))  # the last moment had not been over
    assert take(home, wished).rows_accepted == 2
    assert raw(home, "select count(distinct setl_id) from raw.settlement") == [(4,)]
    versions = raw(home, "select dise_name from raw.settlement where setl_id = '1' order by updt_time")
    assert versions == [(None,), ("改",), ("改",)]
    assert len(raw(home, "select * from raw.watermark")) == 1


def test_rows_without_a_watermark_are_never_missed(server: Server, home: Settings) -> None:
    server.fill(row("1"))
    wished = wish(server.url, watermark="updt_time")
    take(home, wished)
    server.insert(row("2", changed=None))
    take(home, wished)
    assert raw(home, "select count(*) from raw.settlement where setl_id = '2'") == [(1,)]
    assert take(home, wished).status == "known"


def test_a_moment_in_the_future_hides_nothing(server: Server, home: Settings) -> None:
    server.fill(row("1"), row("2", changed="2099-12-31 00:00:00"))
    wished = wish(server.url, watermark="updt_time")
    take(home, wished)
    assert take(home, wished).status == "known"
    server.insert(row("3", changed="2024-04-05 00:00:00"))
    take(home, wished)
    assert raw(home, "select count(*) from raw.settlement where setl_id = '3'") == [(1,)]


def test_a_query_has_a_watermark_of_its_own(server: Server, home: Settings) -> None:
    server.fill(row("1"), row("2", name="'100%'"))
    take(home, wish(server.url, watermark="updt_time"))
    query = "select * from settlement where psn_name like '%00%' -- 100 % :all\n;"
    wished = wish(server.url, None, query, watermark="updt_time")
    assert take(home, wished).rows_accepted == 1
    assert take(home, wished).status == "known"
    assert len(raw(home, "select * from raw.watermark")) == 2


def test_the_same_rows_without_a_watermark_are_loaded_once(server: Server, home: Settings) -> None:
    server.fill(row("1"), row("2"))
    assert take(home, wish(server.url)).status == "accepted"
    assert take(home, wish(server.url)).status == "known"
    assert raw(home, "select count(*) from raw.batch") == [(1,)]


def test_an_empty_table_makes_no_batch(server: Server, home: Settings) -> None:
    server.fill()
    outcome = take(home, wish(server.url, watermark="updt_time"))
    assert (outcome.status, outcome.message.zh) == ("known", "settlement 没有记录")
    assert raw(home, "select count(*) from raw.batch") == [(0,)]
    assert not [path for path in home.archive.rglob("*") if path.is_file()]


def test_dirty_values_are_cleaned_or_held_with_their_reasons(server: Server, home: Settings) -> None:
    columns = [line.split()[0] for line in TABLE.strip().splitlines()[1:-1]]
    texts = ", ".join(f"{name} varchar(60)" for name in columns)
    server.execute("drop table if exists settlement", f"create table settlement ({texts})")
    server.insert(*(row(str(number), fee="'123.45'") for number in range(1, 301)))
    server.execute(
        "update settlement set medfee_sumamt = '约一百', brdy = '2024-02-30' where setl_id = '7'",
        "update settlement set setl_time = '' where setl_id = '8'",
        "update settlement set medfee_sumamt = '¥1,234.50', fund_pay_sumamt = '1,234.50元', "
        "brdy = '1990年2月28日' where setl_id = '9'",
        "update settlement set brdy = '0000-00-00' where setl_id = '10'",
    )
    outcome = take(home, wish(server.url))
    assert (outcome.status, outcome.rows_accepted, outcome.rows_refused) == ("accepted", 298, 2)
    held = {each["codes"][0]: each for each in quarantine.rows(home, outcome.batch_id).to_pylist()}
    assert set(held["format:brdy"]["codes"]) >= {"format:medfee_sumamt"}
    assert "约一百" in held["format:brdy"]["raw"]
    assert held["required:setl_time"]["codes"] == ["required:setl_time"]
    cleaned = "select medfee_sumamt, brdy from raw.settlement where setl_id in ('9', '10') order by setl_id"
    assert raw(home, cleaned) == [(Decimal("123.45"), None), (Decimal("1234.50"), date(1990, 2, 28))]


MANY_ROWS = f"""
insert into settlement
with recursive n(i) as (select 1 union all select i + 1 from n where i < {MANY})
select '46' || i, 'P' || (i % 5000), '王' || i, '310', {{day}} '1990-01-01',
    {{moment}} '2024-03-05 09:30:15', '11', i / 100.0, i / 100.0, 0, 0, null, '0', null,
    {{moment}} '2024-04-01 10:00:00'
from n
"""


def test_many_rows_are_streamed(server: Server, home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    server.fill()
    is_typed = server.moment == "timestamp"
    server.execute(MANY_ROWS.format(day="date" if is_typed else "", moment="timestamp" if is_typed else ""))
    groups = []
    written = pq.ParquetWriter.write_table

    def write(self: pq.ParquetWriter, table: Any, **options: Any) -> None:
        groups.append(table.num_rows)
        written(self, table, **options)

    monkeypatch.setattr(pq.ParquetWriter, "write_table", write)
    monkeypatch.setattr(pull_module, "BYTES_A_GROUP", 2**20)
    outcome = take(home, wish(server.url, watermark="updt_time"))
    assert outcome.rows_accepted == MANY
    assert len(groups) >= 2
    assert raw(home, "select count(distinct setl_id), sum(medfee_sumamt) from raw.settlement") == [
        (MANY, Decimal(MANY * (MANY + 1) // 2) / 100)
    ]
    assert take(home, wish(server.url, watermark="updt_time")).status == "known"


@pytest.mark.system
def test_values_of_postgresql_alone(postgresql: Server, home: Settings) -> None:
    postgresql.execute(
        "drop table if exists settlement",
        "create table settlement (setl_id uuid, psn_no char(12), insutype varchar(6), setl_time timestamptz, "
        "med_type varchar(6), medfee_sumamt money, refd_setl_flag boolean, enddate date, updt_time timestamptz)",
        "set timezone = 'UTC'",
        "insert into settlement values ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'P1', '310', "
        "'2024-03-05 20:00:00+00', '11', 1234.5, false, '2024-03-05', '2024-04-01 16:30:00.5+00')",
    )
    query = (
        "select cast(setl_id as char(30)) as setl_id, psn_no, insutype, setl_time, med_type, medfee_sumamt, "
        "refd_setl_flag, enddate, updt_time from settlement"
    )
    wished = wish(postgresql.url, None, query, watermark="updt_time")
    assert take(home, wished).status == "accepted"
    columns = "setl_id, psn_no, setl_time, medfee_sumamt, refd_setl_flag, cast(enddate as varchar), updt_time"
    assert raw(home, f"select {columns} from raw.settlement") == [
        (
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd",
            "P1",
            datetime(2024, 3, 6, 4),
            Decimal("1234.50"),
            "0",
            "2024-03-05",
            datetime(2024, 4, 2, 0, 30, 0, 500000),
        )
    ]
    assert take(home, wished).status == "known"
    postgresql.execute("update settlement set enddate = 'infinity', updt_time = '2024-04-03'")
    assert "range:enddate" in take(home, wished).message.zh  # read as 9999-12-31, no day a stay ends on


@pytest.mark.system
def test_values_of_mariadb_alone(mariadb: Server, home: Settings) -> None:
    mariadb.execute(
        "drop table if exists settlement",
        "create table settlement (setl_id varchar(30) character set latin1, psn_no bigint unsigned, "
        "psn_name varchar(50) character set gbk, insutype int, setl_time timestamp(3), med_type varchar(6), "
        "medfee_sumamt double, refd_setl_flag bit(1), brdy date, row_version bigint)",
        "set time_zone = '+00:00', sql_mode = ''",
        "insert into settlement values ('a', 18446744073709551615, '王五', 310, '2024-03-05 20:00:00.25', '11', "
        "0.1, b'0', '0000-00-00', 9), ('b', 2, null, 310, '2024-03-05 20:00:00', '11', 7, b'1', null, 10)",
    )
    wished = wish(mariadb.url, watermark="row_version")
    outcome = take(home, wished)
    assert outcome.status == "accepted", outcome.message.zh
    columns = "setl_id, psn_no, psn_name, setl_time, medfee_sumamt, refd_setl_flag, brdy"
    four = datetime(2024, 3, 6, 4)
    quarter = four.replace(microsecond=250000)
    assert raw(home, f"select {columns} from raw.settlement order by setl_id") == [
        ("a", "18446744073709551615", "王五", quarter, Decimal("0.10"), "0", None),
        ("b", "2", None, four, Decimal("7.00"), "1", None),
    ]
    assert take(home, wished).status == "known"
    assert raw(home, "select watermark from raw.watermark") == [("10",)]


@pytest.mark.system
def test_the_source_is_only_read(real_server: Server, home: Settings) -> None:
    real_server.fill(row("1"))
    with pytest.raises(Refused):
        take(home, wish(real_server.url, None, "delete from settlement returning *"))
    assert real_server.execute("select count(*) from settlement") == [(1,)]


@pytest.mark.parametrize("table", ["settlement", "no_such_table"])
def test_no_password_is_kept_or_said(
    real_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    real_server.fill(row("1"))
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(pull_command)
    monkeypatch.setenv("YIBAO_SOURCE_URL", real_server.url)
    secrets = [each.encode() for each in (PASSWORD, USER, "Se%20cret", "Se cret", real_server.url)]
    home = tmp_path / "home"
    options = ["--table", table, "--watermark", "updt_time", "--home", str(home)]
    settlement, nothing = ["--feed", "settlement", *options], ["--feed", "nothing", *options]
    for arguments in (settlement, settlement, ["--help"], [*settlement, "--query", "x"], nothing):
        result = CliRunner().invoke(app, arguments)
        said = result.output + str(result.exception or "")
        assert said
        assert not [each for each in secrets if each in said.encode()]
    content = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert not [each for each in secrets if each in content]
    assert (b"#settlement" in content) == (table == "settlement")


def _url(server: Server, **changes: Any) -> str:
    return address_of(server.url).url.set(**changes).render_as_string(hide_password=False)


@pytest.mark.parametrize("changes", [{"password": "Wr0ng-Secret"}, {"database": "nowhere"}])
def test_a_refused_login_is_said_without_secrets(
    real_server: Server, home: Settings, changes: dict[str, str]
) -> None:
    with pytest.raises(Refused, match="拒绝登录") as refusal:
        take(home, wish(_url(real_server, **changes)))
    for text in refusal.value.text:
        assert not [each for each in ("Wr0ng-Secret", PASSWORD, USER) if each in text]


@pytest.mark.parametrize("kind", ["postgresql", "mysql", "mariadb"])
@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_an_unreachable_server_is_said(home: Settings, kind: str, host: str) -> None:
    url = f"{kind}://someone:geheim@{host}:{_free_port()}/medical"
    with pytest.raises(Refused, match="连不上数据库服务器") as refusal:
        take(home, wish(url))
    assert host in refusal.value.text.en
    assert "geheim" not in str(refusal.value.text)
    assert "someone" not in str(refusal.value.text)


def test_what_cannot_be_pulled_is_said(server: Server, home: Settings) -> None:
    server.fill(row("1"))
    with pytest.raises(Refused, match=r"没有表 settlements|no such table: settlements"):
        take(home, wish(server.url, "settlements"))
    with pytest.raises(Refused, match="没有水位列 changed_at；现有的列：setl_id"):
        take(home, wish(server.url, watermark="changed_at"))
    with pytest.raises(Refused, match=r"缺少数据源 settlement 的列：.*setl_time"):
        take(home, wish(server.url, None, "select setl_id, psn_no from settlement"))
    with pytest.raises(Refused, match="失败"):
        take(home, wish(server.url, None, "selec setl_id from settlement"))
    with pytest.raises(Refused, match="没有名为 settlements 的数据源"):
        take(home, Wish("settlements", address_of(server.url), Origin("settlement")))
    assert raw(home, "select count(*) from raw.batch") == [(0,)]


@pytest.mark.parametrize("url", ["", "nonsense", "postgresql://u:geheim@h:port/d", "oracle9://u:geheim@h/d"])
def test_unusable_addresses_are_refused_without_repeating_them(home: Settings, url: str) -> None:
    with pytest.raises(Refused) as refusal:
        take(home, wish(url))
    assert "geheim" not in str(refusal.value.text)


class Killed(BaseException):
    """The process ends here."""


def _kill(*_arguments: object, **_options: object) -> None:
    raise Killed


def _after_a_kill(home: Settings) -> list[str]:
    with writer(home):
        said = [text.zh for text in recover(home)]
        reconcile(home)
    return said


def test_a_kill_before_the_commit_leaves_no_watermark(
    sqlite: Server, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite.fill(row("1"))
    wished = wish(sqlite.url, watermark="updt_time")
    with monkeypatch.context() as patched:
        patched.setattr(batch_module, "remember_watermark", _kill)
        with pytest.raises(Killed):
            take(home, wished)
    assert raw(home, "select count(*) from raw.watermark") == [(0,)]
    assert raw(home, "select count(*) from raw.settlement") == [(0,)]
    (said,) = _after_a_kill(home)
    assert "现已补完" in said
    assert raw(home, "select watermark from raw.watermark") == [("2024-04-01 10:00:00",)]
    assert take(home, wished).status == "known"


def test_a_kill_while_the_rows_arrive_leaves_nothing(
    sqlite: Server, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite.fill(row("1"))
    wished = wish(sqlite.url, watermark="updt_time")
    with monkeypatch.context() as patched:
        patched.setattr(pull_module, "_content", _kill)
        with pytest.raises(Killed):
            take(home, wished)
    assert _after_a_kill(home) == []
    assert list(home.spill.iterdir()) == []
    assert take(home, wished).rows_accepted == 1


def test_a_kill_between_the_commit_and_the_control_database_is_harmless(
    sqlite: Server, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite.fill(row("1"))
    wished = wish(sqlite.url, watermark="updt_time")
    with monkeypatch.context() as patched:
        patched.setattr(journal, "end", _kill)
        with pytest.raises(Killed):
            take(home, wished)
    assert batch_records(home) == []
    (said,) = _after_a_kill(home)
    assert "已完整装入" in said
    assert [record.status for record in batch_records(home)] == ["accepted"]
    assert raw(home, "select count(*) from raw.settlement") == [(1,)]
    assert take(home, wished).status == "known"


def test_a_refused_batch_moves_no_watermark(sqlite: Server, home: Settings) -> None:
    sqlite.fill(row("1", fee="'?'"), row("2"))
    wished = wish(sqlite.url, watermark="updt_time")
    assert take(home, wished).status == "refused"
    assert raw(home, "select count(*) from raw.watermark") == [(0,)]
    sqlite.execute(
        "update settlement set medfee_sumamt = 123.45, fund_pay_sumamt = 123.45, "
        "updt_time = '2024-04-02 00:00:00' where setl_id = '1'"
    )
    assert take(home, wished).rows_accepted == 2


def test_a_file_that_does_not_continue_moves_no_watermark(sqlite: Server, home: Settings) -> None:
    sqlite.fill(row("1"))
    wished = wish(sqlite.url, watermark="updt_time")
    batch_id = take(home, wished).batch_id
    note = Pull(wished.source, "select", "updt_time", "2024-05-01 00:00:00", "2024-06-01 00:00:00")
    with build_connection(home) as connection:
        remember(connection, "settlement", batch_id, note)
        found = standing(connection, "settlement", wished.source, "updt_time")
    assert found is not None
    assert found.value == "2024-04-01 10:00:00"
