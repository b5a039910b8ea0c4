"""Files that pages offer for download belong to the session that made them.

Streamlit names such a file by its content and gives it to whoever knows the name. Here the name holds the owner
too, and the guard asks ``owner_of`` before it lets a request through.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import PurePosixPath
from typing import Any

from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.memory_media_file_storage import MemoryFile, MemoryMediaFileStorage
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

OWNER = "owner"  # the key in st.user under which Streamlit keeps the header that the guard sets
_asking: ContextVar[str | None] = ContextVar("asking", default=None)


class OwnedStorage(MemoryMediaFileStorage):
    """Files in memory, each under a name that nobody can work out, with its owner."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(endpoint)
        self._secret = secrets.token_bytes(32)
        self._owners: dict[str, str] = {}

    def load_and_get_id(
        self, path_or_data: str | bytes, mimetype: str, kind: MediaFileKind, filename: str | None = None
    ) -> str:
        """Keep the file for the session that asks now."""
        data = self._read_file(path_or_data) if isinstance(path_or_data, str) else path_or_data
        owner = _asking.get() or session_owner()
        content = hashlib.sha256(data).hexdigest()
        named = "\0".join((owner or "", content, mimetype, filename or ""))
        file_id = hmac.new(self._secret, named.encode(), "sha256").hexdigest()
        self._files_by_id[file_id] = MemoryFile(data, mimetype, kind, filename)
        if owner:
            self._owners[file_id] = owner
        return file_id

    def delete_file(self, file_id: str) -> None:
        super().delete_file(file_id)
        self._owners.pop(file_id, None)

    def owner_of(self, name: str) -> str | None:
        """Whose file this is; None: nobody's, or there is no such file."""
        return self._owners.get(PurePosixPath(name).stem)


class OwnedFiles(MediaFileManager):
    """A file that is written only when its button is pressed belongs to the session that showed the button."""

    def __init__(self, storage: OwnedStorage) -> None:
        super().__init__(storage)
        self._offered: dict[str, str | None] = {}

    def add_deferred(self, data_callable: Callable[[], Any], *arguments: Any, **named: Any) -> str:
        file_id = super().add_deferred(data_callable, *arguments, **named)
        self._offered = {
            key: owner for key, owner in self._offered.items() if key in self._deferred_callables
        }
        self._offered[file_id] = session_owner()
        return file_id

    def execute_deferred(self, file_id: str) -> str:
        token = _asking.set(self._offered.get(file_id))
        try:
            return super().execute_deferred(file_id)
        finally:
            _asking.reset(token)


def session_owner() -> str | None:
    """Who owns the session whose page runs in this thread."""
    context = get_script_run_ctx(suppress_warning=True)
    owner = context.user_info.get(OWNER) if context else None
    return owner if isinstance(owner, str) else None
