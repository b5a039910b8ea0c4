"""Reading a table or query from a database, every value as the text the server writes for it.

Text is what loses nothing: numbers keep their digits, impossible dates stay visible, and the checks of the feed
judge them as they judge a file. PostgreSQL is read through ADBC, anything else through SQLAlchemy with a
cursor on the server. The session only reads, in one snapshot where the database has them.
"""

from __future__ import annotations

import hashlib
import io
import re
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import adbc_driver_manager
import pyarrow as pa
import pyarrow.csv as pa_csv
from adbc_driver_manager import dbapi
from adbc_driver_postgresql import dbapi as postgresql
from pymysql.constants import FIELD_TYPE
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from warehouse.texts import Refused

CONNECT_SECONDS = 10
SILENT_SECONDS = 3600
CELLS_A_PARTITION = 1_000_000
TIME_ZONE = "Asia/Shanghai"
DRIVERS = {"mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}
NO_TABLE = ("42P01", "3F000", 1146)
NO_PERMISSION = ("42501", 1142, 1143)
NO_ANSWER = (2002, 2003, 2005)
NO_ENTRY = (1044, 1045, 1049, 1130, 1698)
REASON_LENGTH = 200


@dataclass(frozen=True)
class Address:
    """Where a database is and how to log in; only ``name`` may be shown or written."""

    url: URL

    @property
    def name(self) -> str:
        """Kind, host, port and database, without user, password and options."""
        kind = self.url.get_backend_name()
        port = self.url.port or PORTS.get(kind)
        host = f"{self.host}:{port}" if self.host and port else self.host
        return f"{kind}://{host}/{self.url.database or ''}"

    @property
    def host(self) -> str:
        """The server's name, or the folder of its socket."""
        said = self.url.host or self.url.query.get("host") or self.url.query.get("unix_socket") or ""
        return said if isinstance(said, str) else said[0]

    def without_secrets(self, message: str) -> str:
        """The first line of a driver's message, without the password and the user's name."""
        first = next((line for line in message.splitlines() if line.strip()), "?")
        for secret in (self.url.password, self.url.query.get("password")):
            if secret:
                first = first.replace(str(secret), "***")
        if self.url.username:
            first = re.sub(rf"(['\"]){re.escape(self.url.username)}\1", r"\1***\1", first)
        return " ".join(first.split())[:REASON_LENGTH]


@dataclass(frozen=True)
class Origin:
    """What is read: a table (``schema.table`` too) or a query."""

    table: str | None = None
    query: str | None = None

    @property
    def label(self) -> str:
        """The table's name, or ``query``: for file names and messages."""
        return self.table or "query"

    @property
    def identity(self) -> str:
        """Tells one table or query of a database from another."""
        if self.table:
            return self.table
        return f"query:{hashlib.sha256(' '.join((self.query or '').split()).encode()).hexdigest()[:12]}"


class Source(ABC):
    """An open database and the table or query to read from it."""

    def __init__(self, origin: Origin, quote: Callable[[str], str]) -> None:
        self._quote = quote
        if origin.table:
            self._relation = ".".join(quote(part) for part in origin.table.split("."))
        else:
            self._relation = f"(\n{(origin.query or '').strip().rstrip(';')}\n) pulled"

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""

    @abstractmethod
    def latest(self, column: str, since: str | None, until: str | None) -> str | None:
        """The greatest value of a column as text, within bounds that are included; None without rows."""

    @abstractmethod
    def batches(
        self, names: Sequence[str], column: str | None, since: str | None
    ) -> Generator[pa.RecordBatch, None, None]:
        """What :meth:`query` asks for, all columns as text."""

    def query(self, names: Sequence[str], column: str | None, since: str | None) -> str:
        """SQL for these columns of the rows from ``since`` on; rows without a watermark are always among them."""
        return f"select {', '.join(map(self._quote, names))} {self._from(column, since)}"

    def _within(self, column: str | None, since: str | None, until: str | None) -> str:
        bounds = []
        if column and since is not None:
            bounds.append(f"{self._quote(column)} >= {self._literal(since)}")
        if column and until is not None:
            bounds.append(f"{self._quote(column)} <= {self._literal(until)}")
        return " where " + " and ".join(bounds) if bounds else ""

    def _from(self, column: str | None, since: str | None) -> str:
        within = self._within(column, since, None)
        missing = f" or {self._quote(column)} is null" if column and within else ""
        return f"from {self._relation}{within}{missing}"

    def _literal(self, text: str) -> str:
        return "'" + text.replace("'", "''") + "'"


def address_of(url: str) -> Address:
    """Parse a URL; refuses without repeating it."""
    try:
        return Address(make_url(url.strip().replace("postgres://", "postgresql://", 1)))
    except (ArgumentError, ValueError) as error:
        raise Refused(
            "数据库地址不可用；应为 postgresql://用户:口令@主机:端口/库名 或 mysql://…（特殊字符写成 %XX）。",
            "The database's URL cannot be used; it should be postgresql://user:password@host:port/database "
            "or mysql://… (special characters as %XX).",
        ) from error


@contextmanager
def open_source(address: Address, origin: Origin) -> Iterator[Source]:
    """Connect and close; every error of the database becomes one sentence without secrets."""
    try:
        if address.url.get_backend_name() == "postgresql":
            with _postgresql(address) as connection:
                yield PostgreSQL(connection, origin)
        else:
            with _other(address) as opened:
                is_mysql = opened.dialect.name in ("mysql", "mariadb")
                yield (MySQL if is_mysql else AnyDatabase)(opened, origin)
    except adbc_driver_manager.Error as error:
        raise _refusal(address, origin, error.sqlstate, str(error)) from error
    except DBAPIError as error:
        code = error.orig.args[0] if error.orig and error.orig.args else None
        message = str(error.orig.args[-1] if error.orig and error.orig.args else error.orig)
        raise _refusal(address, origin, code, message) from error
    except UnicodeDecodeError as error:
        raise Refused(
            f"{address.name} 的 {origin.label} 中有不能解码的文字；请在地址中用 charset=… 指明编码，或修正数据。",
            f"{origin.label} of {address.name} holds text that cannot be decoded; name the encoding with "
            "charset=… in the URL, or correct the data.",
        ) from error


@contextmanager
def _postgresql(address: Address) -> Iterator[dbapi.Connection]:
    url = address.url
    options: dict[str, object] = {"connect_timeout": CONNECT_SECONDS, **url.query}
    known = {
        "host": url.host,
        "port": url.port,
        "dbname": url.database,
        "user": url.username,
        "password": url.password,
    }
    options |= {key: value for key, value in known.items() if value is not None}
    listed = [
        (key, ",".join(value) if isinstance(value, tuple) else str(value)) for key, value in options.items()
    ]
    escaped = [(key, value.replace("\\", "\\\\").replace("'", "\\'")) for key, value in listed]
    try:
        connection = postgresql.connect(" ".join(f"{key}='{value}'" for key, value in escaped))
    except adbc_driver_manager.Error as error:
        reason = str(error).partition("Failed to connect: ")[2] or str(error)
        if _answers(address):
            raise _no_entry(address, reason) from error
        raise _no_answer(address, reason) from error
    with connection, connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute(f"set local timezone = '{TIME_ZONE}'")
        cursor.execute("set local datestyle = 'ISO'")
        cursor.execute("set local synchronize_seqscans = off")  # the same rows give the same file
        yield connection


class PostgreSQL(Source):
    """PostgreSQL through ADBC: the server writes the texts, Arrow batches arrive as they are."""

    def __init__(self, connection: dbapi.Connection, origin: Origin) -> None:
        super().__init__(origin, _quoted)
        self._connection = connection
        with connection.cursor() as cursor:
            cursor.execute(f"select * from {self._relation} where false")
            self._schema = cursor.fetch_arrow_table().schema

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self._schema.names)

    def latest(self, column: str, since: str | None, until: str | None) -> str | None:
        name = self._quote(column)
        within = self._within(column, since, until)
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"select {self._text(column)} from "
                f"(select max({name}) as {name} from {self._relation}{within}) as latest"
            )
            row = cursor.fetchone()
        return None if row is None or row[0] is None else str(row[0])

    def batches(
        self, names: Sequence[str], column: str | None, since: str | None
    ) -> Generator[pa.RecordBatch, None, None]:
        selected = ", ".join(f"{self._text(name)} as {self._quote(name)}" for name in names)
        with self._connection.cursor() as cursor:
            cursor.execute(f"select {selected} {self._from(column, since)}")
            schema = pa.schema([(name, pa.string()) for name in names])
            for batch in cursor.fetch_record_batch():
                yield pa.RecordBatch.from_arrays(
                    [each.cast(pa.string()) for each in batch.columns], schema=schema
                )

    def _text(self, column: str) -> str:
        """A column as text: local time without zone, flags as 1 and 0, infinite days as the customary ones."""
        name = self._quote(column)
        kind = self._schema.field(column).type
        metadata: Mapping[bytes, bytes] = self._schema.field(column).metadata or {}
        if pa.types.is_boolean(kind):
            return f"cast(cast({name} as integer) as text)"
        if metadata.get(b"POSTGRESQL:type") == b"money":
            return f"cast(cast({name} as numeric) as text)"
        if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
            local = f"cast({name} as timestamp)" if pa.types.is_timestamp(kind) else name
            return (
                f"case when isfinite({name}) then cast({local} as text) "
                f"when {name} > '2000-01-01' then '9999-12-31' when {name} < '2000-01-01' then '0001-01-01' end"
            )
        return f"cast({name} as text)"


