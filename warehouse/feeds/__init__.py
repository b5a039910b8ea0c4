"""All feeds. A feed is added by one module with its contract and a line here."""

from warehouse.feeds.contract import Feed, name_of
from warehouse.feeds.published_figure import PublishedFigure
from warehouse.feeds.published_statistic import PublishedStatistic
from warehouse.feeds.statement_cell import StatementCell

FEEDS: dict[str, type[Feed]] = {
    name_of(feed): feed for feed in (PublishedFigure, PublishedStatistic, StatementCell)
}
