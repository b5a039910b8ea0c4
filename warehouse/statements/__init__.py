"""Published tables as bureaus print them, read by description: a template says where everything is."""
