"""The groups of commands below ``yibao``, one module each."""
