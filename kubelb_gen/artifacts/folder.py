"""A folder held by its descriptor: every touch of the disk goes through here.

Each name is resolved below a descriptor and never through a symlink, so that no link
inside an output directory, however it got there, leads a read or a write elsewhere.
Every `OSError` becomes an `OutputError` that names the path.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from kubelb_gen.errors import OutputError

_ENTER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# Without O_NONBLOCK, opening a FIFO would wait for its writer.
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_KEPT = {errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST}


class Folder:
    """An open folder; *shown* is its path as messages name it."""

    __slots__ = ("descriptor", "shown")

    def __init__(self, descriptor: int, shown: str) -> None:
        self.descriptor = descriptor
        self.shown = shown

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self.descriptor)

    def path(self, name: str) -> str:
        """Return *name* as messages name it."""
        return f"{self.shown}/{name}"

    def enter(self, name: str) -> "Folder | None":
        """Open the folder *name*; None when nothing is there."""
        try:
            descriptor = os.open(name, _ENTER, dir_fd=self.descriptor)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in {errno.ENOTDIR, errno.ELOOP}:
                raise self._not_a_folder(name) from error
            raise self.refused("enter", name, error) from error
        return Folder(descriptor, self.path(name))

    def create(self, name: str) -> None:
        """Create the folder *name*, unless something is there already."""
        try:
            os.mkdir(name, dir_fd=self.descriptor)
        except FileExistsError:
            pass
        except OSError as error:
            raise self.refused("make the folder", name, error) from error

    def make(self, name: str) -> "Folder":
        """Open the folder *name*, created if need be."""
        self.create(name)
        folder = self.enter(name)
        if folder is None:
            raise OutputError(f"'{self.path(name)}' vanished while it was made")
        return folder

    def read(self, name: str) -> bytes | None:
        """Return what the file *name* holds; None when nothing is there."""
        seen = self.observe(name)
        return None if seen is None else seen[1]

    def observe(self, name: str) -> tuple[os.stat_result, bytes] | None:
        """Return the status of the file *name*, and what it held from then on."""
        try:
            descriptor = os.open(name, _READ, dir_fd=self.descriptor)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise OutputError(f"'{self.path(name)}' is a symlink") from error
            raise self.refused("read", name, error) from error
        try:
            return self._contents(name, descriptor)
        except OSError as error:
            raise self.refused("read", name, error) from error
        finally:
            os.close(descriptor)

    def write(self, name: str, data: bytes, mode: int = 0o666) -> None:
        """Create the file *name*, which must not exist, with *data* in it."""
        try:
            descriptor = os.open(name, _CREATE, mode, dir_fd=self.descriptor)
            try:
                written = os.write(descriptor, data)
                while written < len(data):
                    written += os.write(descriptor, data[written:])
            finally:
                os.close(descriptor)
        except OSError as error:
            raise self.refused("write", name, error) from error

    def move(self, name: str, to: "Folder", new: str | None = None) -> bool:
        """Move *name* over its namesake in *to*; False when nothing is there."""
        try:
            os.rename(
                name,
                new or name,
                src_dir_fd=self.descriptor,
                dst_dir_fd=to.descriptor,
            )
        except FileNotFoundError:
            return False
        except OSError as error:
            raise to.refused("write", new or name, error) from error
        return True

    def remove(self, name: str) -> None:
        """Remove the file *name*, if it is there."""
        try:
            os.unlink(name, dir_fd=self.descriptor)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise self.refused("remove", name, error) from error

    def remove_if_empty(self, name: str) -> None:
        """Remove the folder *name*, unless something is in it."""
        try:
            os.rmdir(name, dir_fd=self.descriptor)
        except OSError as error:
            if error.errno not in _KEPT:
                raise self.refused("remove", name, error) from error

    def remove_all(self, name: str) -> None:
        """Remove *name* and everything below it; links are not followed."""
        status = self.status(name)
        if status is None or not stat.S_ISDIR(status.st_mode):
            self.remove(name)
            return
        try:
            shutil.rmtree(name, dir_fd=self.descriptor)
        except OSError as error:
            raise self.refused("remove", name, error) from error

    def names(self) -> list[str]:
        """Return the sorted names of what is inside."""
        try:
            return sorted(os.listdir(self.descriptor))  # noqa: PTH208 (no path)
        except OSError as error:
            raise self.refused("list", ".", error) from error

    def status(self, name: str) -> os.stat_result | None:
        """Return what *name* itself is, links not followed; None when absent."""
        try:
            return os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self.refused("read", name, error) from error

    def unfit(self, root: "Folder") -> Iterator[str]:
        """Say why nothing could be renamed from *root* into here."""
        if not os.access(".", os.W_OK | os.X_OK, dir_fd=self.descriptor):
            yield f"cannot write to '{self.shown}': {os.strerror(errno.EACCES)}"
        if os.fstat(self.descriptor).st_dev != os.fstat(root.descriptor).st_dev:
            yield f"'{self.shown}' lies on another file system than '{root.shown}'"

    def refused(self, what: str, name: str, error: OSError) -> OutputError:
        """Return *error* as ours: which act on which path, and why not."""
        return OutputError(f"cannot {what} '{self.path(name)}': {error.strerror}")

    def _contents(self, name: str, descriptor: int) -> tuple[os.stat_result, bytes]:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
            raise OutputError(f"'{self.path(name)}' is {kind} where a file belongs")
        data = os.read(descriptor, status.st_size + 1)
        while rest := os.read(descriptor, 1 << 20):
            data += rest
        return status, data

    def _not_a_folder(self, name: str) -> OutputError:
        status = self.status(name)
        if status is not None and stat.S_ISLNK(status.st_mode):
            return OutputError(f"'{self.path(name)}' is a symlink")
        return OutputError(f"'{self.path(name)}' is a file where a folder belongs")


def open_directory(directory: str, *, create: bool = False) -> Folder | None:
    """Open an output directory; None when it is absent and not to be made.

    *directory* itself may be a symlink: whoever names it means where it leads.
    """
    if "\0" in directory:
        raise OutputError(f"cannot open {directory!r}: no name holds a NUL")
    try:
        return _opened(directory)
    except FileNotFoundError:
        if not create:
            return None
    except OSError as error:
        raise OutputError(f"cannot open '{directory}': {error.strerror}") from error
    try:
        Path(directory).mkdir(parents=True, exist_ok=True)
        return _opened(directory)
    except OSError as error:
        raise OutputError(f"cannot make '{directory}': {error.strerror}") from error


def _opened(directory: str) -> Folder:
    return Folder(os.open(directory, os.O_RDONLY | os.O_DIRECTORY), directory)
