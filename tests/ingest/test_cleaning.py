"""What is written and what is stored: one table of values for each kind of dirt in the source model."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from warehouse.connections import build_connection
from warehouse.home import init_home, writer
from warehouse.ingest import codes
from warehouse.ingest.batch import Outcome
from warehouse.ingest.deliver import files_in, ingest
from warehouse.ingest.raw_schema import prepare_raw
from warehouse.settings import Settings, load_settings

Row = dict[str, str]
SHARE = 110  # so many good rows for every one that is tried: less than 1 % may fail
USUAL: dict[str, Row] = {
    "settlement": {
        "setl_id": "",
        "psn_no": "46999901",
        "psn_name": "张三",
        "insutype": "310",
        "insu_admdvs": "460100",
        "setl_time": "2025-01-15 10:00:00",
        "begndate": "2025-01-15",
        "med_type": "11",
        "medfee_sumamt": "100.00",
        "balc": "1.00",
        "refd_setl_flag": "0",
        "gend": "1",
        "hosp_lv": "11",
        "mdtrt_id": "M1",
    },
    "person": {
        "psn_no": "",
        "psn_name": "李四",
        "psn_cert_type": "01",
        "certno": "",
        "brdy": "1990-01-01",
        "gend": "1",
    },
    "contribution": {
        "clct_detl_id": "",
        "psn_no": "46999901",
        "insutype": "310",
        "accrym_begn": "202501",
        "accrym_end": "202501",
    },
    "service_item": {"item_code": "", "list_version": "2025", "material_cnt": "3"},
}
ID_COLUMN = {"settlement": "setl_id", "person": "psn_no", "contribution": "", "service_item": "item_code"}


@pytest.fixture(scope="module")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = load_settings(tmp_path_factory.mktemp("made") / "home")
    with writer(settings):
        init_home(settings)
        with build_connection(settings) as connection:
            prepare_raw(connection)
    return settings.home


@pytest.fixture
def home(made_home: Path, tmp_path: Path) -> Settings:
    return load_settings(shutil.copytree(made_home, tmp_path / "home"))
