"""The rules of the house that no linter knows: each is a function with one good and one bad example."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
SOURCE: Final = ROOT / "src" / "rookery"
FUNCTION_LINES_MAX: Final = 70
MODULE_LINES_MAX: Final = 500
RULES: Final[list["Rule"]] = []


@dataclass(frozen=True)
class Module:
    """A file of Python with its tree."""

    path: str
    """Relative to `src/rookery`."""
    text: str
    tree: ast.Module = field(compare=False)

    @classmethod
    def of(cls, text: str, path: str = "usecases/example.py") -> "Module":
        return cls(path, text, ast.parse(text))


@cache
def modules() -> list[Module]:
    """Return every module of the program."""
    return [
        Module.of(file.read_text(encoding="utf-8"), str(file.relative_to(SOURCE)))
        for file in sorted(SOURCE.rglob("*.py"))
    ]


Check = Callable[[Module], Iterator[tuple[int, str]]]


@dataclass(frozen=True)
class Rule:
    """A check of one module with the proof that it can fail."""

    name: str
    check: Check
    good: str
    bad: str
    path: str
    """Where the examples pretend to lie."""
    good_path: str
    """Where the good one pretends to lie, if elsewhere."""

    def complaints(self, module: Module) -> list[str]:
        """Return what is wrong in a module."""
        return [f"{module.path}:{line}: {what}" for line, what in self.check(module)]


def rule(
    *, good: str, bad: str, path: str = "usecases/example.py", good_path: str | None = None
) -> Callable[[Check], Check]:
    """Enter a check in the list of rules."""

    def enter(check: Check) -> Check:
        RULES.append(Rule(check.__name__, check, good, bad, path, good_path or path))
        return check

    return enter


MASTODONS_WORDS: Final = frozenset(
    [
        "status",
        "statuses",
        "favourite",
        "favourites",
        "favourited",
        "reblog",
        "reblogs",
        "reblogged",
        "account",
        "accounts",
        "toot",
        "toots",
    ]
)
_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@rule(
    good="def post_tweet(user_id): favorites = 1",
    bad="def post_status(user_id): ...",
)
def mastodons_words_stay_under_api(module: Module) -> Iterator[tuple[int, str]]:
    """Inside we say tweet, user, favorite and retweet; `api/` translates."""
    if module.path.startswith("api/"):
        return
    for line, name in _bound_names(module.tree):
        for word in _WORDS.findall(name):
            if word.lower() in MASTODONS_WORDS:
                yield line, f"`{name}` uses Mastodon's word `{word.lower()}`"


def _bound_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Names that the code itself gives: those of libraries' attributes and keywords are not ours."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
                | ast.arg(arg=name)
                | ast.Name(id=name, ctx=ast.Store())
                | ast.Attribute(attr=name, ctx=ast.Store())
            ):
                yield node.lineno, name
            case ast.Call(func=ast.Name(id="sql" | "sql_per_engine")):
                for constant in _texts(node):
                    for name in re.findall(r"[a-z_]+", constant.value):
                        yield constant.lineno, name


_SAID_BY_MASTODON: Final = re.compile(
    r"(?i)\b(?:status(?:es)?|favourite\w*|reblog\w*|boost\w*|toots?|accounts?)\b|in_reply_to"
)
_SAID_BY_HTTP: Final = re.compile(r"/(?:api|auth|oauth)/|\b[A-Z][a-z]+(?:-[A-Z][a-z]+)+\b")
"""Paths of ours, and names of headers."""


@rule(
    good='def check(): """Tell whether the Idempotency-Key fits."""; raise Invalid("A retweet cannot be pinned", field="id")',
    bad='raise Invalid("This fits nothing", field="in_reply_to_id")',
)
@rule(good='link = f"{base_url}/@{name}"', bad='link = f"{base_url}/auth/confirm?token={code}"')
@rule(good="", bad='raise Invalid("A boost cannot be pinned")')
@rule(good='NAMES = ("account", "admin")', bad='raise Invalid("Idempotency-Key is too long")')
def what_is_said_inside_is_in_our_words(module: Module) -> Iterator[tuple[int, str]]:
    """Sentences and named fields below the edges know neither Mastodon nor HTTP; `api/` and `cli/` translate."""
    outside = ("api/", "bench/", "cli/", "engines/", "app.py", "settings.py", "domain/oauth.py")
    if module.path.startswith(outside):
        return
    bare = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    named = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.keyword)}
    for text in _texts(module.tree):
        if id(text) in bare:
            continue
        found = _SAID_BY_HTTP.search(text.value)
        if " " in text.value or id(text) in named:
            found = found or _SAID_BY_MASTODON.search(text.value)
        if found:
            yield text.lineno, f"says `{found[0]}`"


def _texts(tree: ast.AST) -> Iterator[ast.Constant]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


@rule(
    good='_ALL = sql("SELECT 1")\n_TWO = sql_per_engine(postgres="SELECT 1", sqlite="SELECT 2")',
    bad='_ALL = sql(f"SELECT {column}")',
    path="storage/example.py",
)
def statements_are_literals_at_the_top_of_storage(module: Module) -> Iterator[tuple[int, str]]:
    """A statement that is built up could be injected into, and one inside a function escapes the catalogue's test."""
    if module.path == "sql.py":
        return
    top = {
        id(call) for statement in module.tree.body for call in _calls(statement) if _is_assignment(statement)
    }
    for call in _calls(module.tree):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name == "Sql" and module.path != "storage/migrate.py" and not module.path.startswith("bench/"):
            yield call.lineno, "build statements with sql(…)"
        if name not in {"sql", "sql_in_both_orders", "sql_per_engine", "sql_per_engine_for_each"}:
            continue
        if not module.path.startswith("storage/"):
            yield call.lineno, "SQL lives in storage/"
        if id(call) not in top:
            yield call.lineno, "a statement is a constant of its module"
        for value in [*call.args, *[keyword.value for keyword in call.keywords]]:
            if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
                yield call.lineno, "a statement is one literal text"


