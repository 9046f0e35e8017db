"""The `chapar` command (its contract is docs/command.md): one JSON document on stdout with --json, all else
on stderr.

Every sub-command lives in flows/commands and imports what it needs when it runs, so that simple ones start
fast.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

from data.errors import Broken, ChaparError, Refused
from flows import terminal
from flows.speaker import SPEAKER, refuse_unless

COMMANDS = (
    "demo", "up", "worker", "doctor", "settings", "population", "audience", "numbers", "sms", "campaign",
    "dispatch", "receipts", "inbound", "account", "user", "gateway", "line", "suppression", "home", "why",
    "audit",
)  # fmt: skip
OF_THE_INSTALLATION = frozenset({  # whoever speaks as an account (--as) needs the right to run it
    "demo", "up", "worker", "doctor", "settings", "population", "dispatch", "receipts", "inbound", "gateway",
    "home", "audit",
})  # fmt: skip
EXIT_BROKEN, EXIT_INTERRUPTED = 1, 130
Result = Mapping[str, Any] | tuple[Mapping[str, Any], int] | None


class _Parser(argparse.ArgumentParser):
    """A call that cannot be read is refused like any other bad input: one sentence, one document, exit 2."""

    def error(self, message: str) -> NoReturn:
        """Refuse with argparse's own sentence."""
        raise Refused(
            "arguments",
            f"{message}; see: {self.prog} --help",
            f"فراخوانی درست نیست؛ راهنما: {self.prog} --help",
        )

    def print_help(self, file: Any = None) -> None:  # noqa: ARG002 (argparse gives none)
        """Show the help as every other result."""
        terminal.show(self.format_help().rstrip("\n"))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 2 refused, 3 retryable, 1 broken."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    terminal.JSON.wanted = "--json" in arguments
    arguments = [word for word in arguments if word != "--json"]
    SPEAKER.account = None
    try:
        terminal.begin()
        if arguments[:1] == ["--version"]:
            return _version()
        _refuse_unreadable(arguments)
        arguments = _taken_as(arguments)
        given = _parser(arguments).parse_args(arguments)
        if given.command in OF_THE_INSTALLATION:
            refuse_unless("home")
        return _printed(given.run(given))
    except ChaparError as error:
        return _failed(error)
    except BrokenPipeError:
        return EXIT_BROKEN
    except KeyboardInterrupt:
        terminal.say("stopped")
        return EXIT_INTERRUPTED
    except RecursionError:
        return _failed(Refused("file", "it refers to itself or nests too deeply", "به خود ارجاع می‌دهد"))
    except OSError as error:
        where = error.filename or "CHAPAR_HOME"
        return _failed(
            Broken(
                f"{error.strerror or error}: {where}; see chapar doctor",
                f"«{where}» به کار نیامد ({error.strerror or error})؛ `chapar doctor` را ببینید",
            )
        )
    except Exception as error:  # what nobody foresaw still gives one document
        traceback.print_exc()
        return _failed(
            Broken(
                f"{type(error).__name__}: this is a fault of Chapar; its trace stands above",
                f"{type(error).__name__}: این خطای خود چاپار است؛ رد آن در بالا آمده است",
            )
        )


def _refuse_unreadable(arguments: Sequence[str]) -> None:
    """Bytes that are no UTF-8 come in as half characters, which no store takes."""
    for place, word in enumerate(arguments, start=1):
        if any("\ud800" <= sign <= "\udfff" for sign in word):
            raise Refused(
                "arguments", f"argument {place} is not UTF-8; type it anew, or rename the file",
                f"آرگومان {place} با UTF-8 نوشته نشده است؛ آن را دوباره بنویسید یا نام فایل را عوض کنید",
            )  # fmt: skip


def _taken_as(arguments: list[str]) -> list[str]:
    """Take `--as ACCOUNT` out, wherever it stands: it belongs to every command."""
    left: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--as" or word.startswith("--as="):
            name = next(words, "") if word == "--as" else word.partition("=")[2]
            if not name or SPEAKER.account is not None:
                raise Refused(
                    "as", "name one account: --as ACCOUNT", "یک حساب را نام ببرید: ‎--as ACCOUNT‎"
                )
            SPEAKER.account = name
        else:
            left.append(word)
    return left


def _version() -> int:
    """Print `chapar X.Y.Z`, before any command is imported."""
    from importlib.metadata import version

    if terminal.JSON.wanted:
        terminal.answer({"version": version("chapar")})
    else:
        terminal.show(f"chapar {version('chapar')}")
    return 0


def _failed(error: ChaparError) -> int:
    from flows.commands.mends import worded

    terminal.complain(worded(error))
    return error.exit_code


def _printed(result: Result) -> int:
    """Print what a command returned: nothing, a document, or a document and its exit code."""
    document, code = result if isinstance(result, tuple) else (result, 0)
    if document is not None:
        terminal.answer(document)
    return code


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Only the named command's module is imported; help imports them all."""
    parser = _Parser(
        prog="chapar", description="A campaign engine for SMS.",
        epilog="Every command takes --json (exactly one JSON document on stdout, everything else on stderr) "
        "and --as ACCOUNT (what that account sees and may do).",
    )  # fmt: skip
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    named = next((word for word in arguments if not word.startswith("-")), None)
    for name in (named,) if named in COMMANDS else COMMANDS:
        import_module(f"flows.commands.{name}").register(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
