"""Word lists, as data: one file a language, and one for the class names of templates."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "fr", "de", "nl", "es", "it", "pt", "pl", "ru", "el", "zh", "ja", "ar")


@cache
def load(name: str) -> dict[str, Any]:
    """Content of one word list file."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
