"""From archive and decisions to the same figures: rebuild, backup, restore."""
