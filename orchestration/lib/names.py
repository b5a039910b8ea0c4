"""The names of the jobs, which run history and schedules refer to."""

BUILD_JOB = "ingest_build_release"
BACKFILL_JOB = "backfill_months"
CLOSE_JOB = "close_month"
ALERT_JOB = "alerts"

NO_FILE_REFUSED = "no_file_refused"
"""The check of a load that names the files it refused while the others went on."""
