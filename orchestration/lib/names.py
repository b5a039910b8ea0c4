"""The names of the jobs, which run history and schedules refer to."""

BUILD_JOB = "ingest_build_release"
BACKFILL_JOB = "backfill_months"
CLOSE_JOB = "close_month"
ALERT_JOB = "alerts"
