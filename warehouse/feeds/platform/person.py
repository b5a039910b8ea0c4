"""F01: persons (PSN_INFO_B)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, DateTime, String

from warehouse.feeds.contract import Feed, RowsRule, Rule, column
from warehouse.feeds.rules import no_test_person
from warehouse.feeds.versions import delivered, newness

# GB 11643-1999 (ISO 7064 MOD 11-2): weights of the first 17 digits, check characters by remainder
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"


def _check_character() -> str:
    """SQL: the last character of an 18-character ``certno`` is the one its digits call for."""
    weighted = " + ".join(
        f"(ord(substr(certno, {place}, 1)) - 48) * {weight}" for place, weight in enumerate(WEIGHTS, 1)
    )
    return (
        "try_cast(left(certno, 17) as bigint) is not null and "
        f"substr('{CHECK_CHARACTERS}', ({weighted}) % 11 + 1, 1) = upper(right(certno, 1))"
    )


class Person(Feed, table=True):
    """A person known to the platform, one number each; several numbers of one person are resolved later (E05)."""

    __tablename__ = "person"
    feed_zh = "人员基本信息"
    feed_en = "Persons"
    number = "F01"
    cadence = "daily"
    version = "updt_time"

    psn_no: str = column(
        String(30),
        key=True,
        sensitivity="pseudonym",
        zh="人员编号",
        en="Person number",
        aliases=("个人编号",),
    )
    psn_name: str | None = column(
        String(50), sensitivity="personal", zh="姓名", en="Name", aliases=("人员姓名",)
    )
    psn_cert_type: str | None = column(
        String(6), code_set="psn_cert_type", zh="证件类型", en="Kind of identity document"
    )
    certno: str | None = column(
        String(50), sensitivity="personal", zh="证件号码", en="Identity document number", aliases=("证件号",)
    )
    gend: str | None = column(String(6), code_set="gend", zh="性别", en="Sex")
    naty: str | None = column(String(3), zh="民族", en="Ethnic group")
    brdy: date | None = column(Date(), zh="出生日期", en="Date of birth")
    surv_stas: str | None = column(String(3), code_set="surv_stas", zh="生存状态", en="Survival status")
    resd_natu: str | None = column(String(6), zh="户籍性质", en="Kind of household registration")
    resd_loc_admdvs: str | None = column(
        String(6), code_set="admdvs", zh="户籍所在地区划", en="Region of registration"
    )
    live_admdvs: str | None = column(
        String(6), code_set="admdvs", zh="居住地区划", en="Region of residence", aliases=("常住地区划",)
    )
    hsecfc: str | None = column(
        String(64), sensitivity="personal", zh="医保电子凭证码", en="E-certificate code"
    )
    vali_flag: str | None = column(String(3), code_set="vali_flag", zh="有效标志", en="Valid")
    updt_time: datetime | None = column(DateTime(), zh="更新时间", en="Time of the last change")

    rules = (
        no_test_person("psn_name"),
        Rule(
            "identity_check_digit",
            f"length(certno) <> 18 or coalesce(psn_cert_type, '01') <> '01' or coalesce({_check_character()}, false)",
            "warn",
            "18 位身份证的校验位不符",
            "the check digit of the identity number is wrong",
        ),
        Rule(
            "birth_meets_identity",
            "case when psn_cert_type <> '01' then true "
            "when length(certno) = 18 then try_cast(substr(certno, 7, 8) as integer) "
            "= year(brdy) * 10000 + month(brdy) * 100 + day(brdy) "
            "when length(certno) = 15 then try_cast('19' || substr(certno, 7, 6) as integer) "
            "= year(brdy) * 10000 + month(brdy) * 100 + day(brdy) end",
            "warn",
            "出生日期与身份证不符",
            "the date of birth differs from the identity number",
        ),
        Rule(
            "birth_in_range",
            "brdy between date '1900-01-01' and known_on",
            "blank",
            "出生日期早于 1900 年，或晚于文件的交付日期",
            "born before 1900 or after the file was delivered",
            blanks="brdy",
        ),
        RowsRule(
            "one_number_per_identity",
            """
            with numbered as (
                select certno, psn_no from batch
                union all
                select known.certno, known.psn_no
                from raw.person as known
                semi join batch on batch.certno = known.certno
            ),
            shared as (
                select certno
                from numbered
                where certno is not null
                group by certno
                having min(psn_no) <> max(psn_no)
            )
            select batch._row
            from batch
            semi join shared on shared.certno = batch.certno
            """,
            "warn",
            "同一证件号有多个人员编号，须归并",
            "one identity number under several person numbers",
        ),
        RowsRule(
            "dead_not_enrolled",
            f"""
            with active as (
                select
                    period.psn_no,
                    period.psn_insu_rlts_id,
                    {newness("period.updt_time", "period.known_on")} as newness
                from {delivered("enrolment")} as period
                semi join (select psn_no from batch where surv_stas = '2') as dead
                    on dead.psn_no = period.psn_no
                where period.psn_insu_stas = '1' and period.paus_insu_date is null
            )
            select batch._row
            from batch
            semi join (
                select active.psn_no
                from active
                anti join {delivered("enrolment")} as newer
                    on newer.psn_insu_rlts_id = active.psn_insu_rlts_id
                    and {newness("newer.updt_time", "newer.known_on")} > active.newness
            ) as still_active on still_active.psn_no = batch.psn_no
            where batch.surv_stas = '2'
            """,
            "warn",
            "人员已登记死亡，仍有正常参保关系",
            "registered as dead and still enrolled",
            needs=("enrolment",),
        ),
    )