def _is_assignment(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign | ast.AnnAssign)


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


@rule(
    good='_ALL = sql("SELECT id FROM users WHERE id = ANY(:ids) AND created_ms < CAST(:before_ms AS BIGINT)")',
    bad='_ALL = sql("SELECT id::text FROM users")',
    path="storage/example.py",
)
def statements_are_plain(module: Module) -> Iterator[tuple[int, str]]:
    """What one of the engines does not understand, or means differently, is not used."""
    forbidden = {
        r"::": "`::` casts clash with `:name`; use CAST",
        r"->>?": "JSON is opaque text",
        r"(?i)\bILIKE\b": "ILIKE is PostgreSQL's alone",
        r"(?i):\w+ IS (NOT )?NULL": "asyncpg cannot infer the type; write CAST(:x AS BIGINT) IS NULL",
        r"(?i)\bSELECT \*": "name the columns",
        r"(?i)\b(NOW|CURRENT_TIMESTAMP|DATETIME)\b": "times come from services.now_ms()",
    }
    for call in _calls(module.tree):
        if isinstance(call.func, ast.Name) and call.func.id == "sql":
            for text in _texts(call):
                for pattern, why in forbidden.items():
                    if re.search(pattern, text.value):
                        yield call.lineno, why


@rule(
    good="if services.instance.domain == domain: ...",
    bad='if services.db.engine == "sqlite": ...',
)
def nobody_asks_which_engine_it_is(module: Module) -> Iterator[tuple[int, str]]:
    """Where engines differ, two spellings stand side by side (`sql_per_engine`); only `app.py` chooses."""
    if module.path.startswith(("engines/", "bench/")) or module.path == "app.py":
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                name = (
                    side.id
                    if isinstance(side, ast.Name)
                    else side.attr
                    if isinstance(side, ast.Attribute)
                    else ""
                )
                if name in {"engine", "dialect", "engine_name"}:
                    yield node.lineno, f"compares `{name}`"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
            for name in ast.walk(node):
                if isinstance(name, ast.Name) and name.id in {"SqliteDatabase", "PostgresDatabase"}:
                    yield node.lineno, f"asks for a `{name.id}`"


@rule(good='"""Why this exists."""\n', bad="import os\n")
def every_module_says_why_it_exists(module: Module) -> Iterator[tuple[int, str]]:
    """Every module opens with a sentence."""
    if module.path.endswith("migrations/__init__.py"):
        return
    text = ast.get_docstring(module.tree)
    if not text:
        yield 1, "the module does not say why it exists"
    elif not re.search(r"[.:)]$", text.split("\n\n")[0].strip()):
        yield 1, "the module's first words are not a sentence"


