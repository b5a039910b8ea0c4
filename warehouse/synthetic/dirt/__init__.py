"""Dirt, late corrections and their answers: what real exports do to a clean province.

``prepare`` once; ``plant`` for each list of files before it is written; ``late_files`` and ``finish`` after the
last one. ``answers.csv`` then lists every planted thing and what the loader must make of it.
"""

from warehouse.synthetic.dirt.extra import finish
from warehouse.synthetic.dirt.late import files as late_files
from warehouse.synthetic.dirt.planting import plant, prepare

__all__ = ["finish", "late_files", "plant", "prepare"]
