"""Fields and tasks of module types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.terms.modules import FIELDS, TASKS, read_module_type, suggest_field, suggest_task


@pytest.mark.parametrize(
    ("text", "field", "task"),
    [
        ("cv", "cv", None),
        ("cv-classification", "cv", "classification"),
        ("audio-TTS", "audio", "tts"),
        ("CV-OCR", "cv", "ocr"),
        ("cv-super-resolution", "cv", "super-resolution"),
        ("3D-reconstruction", "3d", "reconstruction"),
        (" nlp - dialogue ", "nlp", "dialogue"),
        ("cv-", "cv", None),
        ("-classification", "", "classification"),
        ("", "", None),
    ],
)
def test_the_first_dash_parts_field_and_task(text: str, field: str, task: str | None) -> None:
    assert read_module_type(text) == (text, field, task)


def test_each_field_of_the_format_is_known_in_words() -> None:
    fields = "audio cv nlp recommend rl gnn hpc mm 3d video cvtmodel others other"
    assert set(FIELDS) == set(fields.split())
    assert all(FIELDS.values())


def test_tasks_belong_to_fields_and_are_as_the_reader_returns_them() -> None:
    assert set(TASKS) < set(FIELDS)
    for field, tasks in TASKS.items():
        assert len(set(tasks)) == len(tasks)
        for task in tasks:
            assert read_module_type(f"{field}-{task}") == (f"{field}-{task}", field, task)


@pytest.mark.parametrize(
    ("field", "count"),
    {"cv": 18, "nlp": 17, "audio": 20, "recommend": 10, "rl": 9, "3d": 14, "video": 15}.items(),
)
def test_each_documented_task_is_there(field: str, count: int) -> None:
    assert len(TASKS[field]) == count
    assert TASKS[field][-1] == "others"


@pytest.mark.parametrize(
    ("field", "meant"),
    [
        ("recomend", "recommend"),
        ("recommendation", "recommend"),
        ("multi-modal", "mm"),
        ("vision", "cv"),
        ("speech", "audio"),
        ("vidoe", "video"),
        ("videos", "video"),
        ("gan", None),
        ("", None),
        (100_000 * "a", None),
    ],
)
def test_a_wrong_field_finds_the_one_that_was_meant(field: str, meant: str | None) -> None:
    assert suggest_field(field) == meant


@pytest.mark.parametrize(
    ("field", "task", "meant"),
    [
        ("cv", "super-resolution", "super_resolution"),
        ("cv", "object_detecton", "object_detection"),
        ("cv", "image_classification", "classification"),
        ("audio", "text_to_speech", "tts"),
        ("nlp", "language_modeling", "language_modelling"),
        ("nlp", "tts", None),
        ("nlp", "natural_language_understanding", None),
        ("nlp", "emotion_classification", None),
        ("gnn", "node_classification", None),
        ("unknown", "classification", None),
        ("cv", 100_000 * "a", None),
    ],
)
def test_an_undocumented_task_finds_the_one_that_was_meant(
    field: str, task: str, meant: str | None
) -> None:
    assert suggest_task(field, task) == meant


def test_what_is_right_needs_no_suggestion() -> None:
    assert [field for field in FIELDS if suggest_field(field)] == []
    assert [task for field in TASKS for task in TASKS[field] if suggest_task(field, task)] == []


@given(st.text() | st.text("cv-_ nlpmOCR"), st.sampled_from(sorted(FIELDS)))
def test_any_text_reads_without_an_error(text: str, field: str) -> None:
    module = read_module_type(text)
    assert module.text == text
    assert suggest_field(module.field) in {None, *FIELDS}
    assert suggest_task(field, module.task or "") in {None, *TASKS.get(field, ())}


@pytest.mark.parametrize("unit", ["-", " ", "_", "cv-", "a"])
def test_a_long_text_is_read_in_linear_time(unit: str) -> None:
    text = 200_000 * unit  # a minute or more in quadratic time
    module = read_module_type(text)
    assert suggest_task("cv", module.task or "") is None
