"""Contracts of published statistics: figures in documents, series, printed statements."""
