"""[tool.mshub] and mshub.toml: where they are found, and what they may say."""

from pathlib import Path

import pytest

from hub.errors import ArgumentError
from hub.lint.configuration import Configuration, find_configuration, read_configuration
from hub.lint.vocabulary import Vocabulary

EVERY_KEY = """\
[tool.mshub]
select = ["MC3", "short-digest"]
extend-select = ["MC601"]
ignore = ["MC410"]
exclude = ["drafts/*"]
fail-level = "error"
baseline = "known/baseline.json"

[tool.mshub.per-file-ignores]
"legacy/*" = ["MC4"]
"*_cn.md" = ["MC112", "MC2"]

[tool.mshub.vocabularies]
keys = ["x-ours"]
datasets = ["OurOwnFlowers"]
metrics = ["flowers@1"]
licenses = ["LicenseRef-Ours"]
module-types = ["cv-flowers"]
file-formats = ["flower"]
"""


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_every_key_of_the_file_is_read(tmp_path: Path) -> None:
    file = write(tmp_path / "pyproject.toml", EVERY_KEY)
    assert find_configuration([str(tmp_path)]) == Configuration(
        file=file,
        select=("MC3", "short-digest"),
        extend_select=("MC601",),
        ignore=("MC410",),
        exclude=("drafts/*",),
        per_file_ignores=(("legacy/*", ("MC4",)), ("*_cn.md", ("MC112", "MC2"))),
        fail_level="error",
        baseline=tmp_path / "known" / "baseline.json",
        vocabulary=Vocabulary(
            keys=frozenset({"x-ours"}),
            datasets=frozenset({"OurOwnFlowers"}),
            metrics=frozenset({"flowers@1"}),
            licenses=frozenset({"LicenseRef-Ours"}),
            module_types=frozenset({"cv-flowers"}),
            file_formats=frozenset({"flower"}),
        ),
    )


def test_mshub_toml_says_the_same_without_a_heading(tmp_path: Path) -> None:
    text = EVERY_KEY.replace("[tool.mshub]\n", "").replace("tool.mshub.", "")
    named = read_configuration(write(tmp_path / "mshub.toml", text))
    headed = read_configuration(write(tmp_path / "pyproject.toml", EVERY_KEY))
    assert named.file == tmp_path / "mshub.toml"
    assert named.override() != headed
    assert {**vars_of(named), "file": None} == {**vars_of(headed), "file": None}


def vars_of(configuration: Configuration) -> dict[str, object]:
    return {name: getattr(configuration, name) for name in Configuration.__slots__}


def test_the_file_is_looked_for_from_the_common_folder_of_all_paths_upwards(
    tmp_path: Path,
) -> None:
    write(tmp_path / "mshub.toml", "ignore = ['MC1']")
    write(tmp_path / "a" / "mshub.toml", "ignore = ['MC2']")
    (tmp_path / "a" / "deep").mkdir()
    (tmp_path / "b").mkdir()
    inside, beside = str(tmp_path / "a" / "deep"), str(tmp_path / "b")
    assert find_configuration([inside]).ignore == ("MC2",)
    assert find_configuration([inside, beside]).ignore == ("MC1",)
    assert find_configuration([str(tmp_path / "a" / "deep" / "card.md")]).ignore == ("MC2",)


def test_a_project_file_that_says_nothing_of_mshub_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "mshub.toml", "ignore = ['MC1']")
    write(tmp_path / "a" / "pyproject.toml", "[project]\nname = 'a'\n")
    assert find_configuration([str(tmp_path / "a")]).ignore == ("MC1",)


def test_of_two_files_in_a_folder_mshub_toml_counts(tmp_path: Path) -> None:
    write(tmp_path / "mshub.toml", "ignore = ['MC1']")
    write(tmp_path / "pyproject.toml", "[tool.mshub]\nignore = ['MC2']")
    assert find_configuration([str(tmp_path)]).ignore == ("MC1",)


