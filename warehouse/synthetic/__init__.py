"""A synthetic province: all platform feeds, consistent with each other and calibrated to published totals."""
