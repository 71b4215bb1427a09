"""SSH keys of new guests: remembered, left out, and the private one given by mistake."""

from __future__ import annotations

import pytest

from tests.conversations.test_creation import KEY, WORDS


@pytest.fixture
def chat(maker):
    return maker


def test_keys_are_remembered_for_the_next_time(chat):
    chat("ana", f'{WORDS} --ssh-key "{KEY}"')

    shown = chat("ana", "ct create web-8 --template debian-12 --dry-run")

    assert KEY.split()[1] in shown.all_text
    assert KEY.split()[1] not in chat("olga", f"{WORDS} --dry-run").all_text
    assert "ssh-public-keys" not in chat("ana", f"{WORDS} --ssh-key none --dry-run").all_text


def test_a_container_without_a_key_has_its_console_and_no_line_for_ssh(chat):
    answer = chat("ana", f"{WORDS} --ssh-key none --days 0")

    assert "is ready. Made for" in answer.text
    assert "No SSH key went in, so the console is the only way in." in answer
    assert "ssh root@" not in answer


def test_a_private_key_is_neither_kept_nor_repeated(chat):
    given = "-----BEGIN OPENSSH PRIVATE KEY----- c2VjcmV0LXNlY3JldC1zZWNyZXQ="

    answer = chat("ana", f"{WORDS} --ssh-key '{given}'")

    assert "private key" in answer
    assert "c2VjcmV0" not in answer.all_text
    for table, column in (("turns", "words"), ("audit", "details"), ("ssh_keys", "public_keys")):
        assert chat.sql(f"select 1 from {table} where {column} like '%c2VjcmV0%'") == []
    assert "c2VjcmV0" not in chat.log()
