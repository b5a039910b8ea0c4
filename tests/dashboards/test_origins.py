"""The pages over printed figures, a platform's and a synthetic province's: what each says of its origin."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest
from test_pages import PAGES, markup, opened

from dashboards.components.markup import plain
from dashboards.services import runs
from warehouse.release.pointer import served
from warehouse.settings import load_settings

HOMES = {"published": "released_home", "platform": "province_home", "synthetic": "synthetic_home"}
WATERMARK = 'class="yb-watermark"'
FUND_CARDS = 3


@pytest.fixture(params=sorted(HOMES))
def origin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The origin beside the printed figures of the home that the pages read."""
    home: Path = request.getfixturevalue(HOMES[request.param])
    monkeypatch.setenv("YIBAO_HOME", str(home))
    return str(request.param)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_page_opens_over_every_origin(origin: str, page: str, lang: str) -> None:
    app = opened(page, lang=lang, origin=origin)
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1
    assert not re.search(r">\s*(None|nan|NaT)\s*<", markup(app))


def test_synthetic_figures_carry_a_watermark_and_no_other_does(origin: str) -> None:
    cards = re.findall(r"<section.*?</section>", markup(opened(origin=origin)), re.S)
    halves = [half for card in cards for half in card.split('class="yb-half"')[1:]]
    assert len(halves) >= len(cards) == 6
    assert all((WATERMARK in half) == (origin == "synthetic") for half in halves)


def test_printed_cards_beside_synthetic_ones_carry_none(
    synthetic_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIBAO_HOME", str(synthetic_home))
    assert WATERMARK not in markup(opened(origin="published"))


def test_the_plan_names_the_origin_of_what_is_not_printed(origin: str) -> None:
    page = markup(opened("planner"))
    assert (WATERMARK in page) == (origin == "synthetic")
    assert ("平台数" in re.sub(r"<[^>]+>", " ", page.split("</table>")[0])) == (origin == "platform")


def test_every_fund_card_says_which_part_of_the_fund(origin: str) -> None:
    cards = re.findall(r"<section.*?</section>", markup(opened(origin=origin)), re.S)
    funds = [card for card in cards if "结余" in card or "可支付月数" in card]
    assert len(funds) == FUND_CARDS
    for card in funds:
        scopes = re.findall(r'class="yb-scope">([^<]+)<', card)
        assert len(scopes) == card.count('class="yb-half"')
        if origin != "published":
            assert set(scopes) == {"统筹"}


def test_a_withheld_figure_is_no_bound(province_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIBAO_HOME", str(province_home))
    cards = "".join(re.findall(r"<section.*?</section>", markup(opened(origin="platform")), re.S))
    assert "人数或人次过少，不公布" in cards
    assert "只公布界限" not in cards


def test_a_link_to_a_release_that_is_gone_says_so(origin: str) -> None:
    if origin == "published":
        pytest.skip("this home has one release, the page compares nothing")
    app = opened("releases", new="R20200101-000000-01")
    assert plain("R20200101-000000-01") in app.warning[0].value


def test_paper_and_document_name_release_and_language(origin: str) -> None:
    styles = "".join(element.proto.body for element in opened(lang="en").get("html"))
    assert "document.documentElement.lang = 'en'" in styles
    assert re.search(r"@bottom-left \{ content: '[^']+R\d{8}", styles)


def test_runs_show_builds_from_the_command_line(province_home: Path) -> None:
    found = runs.last_runs(load_settings(province_home))
    by_command = [each for each in found if each.job == runs.COMMAND]
    assert [(each.state, each.failed) for each in by_command] == [("success", ())]
    assert found == sorted(found, key=lambda each: each.started_at, reverse=True)
    assert {each.job for each in found} > {runs.COMMAND}


def test_leader_and_planner_show_one_verdict(origin: str) -> None:
    plan = dict(
        re.findall(
            r'<td[^>]*data-label="指标"[^>]*>([^<]+)<.*?class="yb-verdict">.*?</span> ([^<]+)<',
            markup(opened("planner")),
            re.S,
        )
    )
    card = re.findall(r"<section.*?</section>", markup(opened(origin=origin)), re.S)[1]
    assert f"规划判定：{plan['基本医保参保率']}" in card


def test_a_value_leads_back_to_its_files_on_the_page(origin: str, tmp_path: Path) -> None:
    """No command is told to a leader: the page itself shows terms, tables and files of the chosen value."""
    first = opened(origin=origin, card="current_balance")
    assert "yibao trace" not in markup(first)
    (way,) = [each for each in first.selectbox if each.key == "value"]
    assert len(way.options) > 1
    keys = opened(origin=origin, card="current_balance", value=_newest_key(origin, tmp_path))
    shown = re.sub(r"<[^>]+>", " ", markup(keys))
    assert "文件与批次" in shown
    if origin == "published":
        assert re.search(r"hainan\w+\.(csv|xlsx) · 第 \d+ 条记录", shown)
    else:
        assert re.search(r"fund_ledger_2024@2025-01-10\.csv(?! · [\d,]+ 行)", shown)
        assert "staging.stg_platform__ledger_entry" in shown


def _newest_key(origin: str, folder: Path) -> str:
    """The value that the first fund card of the page shows."""
    file = shutil.copy(served(load_settings()).database, folder / "copy.duckdb")
    with duckdb.connect(str(file), read_only=True) as copy:
        ((key,),) = copy.execute(
            """
            select value_key from report.leader_kpi
            where region_code = '460000' and data_origin = ? and card_code = 'current_balance'
            order by position, scheme_code limit 1
            """,
            [origin],
        ).fetchall()
    return str(key)
