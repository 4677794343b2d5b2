"""What must match across the whole project: tasks and handlers, settings and their page, modules and who uses them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from rookery import tasks
from rookery.api.endpoints import ENDPOINTS
from rookery.api.server import load_routes
from rookery.settings import Settings
from rookery.workers.handlers import HANDLERS
from tests.house.rules import ROOT, SOURCE, Module, modules

LOADED_BY_NAME = ("__main__.py", "cli/", "api/routes/", "api/entities/", "storage/migrations/")


def test_every_task_has_a_handler_and_every_handler_a_task():
    assert set(HANDLERS) == set(tasks.CATALOGUE.values()) == set(tasks.POLICIES)


def test_every_task_says_what_it_is_for():
    for payload in tasks.CATALOGUE.values():
        assert payload.__doc__
        assert payload.__doc__.strip().endswith(".")


def test_tasks_are_bounded():
    for payload, policy in tasks.POLICIES.items():
        slow = policy.queue in tasks.SLOW_QUEUES
        assert 0 < policy.deadline_s <= (7_200 if slow else 60), f"{payload.__name__} takes too long"
        assert 0 < policy.attempts_max <= 100


def test_periodic_tasks_need_no_payload():
    for payload, policy in tasks.POLICIES.items():
        if policy.every_s is not None:
            assert tasks.decode(payload.__name__, tasks.encode(payload())) == payload()


def test_payloads_are_ids_and_small_values():
    for payload in tasks.CATALOGUE.values():
        for field in msgspec.structs.fields(payload):
            assert field.type in {int, str, bool, int | None, str | None, tuple[str, ...]}, (
                f"{payload.__name__}.{field.name}"
            )


def test_every_setting_is_documented():
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    for field in msgspec.structs.fields(Settings):
        assert f"`{field.name}`" in page, f"{field.name} is not in docs/reference/settings.md"
        assert f"ROOKERY_{field.name.upper()}" in page, (
            f"{field.name}'s variable is not in docs/reference/settings.md"
        )


def test_no_setting_is_documented_that_is_none():
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    known = {f"ROOKERY_{name.upper()}" for name in Settings.__struct_fields__} | {"ROOKERY_CONFIG"}
    assert set(re.findall(r"ROOKERY_[A-Z_]+", page)) <= known


def test_every_endpoint_has_a_sentence_and_a_name_of_its_own():
    load_routes()
    names = [endpoint.operation_id for endpoint in ENDPOINTS]
    assert len(names) == len(set(names))
    for endpoint in ENDPOINTS:
        assert endpoint.summary.strip(), endpoint.operation_id
        assert endpoint.path.startswith("/"), endpoint.operation_id


def test_every_module_is_used():
    unused = list(_unused(modules()))
    assert not unused, f"nobody imports {unused}"


def test_an_unused_module_would_be_found():
    lonely = Module.of("x = 1", "domain/lonely.py")
    assert "domain/lonely.py" in _unused([*modules(), lonely])


def _unused(program: list[Module]) -> Iterator[str]:
    imported = {name for module in program for name in _imports(module)}
    named = (ROOT / "Makefile").read_text(encoding="utf-8") + "".join(module.text for module in program)
    for module in program:
        name = "rookery." + module.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if module.path == "__init__.py" or module.path.startswith(LOADED_BY_NAME):
            continue
        if re.search(rf"{re.escape(name)}(?!\w)", named) and module.path.startswith(
            ("api/openapi.py", "bench/", "engines/media/child.py")
        ):
            continue
        if not any(other == name or other.startswith(name + ".") for other in imported):
            yield module.path


def _imports(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_public_function_is_used():
    unused = list(_unused_functions(modules()))
    assert not unused, f"nobody calls {unused}"


def test_an_unused_function_would_be_found():
    lonely = Module.of("def nobody_calls_this(): ...", "domain/lonely.py")
    assert "domain/lonely.py: nobody_calls_this" in _unused_functions([*modules(), lonely])


def _unused_functions(program: list[Module]) -> Iterator[str]:
    """Functions below the edges whose name is read nowhere in the program."""
    read = {name for module in program for name in _names_read(module)}
    for module in program:
        if not module.path.startswith(
            ("domain/", "storage/", "usecases/", "engines/", "access.py", "hydration.py")
        ):
            continue
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name not in read:
                yield f"{module.path}: {node.name}"


def _names_read(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_what_is_installed_is_pinned_with_hashes_and_names_no_registry(lock: str):
    text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[a-z0-9._-]+==[^\s;]+( ; [^\\]+)? \\\n    --hash=sha256:[0-9a-f]{64}", entry), (
            entry[:80]
        )


def test_what_runs_is_a_part_of_what_is_tested():
    run, web, dev = (_pins(ROOT / "requirements" / f"{lock}.lock") for lock in ("run", "web", "dev"))
    assert (run | web).items() <= dev.items()


def _pins(file: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", file.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_dependency_is_locked():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = [*project["project"]["dependencies"], *groups["build"]]
    for lock, names in (
        ("run", wanted),
        ("web", groups["web"]),
        ("dev", [*wanted, *groups["web"], *groups["dev"]]),
    ):
        pins = _pins(ROOT / "requirements" / f"{lock}.lock")
        for name in names:
            bare = re.split(r"[\[<>=;]", name)[0].lower().replace(".", "-").replace("_", "-")
            assert bare in pins or bare.replace("-", ".") in pins, (
                f"{name} is not in {lock}.lock: run `make lock`"
            )


def test_ci_does_what_everybody_does_and_nothing_else():
    commands = [
        line
        for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    assert commands == ["set -eu", 'cd "$(dirname "$0")/.."', "make check </dev/null", "make test </dev/null"]


def test_every_command_of_the_makefile_says_what_it_does():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z][a-z-]*):(.*)$", text, re.MULTILINE)
    assert {
        "help",
        "run",
        "test",
        "test-fast",
        "check",
        "fix",
        "bench",
        "docs",
        "lock",
        "openapi",
        "clean",
    } <= {name for name, _ in targets}
    for name, rest in targets:
        assert "## " in rest, f"make {name} has no sentence"


DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path):
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\((?!https?://|mailto:|#)([^)#\s]+)", text):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_files_that_documents_name_exist(document: Path):
    text = document.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:src/rookery|tests|docs|scripts)/[\w./-]+\.\w+)`", text):
        assert (ROOT / name).exists(), f"{document.name} speaks of {name}"


def test_the_rules_read_the_whole_program():
    assert len(modules()) > 60
    assert {module.path for module in modules()} == {
        str(file.relative_to(SOURCE)) for file in SOURCE.rglob("*.py")
    }
