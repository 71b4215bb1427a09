"""Everything for people is said in every language, completely."""

import gettext
import re

import pytest

from nubemox_bot.core.catalog import read_catalog
from tools import catalog

LANGUAGES = catalog.translated_languages()


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture(scope="module")
def translated(language):
    return catalog.read(language)


@pytest.fixture(scope="module")
def said():
    return catalog.extract()


def test_every_message_of_the_code_is_translated(said, translated):
    lacking = [
        message.id
        for message in said
        if message.id
        and ((known := translated.get(message.id)) is None or not all(catalog.forms(known.string)))
    ]

    assert lacking == [], "run `python -m tools.catalog` and translate these"


def test_every_count_has_as_many_forms_as_the_language(translated):
    for message in translated:
        if isinstance(message.id, tuple):
            assert len(message.string) == translated.num_plurals, message.id


def test_translations_fill_in_the_same_fields(translated):
    for message in translated:
        wanted = set().union(*(catalog.fields(text) for text in catalog.forms(message.id)))
        for text in catalog.forms(message.string):
            assert catalog.fields(text) == wanted or not message.id, message.id


def test_translations_keep_code_spans_paired(translated):
    for message in translated:
        for text in catalog.forms(message.string):
            assert text.count("`") % 2 == 0, message.id


def test_translations_keep_the_commands_as_they_are_typed(translated):
    for message in translated:
        if not message.id:
            continue
        ids = " ".join(catalog.forms(message.id))
        for text in catalog.forms(message.string):
            for command in re.findall(r"`(/nubemox[^`]*)`", text):
                assert command.split()[:2] == _same(command, ids), message.id


def _same(command, ids):
    start = " ".join(command.split()[:2])
    return command.split()[:2] if start in ids else None


def test_nothing_is_fuzzy_and_nothing_is_left_over(said, translated):
    assert [message.id for message in translated if message.id and message.fuzzy] == []
    assert dict(translated.obsolete) == {}
    assert [m.id for m in translated if m.id and said.get(m.id) is None] == []


def test_the_catalog_is_as_the_tool_writes_it(language, tmp_path, monkeypatch):
    before = catalog.path_of(language).read_text(encoding="utf-8")
    fresh = catalog.updated(language)
    monkeypatch.setattr(catalog, "LOCALE_DIR", tmp_path)

    catalog.write(language, fresh)

    assert catalog.path_of(language).read_text(encoding="utf-8") == before


def test_messages_inside_f_strings_are_found(monkeypatch, tmp_path):
    source = "f\"{_('one')} {ngettext('two', 'three', 2)}\"; N_(\"four\"); _(five)"
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "views.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    monkeypatch.setattr(catalog, "SOURCES", ("code",))

    assert {message.id for message in catalog.extract()} == {"", "one", ("two", "three"), "four"}


def test_our_own_reader_reads_what_the_tool_writes(language, translated):
    ours = read_catalog(catalog.path_of(language))
    form_of = gettext.c2py(translated.plural_expr)

    assert len(translated) > 500
    for message in translated:
        if isinstance(message.id, tuple):
            one, many = message.id
            forms = [catalog.forms(message.string)[form_of(n)] for n in range(120)]
            assert [ours.ngettext(one, many, n) for n in range(120)] == forms
        elif message.id:
            assert ours.gettext(message.id) == message.string
