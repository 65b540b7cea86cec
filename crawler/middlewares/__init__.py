"""Downloader middlewares: what is asked of whom, when, and what is refused."""