@contextmanager
def _other(address: Address) -> Iterator[Connection]:
    kind = address.url.drivername
    is_mysql = address.url.get_backend_name() in ("mysql", "mariadb")
    options: dict[str, Any] = {}
    if is_mysql:
        options = {"connect_timeout": CONNECT_SECONDS, "read_timeout": SILENT_SECONDS}
        if address.url.password:
            options["password"] = (
                address.url.password.encode()
            )  # the driver itself would encode it as Latin-1
    try:
        engine = create_engine(
            address.url.set(drivername=DRIVERS.get(kind, kind)), poolclass=NullPool, connect_args=options
        )
    except (ArgumentError, NoSuchModuleError, ImportError, TypeError, ValueError) as error:
        raise Refused(
            f"没有 {kind} 的驱动，或地址中的选项不可用；请安装该数据库的 SQLAlchemy 驱动。",
            f"There is no driver for {kind}, or the URL's options cannot be used; "
            "install the SQLAlchemy driver of the database.",
        ) from error
    # the statements hold no parameters, so a percent sign in a query is only that
    with engine.connect().execution_options(no_parameters=True) as connection:
        try:
            if is_mysql:
                connection.exec_driver_sql("set time_zone = '+08:00'")
                connection.exec_driver_sql("start transaction with consistent snapshot, read only")
            yield connection
        except BaseException:
            connection.invalidate()  # do not read the rest of a result that nobody wants
            raise


