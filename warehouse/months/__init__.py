"""What a month needs: which deliveries are expected, whether it can be closed, and closing it."""
