"""Every command explains itself and stands in the README."""

from pathlib import Path

import click
import pytest

from extractor.cli import cli

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_a_command_has_help_and_stands_in_the_readme(name: str) -> None:
    assert cli.commands[name].help
    assert f"`extractor {name}" in README or f"\nextractor {name}" in README


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_option_has_help(name: str) -> None:
    for parameter in cli.commands[name].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


@pytest.mark.parametrize("command", ["make run", "make test"])
def test_the_two_commands_stand_at_the_top(command: str) -> None:
    assert command in "\n".join(README.splitlines()[:12])
