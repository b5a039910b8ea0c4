"""Each page on a real release, in Chinese and in English."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.services.workbench import GAVE_WAY, KEPT_ANSWERS, ask
from warehouse.release.pointer import served
from warehouse.settings import PROJECT_ROOT, QueryLimits, load_settings
from warehouse.texts import Refused

APP = Path(__file__).resolve().parents[2] / "dashboards" / "app.py"
PAGES = {
    "leader": "app_pages/leader/overview.py",
    "planner": "app_pages/planner/board.py",
    "workbench": "app_pages/statistician/workbench.py",
    "findings": "app_pages/statistician/findings.py",
    "dictionary": "app_pages/statistician/dictionary.py",
    "releases": "app_pages/statistician/releases.py",
    "operations": "app_pages/operator/operations.py",
}
RAW_CODES = re.compile(
    r">\s*(employee|resident|final|preliminary|unstated|pool|scope_unstated|definition_unstated|460000)\s*<"
)


@pytest.fixture
def home(released_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the release, as the pages find it."""
    monkeypatch.setenv("YIBAO_HOME", str(released_home))
    return released_home


def opened(page: str = "leader", **parameters: str) -> AppTest:
    """The page after its first run with these query parameters."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    if page != "leader":
        app.switch_page(PAGES[page]).run()
    return app


def markup(app: AppTest) -> str:
    """All HTML of the page, without its style sheet."""
    bodies = [element.proto.body for element in app.get("html")]
    return "\n".join(body for body in bodies if not body.startswith("<style>"))


def words(app: AppTest) -> str:
    """The text of the page's HTML."""
    return re.sub(r"<[^>]+>", " ", markup(app))


def served_id(home: Path) -> str:
    """The id of the release that is served."""
    return str(json.loads((home / "releases" / "current.json").read_text(encoding="utf-8"))["release_id"])


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", sorted(PAGES))
def test_a_page_runs_and_shows_its_release(home: Path, page: str, lang: str) -> None:
    app = opened(page, lang=lang)
    assert not app.exception
    assert not app.error
    assert app.title[0].value
    assert served_id(home) in words(app)


