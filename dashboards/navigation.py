"""The pages, their parts of the navigation and their addresses: what the menu shows and what the guard lets through."""

from __future__ import annotations

PAGES = {  # part of the navigation → file, name of the page and its address, icon
    "leader": [("overview", "leader", "dashboard")],
    "planner": [("board", "planner", "flag")],
    "statistician": [
        ("workbench", "workbench", "table_view"),
        ("findings", "findings", "fact_check"),
        ("dictionary", "dictionary", "menu_book"),
        ("releases", "releases", "difference"),
    ],
    "operator": [("operations", "operations", "monitor_heart")],
}
FIRST = "leader"
PART_OF = {name: part for part, pages in PAGES.items() for _, name, _ in pages}
