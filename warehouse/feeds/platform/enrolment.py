"""F02: enrolment periods (PSN_INSU_D with the changes of PSN_INSU_CHG_C)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, DateTime, String

from warehouse.feeds.contract import BatchRule, Feed, RowsRule, Rule, column
from warehouse.feeds.rules import here, scheme_counted
from warehouse.feeds.versions import delivered, newness

OPEN_END = "date '9999-12-31'"


def _overlaps(insutypes: str) -> str:
    """Rows whose period overlaps another relation of the person; ``insutypes`` says which pairs count.

    An older version of a relation does not count once a newer one has arrived.
    """
    end = f"coalesce({{}}.paus_insu_date, {OPEN_END})"
    pairs = " union all ".join(
        f"""
            select batch._row, other.psn_insu_rlts_id, {newness("other.updt_time", "other.known_on")} as newness
            from batch
            inner join {table} as other
                on other.psn_no = batch.psn_no
                and other.psn_insu_rlts_id <> batch.psn_insu_rlts_id
                and other.psn_insu_date < {end.format("batch")}
                and batch.psn_insu_date < {end.format("other")}
            where {insutypes}
                and coalesce(batch.psn_insu_stas, '1') not in ('0', '3')
                and coalesce(other.psn_insu_stas, '1') not in ('0', '3')
        """
        for table in ("batch", delivered("enrolment"))
    )
    newer = (
        "newer.psn_insu_rlts_id = pair.psn_insu_rlts_id "
        f"and {newness('newer.updt_time', 'newer.known_on')} > pair.newness"
    )
    return f"""
        with pair as ({pairs})
        select distinct pair._row
        from pair
        anti join batch as newer on {newer}
        anti join {delivered("enrolment")} as newer on {newer}
    """


class Enrolment(Feed, table=True):
    """A period in which a person belongs to one insurance: person × insurance type × relation.

    The day of suspension is the last day covered, in the rules here as in the marts: a year that ends on
    12-31 holds December. On the day of a change both relations hold, which is no overlap.
    """

    __tablename__ = "enrolment"
    feed_zh = "参保关系时段"
    feed_en = "Enrolment periods"
    number = "F02"
    cadence = "daily"
    version = "updt_time"
    month = "cast(date_trunc('month', psn_insu_date) as date)"
    # the days on which a person retired or moved
    first_of = (
        "concat_ws('|', coalesce(record.insutype_retr_flag, '0'), record.insu_admdvs, "
        "coalesce(record.psn_insu_stas, '1'))"
    )
    region_column = "insu_admdvs"

    psn_insu_rlts_id: str = column(
        String(30),
        key=True,
        sensitivity="pseudonym",
        zh="参保关系编号",
        en="Enrolment id",
        aliases=("人员参保关系ID",),
    )
    psn_no: str = column(
        String(30),
        required=True,
        sensitivity="pseudonym",
        zh="人员编号",
        en="Person number",
        aliases=("个人编号",),
    )
    insutype: str = column(
        String(6), required=True, code_set="insutype", zh="险种类型", en="Insurance type", aliases=("险种",)
    )
    psn_type: str | None = column(String(6), code_set="psn_type", zh="人员类别", en="Category of person")
    psn_insu_stas: str | None = column(
        String(6),
        code_set="psn_insu_stas",
        unknown_code="reject",
        zh="人员参保状态",
        en="Enrolment status",
        aliases=("参保状态",),
    )
    insutype_retr_flag: str | None = column(
        String(3), code_set="insutype_retr_flag", zh="险种离退休标志", en="Retired in this insurance"
    )
    crt_insu_date: date | None = column(
        Date(), zh="本次参保日期", en="Start of the present enrolment", aliases=("当前参保日期",)
    )
    psn_insu_date: date = column(
        Date(), required=True, zh="个人参保日期", en="First day of the period", aliases=("参保日期",)
    )
    paus_insu_date: date | None = column(
        Date(),
        is_open_end=True,
        zh="暂停参保日期（当日仍在保）",
        en="Day of suspension, the last day covered",
        aliases=("暂停参保日期", "停保日期"),
    )
    fst_insu_ym: str | None = column(
        String(6), is_month=True, zh="首次参保年月", en="Month of first enrolment (yyyymm)"
    )
    max_acctprd: str | None = column(
        String(6), is_month=True, zh="最大做账期号", en="Last booked month (yyyymm)"
    )
    emp_no: str | None = column(String(40), zh="单位编号", en="Employer id")
    emp_fom: str | None = column(String(6), zh="用工形式", en="Form of employment")
    flxempe_flag: str | None = column(
        String(3), code_set="is_flag", zh="灵活就业标志", en="Flexibly employed"
    )
    cvlserv_flag: str | None = column(String(3), code_set="is_flag", zh="公务员标志", en="Civil servant")
    hi_type: str | None = column(
        String(6), code_set="hi_type", zh="医疗保险类型", en="Pool with or without account"
    )
    clct_way: str | None = column(String(6), code_set="clct_way", zh="征收方式", en="Way of collection")
    insu_admdvs: str = column(
        String(6),
        required=True,
        code_set="admdvs",
        unknown_code="reject",
        zh="参保地医保区划",
        en="Region of enrolment",
        aliases=("insu_optins", "参保地区划"),
    )
    poolarea_no: str | None = column(String(6), zh="统筹区编号", en="Pooling area")
    opt_chnl: str | None = column(String(6), zh="经办渠道", en="Channel of handling")
    updt_time: datetime | None = column(DateTime(), zh="更新时间", en="Time of the last change")

    rules = (
        here("insu_admdvs")[0],
        scheme_counted(),
        Rule(
            "end_after_begin",
            "paus_insu_date >= psn_insu_date",
            "reject",
            "暂停参保日期早于个人参保日期",
            "the period ends before it begins",
        ),
        RowsRule(
            "periods_apart",
            _overlaps("other.insutype = batch.insutype"),
            "warn",
            "同人同险种的参保时段重叠",
            "two periods of one person in one insurance overlap",
        ),
        RowsRule(
            "enrolled_once",
            _overlaps("(batch.insutype, other.insutype) in (('310', '390'), ('390', '310'))"),
            "warn",
            "同人职工与居民医保时段重叠，属重复参保",
            "enrolled in employee and resident insurance at once",
        ),
        Rule(
            "active_not_suspended",
            "psn_insu_stas <> '1' or paus_insu_date >= known_on",
            "warn",
            "参保状态为正常，而暂停日期已过",
            "the status is active although the period was suspended",
        ),
        BatchRule(
            "insured_total_steady",
            f"""
            with month_end as (
                select
                    cast(date_trunc('month', max(known_on)) as date) - 1 as this_day,
                    cast(date_trunc('month', max(known_on)) - interval 1 month as date) - 1 as day_before
                from batch
            ),
            version as (
                select
                    psn_insu_rlts_id,
                    psn_insu_date,
                    paus_insu_date,
                    psn_insu_stas,
                    {newness("updt_time")} as newness
                from batch
                where insutype in ('310', '390')
                union all
                select
                    psn_insu_rlts_id,
                    psn_insu_date,
                    paus_insu_date,
                    psn_insu_stas,
                    {newness("updt_time")} as newness
                from {delivered("enrolment")}
                where insutype in ('310', '390')
            ),
            period as (
                select
                    arg_max(psn_insu_date, newness) as first_day,
                    arg_max(
                        case
                            when psn_insu_stas in ('0', '3') then date '1900-01-01'
                            else coalesce(paus_insu_date, {OPEN_END})
                        end,
                        newness
                    ) as last_day
                from version
                group by psn_insu_rlts_id
            ),
            insured as (
                select
                    count(*) filter (this_day between first_day and last_day) as this_month,
                    count(*) filter (day_before between first_day and last_day) as month_before,
                    max(month(this_day)) as calendar_month
                from period
                cross join month_end
            )
            select abs(this_month - month_before) / nullif(month_before, 0)
            from insured
            where calendar_month <> 1
            """,
            "measure <= 0.02",
            "warn",
            "月末参保总数较上月末变动超过 2%（1 月除外）",
            "the insured at month end moved by more than 2 % (January excepted)",
        ),
    )
