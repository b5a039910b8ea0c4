"""Alerts: rules over the served release and the control database, episodes, an inbox, and messages."""