@rule(
    good='class Box:\n    """A box."""\n\n    def open(self):\n        """Open the box."""\n\n    def _lock(self): ...\n',
    bad="def open_box(): ...\n",
)
def what_is_public_says_what_it_does(module: Module) -> Iterator[tuple[int, str]]:
    """Public classes, functions and methods have a docstring; a private class's methods are private."""
    yield from _undocumented(module.tree.body)


def _undocumented(body: list[ast.stmt]) -> Iterator[tuple[int, str]]:
    for node in body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_") and node.name != "__init__":
            continue
        if not ast.get_docstring(node):
            yield node.lineno, f"`{node.name}` has no docstring"
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(node.body)


@rule(good="x = 1  # TODO(#12): count twice", bad="x = 1  # TODO count twice")
def what_is_to_do_has_an_issue(module: Module) -> Iterator[tuple[int, str]]:
    """`NOTE` and `TODO(#n)` are the only tags."""
    for number, line in enumerate(module.text.splitlines(), start=1):
        comment = line.partition("#")[2]
        if re.search(r"\b(FIXME|XXX|HACK)\b", comment) or re.search(r"\bTODO\b(?!\(#\d+\))", comment):
            yield number, "write TODO(#number of the issue)"


@rule(good="# Both ends meet here.\nx = 1", bad="# ------ ends ------\nx = 1")
def there_are_no_banners(module: Module) -> Iterator[tuple[int, str]]:
    """A file that needs banners is two files."""
    for number, line in enumerate(module.text.splitlines(), start=1):
        if re.match(r"\s*#.*([-=*#~])\1{3,}", line):
            yield number, "a banner"


@rule(
    good="def short():\n" + "    x = 1\n" * (FUNCTION_LINES_MAX - 1),
    bad="def long():\n" + "    x = 1\n" * FUNCTION_LINES_MAX,
)
def functions_fit_on_a_screen(module: Module) -> Iterator[tuple[int, str]]:
    """What does not fit in the head is two functions."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield node.lineno, f"`{node.name}` has {lines} lines, more than {FUNCTION_LINES_MAX}"


@rule(good="x = 1\n" * MODULE_LINES_MAX, bad="x = 1\n" * (MODULE_LINES_MAX + 1))
def modules_fit_in_the_head(module: Module) -> Iterator[tuple[int, str]]:
    """A module that has grown too long splits by noun."""
    if (lines := module.text.count("\n")) > MODULE_LINES_MAX:
        yield 1, f"{lines} lines, more than {MODULE_LINES_MAX}"


@rule(good="", bad="import os", good_path="usecases/example.py", path="usecases/utils.py")
def no_module_is_a_drawer_for_everything(module: Module) -> Iterator[tuple[int, str]]:
    """A name that says nothing collects everything."""
    for part in module.path.removesuffix(".py").split("/"):
        if part in {"utils", "helpers", "common", "manager", "base", "misc"}:
            yield 1, f"`{part}` does not say what is inside"


@rule(good="def page(*, limit: int, oldest: bool): ...", bad="def page(limit: int, oldest: bool): ...")
def flags_are_named_at_the_call(module: Module) -> Iterator[tuple[int, str]]:
    """A bare True at a call says nothing."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for argument in [*node.args.posonlyargs, *node.args.args]:
                if isinstance(argument.annotation, ast.Name) and argument.annotation.id == "bool":
                    yield argument.lineno, f"`{argument.arg}` can be passed without its name"


@rule(
    good="def advance(*, pause_ms: int, seconds: int): ...",
    bad="import datetime\nx = datetime.datetime.now()",
    path="usecases/example.py",
)
def the_time_comes_from_the_services(module: Module) -> Iterator[tuple[int, str]]:
    """Tests move the clock; who reads another one cannot be tested."""
    if not module.path.startswith(
        ("usecases/", "storage/", "domain/", "access.py", "hydration.py", "api/routes/")
    ):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in {
            "now",
            "utcnow",
            "today",
            "time_ns",
            "monotonic",
        }:
            yield node.lineno, f"`.{node.attr}` reads a clock of its own"
