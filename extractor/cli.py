"""The command line: options only, one function for each command.

A command returns its exit status: 0 all well, 1 finished but some inputs failed, 2 the call itself is wrong, 130
stopped by Ctrl-C. Heavy modules are imported inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from extractor import __version__
from extractor.errors import ExtractorError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from extractor.outputs.check_report import CheckedRecord
    from extractor.outputs.tally import Tally
    from extractor.sources.folder import Outcome

SOME_FAILED = 1
WRONG_CALL = 2
INTERRUPTED = 130
PIPE_CLOSED = 141


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="extractor", message="%(prog)s %(version)s")
def cli() -> None:
    """Facts from articles about clinical trials, every number tied to its place in the source.

    Data goes to standard output or files, messages to standard error. Exit status: 0 all well, 1 some inputs failed
    (each is named), 2 the call itself is wrong.
    """


@cli.command()
@click.argument("file")
def extract(file: str) -> int:
    """One article to one record, on stdout.

    FILE is an HTML page, plain text, PubMed XML or JATS XML, or - for standard input. For a file that holds several
    articles use `extractor batch`.
    """
    from extractor.extract import Extractor
    from extractor.sources.store import FailedInput, read_inputs

    if os.path.isdir(file):
        raise UsageError(f"{file} is a folder; use `extractor batch {file} --out DIR`")
    several = f"{file} holds several articles; use `extractor batch {file} --out DIR`"
    found = []
    for given in read_inputs([file]):
        if isinstance(given, FailedInput):
            raise given.error
        found.append(given)
        if len(found) > 1:
            raise UsageError(several)
    if not found:
        raise UsageError(f"{file} holds no article")
    records = Extractor().records(found[0])
    if len(records) > 1:
        raise UsageError(several)
    for record in records:
        print_bytes(record.to_json().encode())
    return 0


@cli.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Folder for the records.")
@click.option("--jobs", default=1, metavar="N", type=click.IntRange(min=1), help="Worker processes; 1 by default.")
@click.option("--quiet", is_flag=True, help="No progress bar and no closing line; failures are still named.")
def batch(inputs: tuple[str, ...], out: Path, jobs: int, quiet: bool) -> int:
    """Many articles to one record each, in a folder.

    INPUT is a file, a folder (read to any depth), a .zip, .tar.gz or .xml.gz. Each article's record is written to
    DIR/records/ID.json; DIR/manifest.jsonl tells what became of each input. A second run into the same DIR does only
    what is new or changed; Ctrl-C loses nothing that is finished.
    """
    from extractor.batch import run
    from extractor.outputs.progress import ProgressBar

    console = stderr_console()
    with ProgressBar(console, inputs, bar=console.is_terminal and not quiet) as bar:
        tally = run(inputs, out, jobs, watcher=bar)
    if not tally.interrupted and not tally.done + tally.failed + tally.unchanged:
        raise UsageError(f"no articles in {', '.join(inputs)}")
    if not quiet:
        click.echo(closing_line(tally, out), err=True)
    if tally.interrupted:
        return INTERRUPTED
    return SOME_FAILED if tally.failed else 0


@cli.command()
@click.argument("references", metavar="[REF]...", nargs=-1)
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Folder for the articles.")
@click.option("--from", "files", multiple=True, metavar="FILE", help="References from a file, one a line; - for stdin.")
@click.option("--query", "queries", multiple=True, metavar="TEXT", help="Every article that this PubMed search finds.")
@click.option("--since", metavar="DATE", help="Queries and feeds: published on or after 2024, 2024-05 or 2024-05-17.")
@click.option("--until", metavar="DATE", help="Queries and feeds: published on or before.")
@click.option("--max", "maximum", metavar="N", type=click.IntRange(min=1), help="At most N from each query and feed.")
@click.option("--study", is_flag=True, help="REFs are records of news: find and fetch the study that each reports.")
@click.option("--refresh", is_flag=True, help="Ask again, conditionally, for what is already there.")
@click.option("--allow-private-addresses", is_flag=True, help="Permit this machine and its network (a local mirror).")
@click.option("--ignore-robots", is_flag=True, help="Only where the site's owner has agreed.")
@click.option("--email", metavar="ADDRESS", help="Your contact, told to the services; else NCBI_EMAIL.")
@click.option("--cache", metavar="FILE", type=click.Path(path_type=Path), help="The HTTP cache file.")
@click.option("--no-cache", is_flag=True, help="Keep no HTTP cache.")
@click.option("--workers", default=4, metavar="N", show_default=True, type=click.IntRange(1, 64), help="At once.")
@click.option("--attempts", metavar="N", type=click.IntRange(1, 50), help="Tries for each request; 8 by default.")
@click.option(
    "--backoff",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="Longest first wait between tries; 0.5 by default.",
)
@click.option(
    "--web-interval",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="Between requests to a web site; 1 by default.",
)
@click.option(
    "--ncbi-interval",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="Else by NCBI's rule: 3 a second, 10 with a key.",
)
@click.option(
    "--service-interval",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="Europe PMC, Crossref, DOIs; 0.2 by default.",
)
@click.option("--connect-timeout", metavar="SECONDS", type=float, help="10 by default.")
@click.option("--read-timeout", metavar="SECONDS", type=float, help="Between two pieces of an answer; 30 by default.")
@click.option("--deadline", metavar="SECONDS", type=float, help="For a whole answer; 120 by default.")
@click.option("--max-bytes", metavar="BYTES", type=int, help="For one answer; 30,000,000 by default.")
@click.option("--eutils-url", metavar="URL", help="A mirror of NCBI's E-utilities.")
@click.option("--europepmc-url", metavar="URL", help="A mirror of Europe PMC's web service.")
@click.option("--crossref-url", metavar="URL", help="A mirror of Crossref's web service.")
@click.option("--doi-url", metavar="URL", help="A mirror of doi.org.")
@click.option("--quiet", is_flag=True, help="No closing line; failures are still named.")
def fetch(
    references: tuple[str, ...],
    out: Path,
    files: tuple[str, ...],
    queries: tuple[str, ...],
    since: str | None,
    until: str | None,
    maximum: int | None,
    study: bool,
    cache: Path | None,
    no_cache: bool,
    quiet: bool,
    **given: Any,
) -> int:
    """Articles from the network to files in DIR, ready for `extractor batch`.

    REF is a web address (a page or an RSS/Atom feed), a PMID, a PMCID or a DOI in any usual form. Each article is saved
    as it came, with a .provenance.json beside it; DIR/manifest.fetch.jsonl tells what became of each reference. What is
    already there is not asked for again. An NCBI key is read from NCBI_API_KEY.
    """
    from extractor.sources.command import closing_line, default_cache, parse_day, run_fetch
    from extractor.sources.fetch import DateRange
    from extractor.sources.options import FetchOptions

    def tell(outcome: Outcome) -> None:
        if outcome.reason:
            complain(outcome.message or outcome.reason, SOME_FAILED)

    options = FetchOptions.from_environment(
        cache=None if no_cache else cache or default_cache(),
        **{name: value for name, value in given.items() if value is not None},
    )
    tally = run_fetch(
        references,
        out,
        options,
        files=files,
        queries=queries,
        dates=DateRange(parse_day(since), parse_day(until, last=True)),
        maximum=maximum,
        study=study,
        tell=tell,
    )
    if not quiet:
        click.echo(closing_line(tally, out), err=True)
    return 0 if tally.all_well else SOME_FAILED


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--record", "shown", metavar="ID", help="Show all facts of this record.")
def summary(folder: Path, shown: str | None) -> int:
    """Show what a batch found, as tables.

    DIR is the output folder of `extractor batch`. The first table has one line for each article, the second the facts
    of one article with the words that state them.
    """
    from rich.console import Console

    from extractor.outputs.summary import print_summary

    # A file or pipe has no width of its own; 120 columns hold every column of the tables.
    print_summary(Console() if sys.stdout.isatty() else Console(width=120), folder, shown)
    return 0


@cli.command()
@click.argument("records", metavar="RECORD...", nargs=-1, required=True)
@click.option("--against", metavar="ARTICLE_OR_RECORD", help="The study that the records' news items report.")
@click.option("--source", metavar="PATH", type=click.Path(path_type=Path), help="Source file, or folder of sources.")
@click.option("--no-source", is_flag=True, help="Check the record alone; do not read its source again.")
@click.option("--disable", metavar="NAMES", multiple=True, help="Checks to leave out, with commas or one by one.")
@click.option(
    "--format",
    "wanted",
    default="table",
    show_default=True,
    type=click.Choice(["table", "json", "html", "sarif", "junit"]),
    help="How to report.",
)
@click.option("--show-passed", is_flag=True, help="In the table, a line for each check that agreed, too.")
def check(
    records: tuple[str, ...],
    against: str | None,
    source: Path | None,
    no_source: bool,
    disable: tuple[str, ...],
    wanted: str,
    show_passed: bool,
) -> int:
    """Hold records against their source, arithmetic and study.

    RECORD is a record's file, or a folder of them (the output of `extractor batch`). Each source is read again from
    where the record says it is. With --against, every number of the record is compared with the study. Exit status 1
    if a check failed, 2 if a file is no record.
    """
    from extractor.checking import Checker, record_files, study_of
    from extractor.checks.registry import all_checks, disabled_checks

    if source is not None and not os.path.exists(source):
        raise UsageError(f"--source {source}: no such file or folder")
    disabled = disabled_checks(disable, [info.name for info in all_checks()])
    checker = Checker(disabled, source, read_source=not no_source)
    if against is not None:
        checker.against = study_of(against, checker)
    checked, refused = [], 0
    for path in record_files(records):
        try:
            checked.append(checker.check(path))
        except ExtractorError as error:
            refused = complain(str(error), WRONG_CALL)
    if checked:
        print_checks(checked, wanted, show_passed)
    from extractor.outputs.check_report import failed

    return refused or (SOME_FAILED if any(failed(one) for one in checked) else 0)


@cli.command()
@click.option("--gold", required=True, metavar="DIR", type=click.Path(path_type=Path), help="Folder of .txt and .ann.")
@click.option("--pred", metavar="DIR", type=click.Path(path_type=Path), help="Records; by default extracted now.")
@click.option("--labels", metavar="FILE", type=click.Path(path_type=Path), help="What your labels mean, as TSV.")
@click.option("--errors", metavar="LABEL", help="List the misses and false alarms of this label, or of `all`.")
@click.option("--limit", default=20, show_default=True, metavar="N", type=click.IntRange(min=0), help="Errors listed.")
@click.option("--browse", is_flag=True, help="Leaf through the errors in the terminal.")
@click.option("--reliability", is_flag=True, help="Show how often facts of each confidence are right.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
@click.option("--floor", metavar="F1", type=click.FloatRange(0, 1), help="Exit status 1 if micro value F1 is below.")
def evaluate(
    gold: Path,
    pred: Path | None,
    labels: Path | None,
    errors: str | None,
    limit: int,
    browse: bool,
    reliability: bool,
    as_json: bool,
    floor: float | None,
) -> int:
    """Measure extraction on texts that people annotated.

    --gold is a brat collection: ID.txt with ID.ann beside it. Records come from --pred (the output of `extractor
    batch`), or are extracted now. Precision, recall and F1 by label, what kind of errors there are, and with --errors
    or --browse each of them in its sentence.
    """
    from extractor.evaluation.command import Wanted, run_evaluation

    wanted = Wanted(gold, pred, labels, errors, limit, browse, reliability, as_json, floor)
    return run_evaluation(wanted, stderr_console(), complain)


@cli.command()
@click.option("--out", default="schemas", metavar="DIR", type=click.Path(path_type=Path), help="Default: schemas.")
def schema(out: Path) -> int:
    """Write the JSON Schemas of the output files.

    One of the record, one of a line of the manifest.
    """
    from extractor.outputs.schemas import write_schemas

    for path in write_schemas(out):
        click.echo(f"wrote {path}", err=True)
    return 0


# --- what the commands share ----------------------------------------------------------------------------------------


def closing_line(tally: Tally, out: Path) -> str:
    """The batch in one line: counts, time, where the records are."""
    made = tally.done + tally.unchanged
    parts = [f"{made:,} {'record' if made == 1 else 'records'} in {out / 'records'}"]
    if tally.unchanged:
        parts.append(f"{tally.unchanged:,} of them unchanged, skipped")
    if tally.failed:
        parts.append(f"{tally.failed:,} failed, see {out / 'manifest.jsonl'}")
    if tally.repeated:
        parts.append(f"{tally.repeated:,} named twice, read once")
    ending = "; stopped by Ctrl-C, the same command goes on from here" if tally.interrupted else ""
    return f"{', '.join(parts)} ({tally.seconds:.1f} s){ending}"


def print_checks(checked: Sequence[CheckedRecord], wanted: str, show_passed: bool) -> None:
    """Write the outcome of `extractor check` to standard output, as tables or in another format."""
    from typing import cast

    from rich.console import Console

    from extractor.outputs.check_report import Format, render
    from extractor.outputs.check_report_text import print_report

    if wanted == "table":
        print_report(Console(highlight=False, markup=False, emoji=False), checked, show_passed)
    else:
        print_bytes(render(checked, cast(Format, wanted)).encode())


def stderr_console() -> Console:
    """A console on standard error that never breaks or colours what it prints."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def print_bytes(content: bytes) -> None:
    """Write to standard output; raises ExtractorError if it cannot take it, BrokenPipeError if nobody reads."""
    try:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ExtractorError(f"standard output: {error.strerror}") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; every error becomes one line on standard error."""
    try:
        status = cli.main(arguments, prog_name="extractor", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return WRONG_CALL
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "extractor"
        return complain(f"{error.format_message()} (see `{command} --help`)", WRONG_CALL)
    except click.ClickException as error:
        return complain(error.format_message(), WRONG_CALL)
    except (click.Abort, KeyboardInterrupt):
        return complain("stopped", INTERRUPTED)
    except UsageError as error:
        return complain(str(error), WRONG_CALL)
    except ExtractorError as error:
        return complain(str(error), SOME_FAILED)
    except BrokenPipeError:
        # The reader has gone (`| head`); Python would complain once more when it flushes on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        if os.environ.get("EXTRACTOR_TRACEBACK"):
            raise
        hint = "this is a bug, please report it; EXTRACTOR_TRACEBACK=1 shows where it happened"
        return complain(f"{type(error).__name__}: {error} ({hint})", SOME_FAILED)


def complain(message: str, status: int) -> int:
    """Print one line to standard error, whatever the message holds; returns `status`."""
    line = " ".join(message.encode(errors="replace").decode().split())
    click.echo(f"extractor: {line}", err=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
