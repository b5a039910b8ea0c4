"""All feeds. A feed is added by one module with its contract in a folder below this one."""

from importlib import import_module
from pkgutil import walk_packages

from warehouse.feeds.contract import FEED_REGISTRY, Feed, name_of

for _module in walk_packages(__path__, f"{__name__}."):
    if _module.name.startswith((f"{__name__}.published.", f"{__name__}.platform.")):
        import_module(_module.name)

FEEDS: dict[str, type[Feed]] = {
    name_of(mapper.class_): mapper.class_
    for mapper in sorted(FEED_REGISTRY.mappers, key=lambda each: (each.class_.number, name_of(each.class_)))
}