def test_paths_that_cannot_exist_have_a_configuration_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "mshub.toml", "ignore = ['MC1']")
    for path in ("a" * 300, "a\0b", "<stdin>"):
        assert find_configuration([path]).ignore == ("MC1",)
    assert find_configuration([]).ignore == ("MC1",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ignores = []", "there is no setting ignores; did you mean ignore?"),
        ("zebra = []", "there is no setting zebra; known are select, extend-select, ignore"),
        ("[vocabularies]\ndataset = []", "no setting vocabularies.dataset; did you mean datasets?"),
        ("select = 'MC3'", "select must be a list of texts, not 'MC3'"),
        ("ignore = [3]", "ignore must be a list of texts, not [3]"),
        ("per-file-ignores = ['a']", "per-file-ignores must be a table of lists, not ['a']"),
        ("[per-file-ignores]\n'a' = 'MC3'", "per-file-ignores.a must be a list of texts"),
        ("[vocabularies]\nkeys = 1", "vocabularies.keys must be a list of texts, not 1"),
        ("fail-level = 'fatal'", "fail-level must be one of error, warning, note, not 'fatal'"),
        ("fail-level = ['error']", "fail-level must be one of error, warning, note, not ['error']"),
        ("baseline = true", "baseline must be the path of a file, not True"),
        ("select = ['MC3044']", "there is no rule 'MC3044'; did you mean MC304?"),
        ("ignore = ['nonsense']", "there is no rule 'nonsense'"),
        ("[per-file-ignores]\n'a' = ['unpaded-date']", "did you mean unpadded-date?"),
        ("select = [", "is not TOML: "),
        ("a = " + "[" * 5000, "is not TOML: "),
    ],
)
def test_what_cannot_work_is_an_error_that_names_the_file(
    tmp_path: Path, text: str, message: str
) -> None:
    file = write(tmp_path / "mshub.toml", text)
    for read in (lambda: read_configuration(file), lambda: find_configuration([str(tmp_path)])):
        with pytest.raises(ArgumentError) as caught:
            read()
        assert str(caught.value).startswith(str(file))
        assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[project]\n", "has no [tool.mshub]; add it, or name another file"),
        ("tool = 3", "has no [tool.mshub]; add it, or name another file"),
        ("[tool]\nmshub = 3", "tool.mshub must be a table, not 3"),
    ],
)
def test_a_named_project_file_must_have_a_table(tmp_path: Path, text: str, message: str) -> None:
    file = write(tmp_path / "pyproject.toml", text)
    with pytest.raises(ArgumentError) as caught:
        read_configuration(file)
    assert str(file) in str(caught.value)
    assert message in str(caught.value)


def test_a_file_that_is_not_there_or_no_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"none\.toml cannot be read: No such file"):
        read_configuration(tmp_path / "none.toml")
    with pytest.raises(ArgumentError, match="cannot be read: Is a directory"):
        read_configuration(tmp_path)
    (tmp_path / "mshub.toml").write_bytes(b"\xff")
    with pytest.raises(ArgumentError, match=r"mshub\.toml is not TOML: "):
        find_configuration([str(tmp_path)])


@pytest.mark.parametrize(
    ("pattern", "path", "meant"),
    [
        ("legacy/*", "legacy/a.md", True),
        ("legacy/*", "legacy/deep/a.md", True),
        ("./legacy/", "legacy/deep/a.md", True),
        ("legacy", "legacy/a.md", True),
        ("legacy", "x/legacy/a.md", True),
        ("legacy/*", "x/legacy/a.md", False),
        ("**/legacy/*", "x/y/legacy/a.md", True),
        ("**/legacy/*", "legacy/a.md", True),
        ("a/**/b.md", "a/b.md", True),
        ("a/**/b.md", "a/x/y/b.md", True),
        ("*_cn.md", "x/bert_cn.md", True),
        ("*_cn.md", "x/bert.md", False),
        ("bert.md", "x/y/bert.md", True),
        ("BERT.md", "bert.md", False),
        ("b[0-9].md", "x/b7.md", True),
        ("a b.md", "a b.md", True),
    ],
)
def test_patterns_mean_paths_from_the_configurations_folder(
    tmp_path: Path, pattern: str, path: str, meant: bool
) -> None:
    configuration = Configuration(
        file=tmp_path / "mshub.toml",
        per_file_ignores=((pattern, ("MC4",)),),
        exclude=(pattern,),
    )
    assert configuration.ignores(str(tmp_path / path)) == (("MC4",) if meant else ())
    assert configuration.excludes(str(tmp_path / path)) is meant


def test_patterns_do_not_depend_on_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "legacy").mkdir()
    monkeypatch.chdir(tmp_path / "legacy")
    configuration = Configuration(file=tmp_path / "mshub.toml", exclude=("legacy/*",))
    assert configuration.excludes("a.md")
    assert not configuration.excludes("../a.md")


def test_what_several_patterns_ignore_adds_up() -> None:
    both = Configuration(per_file_ignores=(("a.md", ("MC4",)), ("*.md", ("MC3", "MC2"))))
    assert both.ignores("a.md") == ("MC4", "MC3", "MC2")
    assert both.ignores("") == ()


def test_a_caller_comes_on_top_of_the_file() -> None:
    base = Configuration(
        select=("MC3",), extend_select=("MC601",), ignore=("MC410",), baseline=Path("b.json")
    )
    fresh = base.override(select=["MC4"], fail_level="note")
    assert (fresh.select, fresh.extend_select, fresh.ignore) == (("MC4",), (), ())
    assert (fresh.fail_level, fresh.baseline) == ("note", Path("b.json"))
    more = base.override(extend_select=["MC602"], ignore=["MC4"], baseline=Path("c.json"))
    assert (more.select, more.extend_select) == (("MC3",), ("MC601", "MC602"))
    assert (more.ignore, more.baseline) == (("MC410", "MC4"), Path("c.json"))
    assert base.override(baseline=False).baseline is None
