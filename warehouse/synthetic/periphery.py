"""The modules of the smaller feeds (F07, F08, F12–F15, F17–F20, F23–F28) in the order they build in."""

from __future__ import annotations

from warehouse.synthetic import (
    audit,
    catalogues,
    clearing,
    collected,
    cross_province,
    grouping,
    oddity,
    planning,
    procurement,
    protection,
    services,
    supervision,
)

STATE = (oddity.build,)
RECORDS = (grouping.build, audit.build, cross_province.build, collected.build)
CLOSING = (
    catalogues.build,
    planning.build,
    supervision.build,
    services.build,
    protection.build,
    clearing.build,
    procurement.build,
    oddity.list_them,
)
