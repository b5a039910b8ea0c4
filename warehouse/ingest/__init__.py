"""From a delivered file to raw rows: archive, read, check, accept or refuse, as one batch."""
