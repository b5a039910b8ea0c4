"""What the pages show, as frozen values; nothing here imports Streamlit."""
