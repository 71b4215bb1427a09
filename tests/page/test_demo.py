"""`bot.py demo` as a command: what it says, what it refuses, and what it leaves behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from playground.demo import real_credentials

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.process


@pytest.fixture
def start(tmp_path):
    """Starts the command in a folder of its own; its temporary files are there too."""
    started = []
    # Heard as at a terminal, also where these tests run in the background, which ignores it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def run(*arguments, **environment):
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        (tmp_path / "tmp").mkdir(exist_ok=True)
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "bot.py"), "demo", *arguments],
            cwd=tmp_path,
            env={**kept, "TMPDIR": str(tmp_path / "tmp"), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield run
    signal.signal(signal.SIGINT, before)
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_what_to_try_and_leaves_nothing_behind(start, tmp_path, how):
    began = time.monotonic()
    demo = start("--port", "0")
    lines = []
    for line in demo.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    text = "".join(lines)
    api = re.search(r"http://127\.0\.0\.1:\d+/docs", text)
    assert api is not None
    assert requests.get(api[0], timeout=5).status_code == 200
    took_s = time.monotonic() - began
    address = re.search(r"Open (http://127\.0\.0\.1:\d+/)", text)
    assert address, text

    page = requests.get(address[1], timeout=5)
    children = _children(demo.pid)
    demo.send_signal(how)
    rest = demo.communicate(timeout=60)[0]

    assert "Nubemox playground" in page.text
    assert text.count("/nubemox") == 3
    assert took_s < 60
    assert demo.returncode == 0
    assert "nothing of it is left" in rest
    assert len(children) == 1
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []
    assert list((tmp_path / "tmp").iterdir()) == []
    assert {one.name for one in tmp_path.iterdir()} == {"tmp"}


def test_a_taken_port_is_said_in_words(start, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        demo = start("--port", str(port))
        said = demo.communicate(timeout=60)[0]

    assert demo.returncode == 2
    assert f"Port {port} cannot be used" in said
    assert f"--port {port + 1}" in said
    assert "Traceback" not in said
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("port", ["70000", "-1", "web"])
def test_a_port_that_is_none_is_said_in_words(start, port):
    demo = start(f"--port={port}")
    said = demo.communicate(timeout=60)[0]

    assert demo.returncode == 2
    assert "--port" in said
    assert "Traceback" not in said


def test_it_does_not_start_beside_real_credentials(start, tmp_path):
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-real\n")
    demo = start("--port", "0", PROXMOX_HOST="pve.example.com")
    said = demo.communicate(timeout=60)[0]

    assert demo.returncode == 2
    assert "PROXMOX_HOST in the environment" in said
    assert "SLACK_BOT_TOKEN in .env" in said
    assert "xoxb-real" not in said


def test_settings_of_other_things_are_no_credentials(tmp_path):
    (tmp_path / ".env").write_text("LOG_LEVEL=DEBUG\nEDITOR=vi\n")

    assert real_credentials({"HOME": "/root", "LOG_LEVEL": "INFO"}, tmp_path / ".env") == []


def _children(pid):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found
