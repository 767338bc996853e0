"""Polite requests: one after the other with a pause, again when a server is busy, none for what is known."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from diffkit_papers.errors import BadData, NotFound

if TYPE_CHECKING:
    import httpx

_KEPT_SECONDS = 30 * 24 * 3600
_TRIES = 4
_LONGEST_WAIT = 60.0
_LARGEST = 10_000_000
_OFFLINE = "check the connection and try again; without it the paper can be described with --title"


class Web:
    """Asks for texts; use it in a `with` block. `distance` are the seconds between two requests."""

    def __init__(self, cache: Path, distance: float) -> None:
        self._cache = cache
        self._distance = distance
        self._last = -float("inf")
        self._client: httpx.Client | None = None

    def __enter__(self) -> Web:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client:
            self._client.close()

    def get(self, address: str, parameters: Mapping[str, str], accept: str = "*/*") -> str:
        """The text at an address; raises `NotFound` when there is none or nobody answers."""
        name = hashlib.sha256(json.dumps([address, dict(parameters), accept]).encode()).hexdigest()
        kept = self._cache / f"{name}.txt"
        with suppress(OSError, UnicodeDecodeError):
            if time.time() - kept.stat().st_mtime < _KEPT_SECONDS:
                return kept.read_text(encoding="utf-8")
        text = self._ask(address, parameters, accept)
        with suppress(OSError):  # a cache that cannot be written costs a request the next time
            self._cache.mkdir(parents=True, exist_ok=True)
            partial = kept.with_suffix(f".{os.getpid()}.part")
            partial.write_text(text, encoding="utf-8")
            os.replace(partial, kept)
        return text

    def _ask(self, address: str, parameters: Mapping[str, str], accept: str) -> str:
        try:
            import httpx
        except ImportError as error:
            fix = 'run: pip install "diffkit-cli[fetch]"'
            raise NotFound("httpx, which asks the net, is not installed", fix=fix) from error

        host = urlsplit(address).hostname or address
        for attempt in range(1, _TRIES + 1):
            self._pause()
            try:
                answer = self._opened().get(address, params=dict(parameters), headers={"Accept": accept})
            except (httpx.TransportError, httpx.InvalidURL, httpx.TooManyRedirects) as error:
                if isinstance(error, httpx.InvalidURL | httpx.TooManyRedirects) or attempt == _TRIES:
                    raise NotFound(f"{host} cannot be reached ({_reason(error)})", fix=_OFFLINE) from error
                time.sleep(self._distance * 2 ** (attempt - 1) / 3)
                continue
            if answer.status_code == 429 or answer.status_code >= 500:
                if attempt < _TRIES:
                    time.sleep(_wait(answer, self._distance * 2 ** (attempt - 1)))
                    continue
                message = f"{host} is busy: it answered {answer.status_code} {_TRIES} times"
                raise NotFound(message, fix="try again later; what was had is in the log")
            return _text(answer, host)
        raise AssertionError("unreachable")

    def _opened(self) -> httpx.Client:
        import httpx

        if self._client is None:
            agent = f"diffkit-cli/{version('diffkit-cli')} (https://pypi.org/project/diffkit-cli)"
            self._client = httpx.Client(
                headers={"User-Agent": agent}, follow_redirects=True, timeout=20.0, max_redirects=8
            )
        return self._client

    def _pause(self) -> None:
        time.sleep(max(0.0, self._last + self._distance - time.monotonic()))
        self._last = time.monotonic()


def _wait(answer: Any, otherwise: float) -> float:
    """The seconds that a busy server asks for, within bounds."""
    try:
        return min(_LONGEST_WAIT, max(0.0, float(answer.headers.get("Retry-After", otherwise))))
    except ValueError:  # it may be a date
        return min(_LONGEST_WAIT, otherwise)


def _text(answer: Any, host: str) -> str:
    if answer.status_code in (404, 410):
        raise NotFound(f"{host} knows no such paper", fix="check the id")
    if answer.status_code >= 400:
        raise BadData(f"{host} refused the question: {answer.status_code}", fix="check the id")
    if len(answer.content) > _LARGEST:
        raise BadData(f"{host} sent {len(answer.content)} bytes, which is no answer", fix="try again later")
    try:
        return str(answer.content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadData(f"{host} sent what is no text", fix="try again later") from error


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text or type(error).__name__