class AnyDatabase(Source):
    """Any database with a SQLAlchemy driver: rows in partitions from a cursor on the server."""

    def __init__(self, connection: Connection, origin: Origin) -> None:
        super().__init__(origin, connection.dialect.identifier_preparer.quote)
        self._connection = connection
        result = connection.exec_driver_sql(f"select * from {self._relation} where 1 = 0")
        self._columns = tuple(result.keys())
        described = result.cursor.description if result.cursor else ()
        self._kinds = {each[0]: each[1] for each in described or ()}
        result.close()

    @property
    def columns(self) -> tuple[str, ...]:
        return self._columns

    def latest(self, column: str, since: str | None, until: str | None) -> str | None:
        within = self._within(column, since, until)
        statement = f"select max({self._quote(column)}) from {self._relation}{within}"
        return as_text(self._connection.exec_driver_sql(statement).scalar())

    def batches(
        self, names: Sequence[str], column: str | None, since: str | None
    ) -> Generator[pa.RecordBatch, None, None]:
        for rows in self._partitions(self.query(names, column, since), len(names)):
            columns = [pa.array(map(as_text, values), pa.string()) for values in zip(*rows, strict=True)]
            yield pa.RecordBatch.from_arrays(columns, names=list(names))

    def _partitions(self, query: str, width: int) -> Iterator[Sequence[Sequence[Any]]]:
        size = max(1000, CELLS_A_PARTITION // width)
        streamed = self._connection.execution_options(stream_results=True, max_row_buffer=size)
        return iter(streamed.exec_driver_sql(query).partitions(size))


class MySQL(AnyDatabase):
    """MySQL and MariaDB: the server writes each row as one CSV line.

    The driver is Python and spends its time on cells; one cell a row makes it some three times faster.
    """

    def latest(self, column: str, since: str | None, until: str | None) -> str | None:
        name = self._quote(column)
        within = self._within(column, since, until)
        statement = (
            f"select {self._text(column)} "
            f"from (select max({name}) as {name} from {self._relation}{within}) latest"
        )
        return as_text(self._connection.exec_driver_sql(statement).scalar())

    def batches(
        self, names: Sequence[str], column: str | None, since: str | None
    ) -> Generator[pa.RecordBatch, None, None]:
        cells = ", ".join(
            f"""ifnull(concat('"', replace({self._text(name)}, '"', '""'), '"'), '')""" for name in names
        )
        lines_of_rows = f"select concat_ws(',', {cells}) {self._from(column, since)}"
        convert = pa_csv.ConvertOptions(
            column_types={name: pa.string() for name in names},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )
        for rows in self._partitions(lines_of_rows, len(names)):
            if any(row[0] is None for row in rows):
                raise Refused(
                    "有一行超过数据库的 max_allowed_packet，取不出来；请调大该设置，或用 --query 少取几列。",
                    "A row is longer than the database's max_allowed_packet; raise it, or take fewer columns "
                    "with --query.",
                )
            lines = "\n".join(row[0] for row in rows).encode()
            table = pa_csv.read_csv(
                io.BytesIO(lines),
                read_options=pa_csv.ReadOptions(column_names=list(names), block_size=len(lines) + 1),
                parse_options=pa_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
                convert_options=convert,
            )
            yield from table.to_batches()

    def _text(self, column: str) -> str:
        name = self._quote(column)
        if self._kinds.get(column) == FIELD_TYPE.BIT:
            name = f"{name} + 0"
        return f"convert({name} using utf8mb4) collate utf8mb4_bin"

    def _literal(self, text: str) -> str:
        return super()._literal(text.replace("\\", "\\\\"))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def as_text(value: object) -> str | None:
    """A value of a driver as the text a server would write."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="backslashreplace")
    return str(value)


def _answers(address: Address) -> bool:
    """Whether anything listens at the address; drivers' messages come in the server's language."""
    host, port = address.host, address.url.port or PORTS.get(address.url.get_backend_name(), 0)
    if host.startswith("/"):
        return (Path(host) / f".s.PGSQL.{port}").exists()
    try:
        with socket.create_connection((host or "localhost", port), timeout=CONNECT_SECONDS):
            return True
    except OSError:
        return False


def _refusal(address: Address, origin: Origin, code: object, message: str) -> Refused:
    if code in NO_ANSWER:
        return _no_answer(address, message)
    if code in NO_ENTRY:
        return _no_entry(address, message)
    if code in NO_TABLE and origin.table:
        return Refused(
            f"{address.name} 中没有表 {origin.table}（注意大小写和模式名）；也可能是账号看不到它。",
            f"{address.name} has no table {origin.table} (mind upper case and the schema), "
            "or the account cannot see it.",
        )
    if code in NO_PERMISSION:
        return Refused(
            f"账号无权读取 {address.name} 的 {origin.label}；请让对方授予 SELECT。",
            f"The account may not read {origin.label} of {address.name}; ask for SELECT on it.",
        )
    reason = address.without_secrets(message)
    return Refused(
        f"从 {address.name} 读取 {origin.label} 失败：{reason}。什么也没有装载。",
        f"Reading {origin.label} from {address.name} failed: {reason}. Nothing was loaded.",
    )


def _no_answer(address: Address, message: str) -> Refused:
    reason = address.without_secrets(message)
    return Refused(
        f"连不上数据库服务器 {address.name}：{reason}。请检查主机、端口、网络和服务是否启动。",
        f"The database server {address.name} cannot be reached: {reason}. "
        "Check host, port, network and whether it runs.",
    )


def _no_entry(address: Address, message: str) -> Refused:
    reason = address.without_secrets(message)
    return Refused(
        f"数据库 {address.name} 拒绝登录：{reason}。请检查用户、口令、库名和访问许可。",
        f"The database {address.name} refuses the login: {reason}. "
        "Check user, password, database and its access rules.",
    )