@pytest.mark.parametrize("region", ["460000", "000000"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_leader_page_shows_words_instead_of_codes(home: Path, region: str, lang: str) -> None:
    assert not RAW_CODES.search(markup(opened(region=region, lang=lang)))


def test_the_leader_title_states_the_finding_for_both_funds(home: Path) -> None:
    title = opened(region="460000").title[0].value
    assert title == "海南省：可支付月数 职工 27 个月 | 居民 11 个月（2020年末）"


def test_fund_cards_show_the_two_schemes_side_by_side(home: Path) -> None:
    cards = re.findall(r"<section.*?</section>", markup(opened(region="460000")), re.S)
    assert len(cards) == 6
    split = [card for card in cards if "职工" in card]
    assert len(split) == 4
    assert all(card.count('class="yb-half"') == 2 and "居民" in card for card in split)


@pytest.mark.parametrize("region", ["460000", "000000"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_bounds_are_never_shown_as_numbers(home: Path, region: str, lang: str) -> None:
    shown = words(opened(region=region, card="enrolment_rate", lang=lang))
    assert not re.search(r"\b95\.0", shown)
    printed = {
        ("000000", "zh"): "95%以上",
        ("000000", "en"): "95% or more",
        ("460000", "zh"): "95%左右",
        ("460000", "en"): "about 95%",
    }
    assert printed[region, lang] in shown


def test_a_year_to_date_balance_of_residents_is_not_judged(home: Path) -> None:
    assert "年初至今累计，居民缴费集中在四季度，不据此判断" in words(opened(region="460000"))


def test_each_value_says_its_comparison_status_and_source(home: Path) -> None:
    shown = words(opened(region="460000"))
    for expected in ("无可比上年数", "来源未注明", "口径待确认", "hainan_series.csv", "published_statistic-"):
        assert expected in shown
    assert "终审数" in words(opened(region="000000"))


def test_scopes_that_may_differ_are_marked_and_explained(home: Path) -> None:
    shown = words(opened(region="460000"))
    assert "口径可能不同 注2" in shown
    assert "注2 2020 年与 2025 年累计结余口径可能不同" in shown


def test_the_trend_is_not_joined_across_a_break(home: Path) -> None:
    app = opened(region="460000", card="cumulative_balance")
    spec = json.loads(app.get("vega_lite_chart")[0].proto.spec)
    lines = [layer for layer in spec["layer"] if layer["mark"].get("type") == "line"]
    assert lines[0]["encoding"]["detail"]["field"] == "line"
    assert any(layer["mark"].get("type") == "rule" for layer in spec["layer"])
    years: dict[str, set[str]] = {}
    for row in lines[0]["data"]["values"]:
        years.setdefault(row["line"], set()).add(row["day"][:4])
    assert len(years) > 2
    assert not [found for found in years.values() if {"2020", "2025"} <= found]


def test_a_card_with_bounds_only_draws_no_chart(home: Path) -> None:
    app = opened(region="000000", card="enrolment_rate")
    assert not app.get("vega_lite_chart")
    assert any("只公布过界限" in element.value for element in app.info)


def test_an_address_with_unknown_values_falls_back(home: Path) -> None:
    app = opened(region="nowhere", card="nothing", lang="xx")
    assert not app.exception
    assert app.title[0].value.startswith("海南省")


def test_the_planner_page_counts_and_filters(home: Path) -> None:
    app = opened("planner")
    assert app.title[0].value == "16 项指标：4 项已有基期后数据，4 项原表单元格不明"
    assert markup(app).count('data-label="行"') == 16
    app.selectbox(key="verdict").select("undefined_target").run()
    assert markup(app).count('data-label="行"') == 4
    app.selectbox(key="row").select("8").run()
    assert "個人衛生支出占衛生總費用的比例" in words(app)
    assert "旁证（仅供核对，不作数据）" in words(app)


def test_the_planner_page_lists_every_task(home: Path) -> None:
    shown = words(opened("planner"))
    assert all(f"T{number:02d}" in shown for number in range(1, 28))
    assert all(f"Z{number}" in shown for number in range(1, 8))


def test_the_query_box_answers(home: Path) -> None:
    app = opened("workbench")
    app.text_area[0].set_value("select 1 as one, '中文' as word").run()
    app.button(key="run").click().run()
    assert not app.exception
    assert "共 1 行" in " ".join(element.value for element in app.caption)


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select * from no_such_table", "查询不能执行"),
        ("copy (select 1) to '/tmp/never.csv'", "只能查询"),
        ("drop table indicator.value", "只能查询"),
    ],
)
def test_a_refused_query_gives_its_reason(home: Path, sql: str, reason: str) -> None:
    app = opened("workbench")
    app.text_area[0].set_value(sql).run()
    app.button(key="run").click().run()
    assert not app.exception
    assert reason in app.error[0].value


def test_a_refusal_is_in_the_language_chosen(home: Path) -> None:
    app = opened("workbench", lang="en")
    app.text_area[0].set_value("select * from no_such_table").run()
    app.button(key="run").click().run()
    assert app.error[0].value.startswith("The query cannot run")


def test_the_examples_run(home: Path) -> None:
    app = opened("workbench")
    for name in ("payable_months", "enrolment", "registry", "finding"):
        app.button(key=f"example_{name}").click().run()
        app.button(key="run").click().run()
        assert not app.error, name
        assert app.dataframe, name


def test_the_catalogue_finds_a_table_by_a_chinese_word(home: Path) -> None:
    app = opened("workbench")
    app.text_input(key="search").set_value("规划指标表").run()
    assert "target" in words(app)
    assert "payment_ratio" not in words(app)


def test_the_findings_page_explains_and_filters(home: Path) -> None:
    app = opened("findings")
    assert "数据核查问题" in app.title[0].value
    before = markup(app).count('data-label="应为"')
    app.selectbox(key="check").select("rollforward").run()
    assert 0 < markup(app).count('data-label="应为"') < before
    assert any("差额＝应为－印为" in element.value for element in app.markdown)


def test_the_dictionary_describes_the_feed_of_the_address(home: Path) -> None:
    app = opened("dictionary", feed="settlement")
    assert re.fullmatch(r"F04 医保结算：\d+ 列，\d+ 条规则，0 项批次问题", app.title[0].value)
    assert "尚未交付" in words(app)
    assert "setl_id" in words(app)
    assert markup(app).count('data-label="敏感级别"') == int(re.findall(r"(\d+) 列", app.title[0].value)[0])
    app.selectbox(key="feed").select("published_statistic").run()
    assert app.title[0].value.startswith("公开统计数据：")
    assert "published_statistic" in app.query_params["feed"]
    assert "尚未交付" not in words(app)
    assert "100m_yuan" in words(app)


def test_the_dictionary_lists_the_codes_of_the_set_chosen(home: Path) -> None:
    app = opened("dictionary", feed="settlement")
    app.selectbox(key="code_set").select("insutype").run()
    assert "职工基本医疗保险" in words(app)
    assert "普通门诊" not in words(app)
    app.selectbox(key="code_set").select("med_type").run()
    assert "普通门诊" in words(app)
    app.selectbox(key="feed").select("terminal").run()
    assert not app.exception
    assert any("没有用代码表的列" in element.value for element in app.info)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_dictionary_explains_rules_in_words(home: Path, lang: str) -> None:
    shown = markup(opened("dictionary", feed="settlement", lang=lang))
    assert not re.search(r">\s*(reject|wait|warn|blank|rows?|batch|internal|pseudonym)\s*<", shown)
    assert {"zh": "退回", "en": "Refused"}[lang] in shown


def test_every_feed_opens_in_the_dictionary(home: Path) -> None:
    app = opened("dictionary")
    for feed in app.selectbox(key="feed").proto.options:
        app.selectbox(key="feed").select(feed).run()
        assert not app.exception, feed


def test_the_dictionary_shows_what_was_reported_of_deliveries(
    released_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release_id = served_id(released_home)
    shutil.copytree(released_home / "releases", tmp_path / "releases")
    database = tmp_path / "releases" / release_id / "province.duckdb"
    database.chmod(0o644)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            """
            insert into quality.feed_finding
            select 'terminal-1', 'rule_' || range, 'terminal', 'terminal.csv', date '2026-01-05' + range::int,
                if(range = 0, 'blank', 'warn'), range, if(range = 0, null, '3, 7'), '有问题', 'a problem'
            from range(201);
            update reference.feed set batch_cnt = 1, newest_delivery_date = date '2026-01-05'
            where feed = 'terminal';
            """
        )
    monkeypatch.setenv("YIBAO_HOME", str(tmp_path))
    app = opened("dictionary", feed="terminal")
    assert app.title[0].value == "F27 村医通与扫码终端：5 列，0 条规则，201 项批次问题"
    assert any("显示前 200 项，共 201 项" in element.value for element in app.caption)
    assert "记录 3, 7" in words(app)
    assert markup(app).count('data-label="涉及行数"') == 200


def test_without_a_release_the_pages_say_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIBAO_HOME", str(tmp_path))
    app = opened()
    assert not app.exception
    assert app.title[0].value == "还没有数据版本"
    assert "yibao run" in app.code[0].value


def test_a_broken_release_does_not_break_the_page(
    released_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release_id = served_id(released_home)
    shutil.copytree(released_home / "releases", tmp_path / "releases")
    (tmp_path / "releases" / release_id / "province.duckdb").write_bytes(b"not a database")
    monkeypatch.setenv("YIBAO_HOME", str(tmp_path))
    app = opened()
    assert not app.exception
    assert app.title[0].value == "这一页暂时读不出来"


def test_another_release_is_used_from_the_next_run_on(
    released_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release_id = served_id(released_home)
    releases = tmp_path / "releases"
    shutil.copytree(released_home / "releases", releases)
    shutil.copytree(releases / release_id, releases / "R29990101-000000-01")
    monkeypatch.setenv("YIBAO_HOME", str(tmp_path))
    app = opened()
    assert release_id in words(app)
    (releases / "current.json").write_text('{"release_id": "R29990101-000000-01"}', encoding="utf-8")
    app.run()
    assert "R29990101-000000-01" in words(app)


def test_no_page_tells_where_files_lie(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the page of an empty home nor a refusal nor an unforeseen error names a folder of this machine."""
    monkeypatch.setenv("YIBAO_HOME", str(tmp_path))
    monkeypatch.delenv("YIBAO_CONTROL_URL", raising=False)
    for state in ("empty", "pointer damaged", "file damaged"):
        if state == "pointer damaged":
            (tmp_path / "releases").mkdir(exist_ok=True)
            (tmp_path / "releases" / "current.json").write_text("{")
        if state == "file damaged":
            shutil.rmtree(tmp_path / "releases")
            shutil.copytree(home / "releases", tmp_path / "releases")
            release = served(load_settings(tmp_path))
            release.folder.chmod(0o755)
            release.database.unlink()
            release.database.write_bytes(b"not a database")
        app = opened()
        shown = " ".join(
            str(element.value) for kind in (app.error, app.info, app.code, app.caption) for element in kind
        )
        assert shown, state
        assert str(tmp_path) not in shown, state
        assert str(PROJECT_ROOT) not in shown, state


def test_a_cut_result_says_so_and_older_results_give_way(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(home)
    few = replace(settings, query=QueryLimits(seconds=20, memory_mb=512, rows=5))
    release = served(settings)
    first, *others = [
        ask(release.release_id, release.database, f"select {number} from range(9)", few, "somebody")
        for number in range(KEPT_ANSWERS + 1)
    ]
    assert first.table is None
    assert first.refusal == GAVE_WAY
    with pytest.raises(Refused, match="让位"):
        first.whole()
    assert [answer.whole().num_rows for answer in others] == [5] * KEPT_ANSWERS
    assert all(answer.cut and "前 5 行" in answer.cut.zh for answer in others)
