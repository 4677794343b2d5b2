"""The page of settings, read off `rookery.settings.Settings`."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec

from rookery.settings import Settings

PAGE: Final = Path(__file__).parent.parent / "docs" / "reference" / "settings.md"
_HEADING: Final = """\
# Settings

Written by `make docs` from `rookery.settings.Settings`; a test keeps it true.

Rookery runs without any setting. Each may stand in the file `rookery.toml` of the folder where the command runs
(`ROOKERY_CONFIG` names another file) or in the environment; the environment wins. What is unknown
in the file or out of bounds is refused at the start with a sentence, and so is a variable that looks like one of these
misspelt, such as one without its last letter; other variables that begin with `ROOKERY_` are left alone. Secrets (the password in a database's URL) belong in the environment.

```toml
# rookery.toml
title = "Birds of Example"
base_url = "https://birds.example"
registrations = "approval"
```

| in `rookery.toml` | in the environment | what it decides | values | default |
|---|---|---|---|---|
"""


def settings() -> str:
    """Return the page."""
    hints = get_type_hints(Settings, include_extras=True)
    rows = [_row(field, hints[field.name]) for field in msgspec.structs.fields(Settings)]
    return _HEADING + "".join(rows)


def _row(field: msgspec.structs.FieldInfo, hint: Any) -> str:
    kind, metas = (hint, ()) if get_origin(hint) is not Annotated else (get_args(hint)[0], get_args(hint)[1:])
    metas = [meta for meta in metas if isinstance(meta, msgspec.Meta)]
    sentence = next((meta.description for meta in metas if meta.description), "")
    default = "" if field.default in {"", msgspec.NODEFAULT} else f"`{field.default}`"
    variable = f"ROOKERY_{field.name.upper()}"
    return f"| `{field.name}` | `{variable}` | {sentence} | {_values(kind, metas)} | {default or 'empty'} |\n"


def _values(kind: Any, metas: list[msgspec.Meta]) -> str:
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(kind))
    name = {int: "whole number", float: "number", str: "text"}[kind]
    bounds = [
        (meta.ge, "from {:,}"), (meta.le, "to {:,}"), (meta.gt, "above {:,}"), (meta.lt, "below {:,}")
    ] if (meta := _joined(metas)) else []  # fmt: skip
    said = " ".join(text.format(bound) for bound, text in bounds if bound is not None)
    return f"{name} {said}".strip()


def _joined(metas: list[msgspec.Meta]) -> msgspec.Meta | None:
    """Return the one that bounds a number."""
    bounding = [m for m in metas if any(bound is not None for bound in (m.ge, m.le, m.gt, m.lt))]
    return bounding[0] if bounding else None
