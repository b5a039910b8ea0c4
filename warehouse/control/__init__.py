"""The control database: decisions and history that no build can recreate."""
