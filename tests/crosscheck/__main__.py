"""certpath beside others, on generated hierarchies.

    python tests/crosscheck run --count 100000 --seed 1 --jobs 2
    python tests/crosscheck replay FILE
    python tests/crosscheck opinions --count 2000 --seed 1
    python tests/crosscheck mutations --count 2000000 --crls 500000 --seed 1 --jobs 2

`run` judges generated handshakes by the standard library's `ssl` and by certpath, prints the totals, and
ends with status 1 if the contract of docs/parity.md was broken: the smallest case is then in a file.
`mutations` twists elements of chains and CRLs, signs them again, and asks OpenSSL directly; status 1 if
certpath accepts what OpenSSL refuses, or breaks the contract otherwise; --write names a folder for the cases.
`replay` judges such a file again. `opinions` asks further verifiers and writes docs/second-opinions.md.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])


def main() -> int:
    """Run the command that was asked for."""
    parser = argparse.ArgumentParser(
        prog="python tests/crosscheck", description="certpath beside others, on generated hierarchies."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="generate handshakes and compare with ssl")
    run.add_argument("--jobs", type=int, default=1, help="processes")
    opinions = commands.add_parser("opinions", help="ask further verifiers, write docs/second-opinions.md")
    for command, count in ((run, 2_000), (opinions, 2_000)):
        command.add_argument("--count", type=int, default=count, help=f"cases to generate (default {count})")
        command.add_argument("--seed", type=int, default=1, help="another seed, other cases (default 1)")
    twisted = commands.add_parser("mutations", help="twist elements, sign again, compare with OpenSSL")
    twisted.add_argument("--count", type=int, default=20_000, help="chains to twist (default 20000)")
    twisted.add_argument("--crls", type=int, default=5_000, help="CRLs to twist (default 5000)")
    twisted.add_argument("--seed", type=int, default=1, help="another seed, other mutants (default 1)")
    twisted.add_argument("--jobs", type=int, default=1, help="processes")
    twisted.add_argument(
        "--write", type=Path, metavar="FOLDER", help="where cases that break the contract go"
    )
    replay = commands.add_parser("replay", help="judge a case from its file")
    replay.add_argument("file", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "replay":
        return _replay(arguments.file)
    if arguments.command == "opinions":
        from crosscheck import opinions_table

        return opinions_table.write(arguments.count, arguments.seed)
    if arguments.command == "mutations":
        return _mutations(arguments)
    from crosscheck.run import run as run_cases

    totals = run_cases(arguments.count, arguments.seed, arguments.jobs, progress=True)
    print(totals.table())
    for breach in totals.breaches:
        print(f"\nBROKEN: {breach}")
    return 1 if totals.breaches else 0


def _mutations(arguments: argparse.Namespace) -> int:
    from crosscheck import cases, mutations

    totals = mutations.run(arguments.count, arguments.crls, arguments.seed, arguments.jobs, progress=True)
    print(totals.table())
    for number, (kind, breach) in enumerate(sorted(totals.breaches.items())):
        print(f"\nBROKEN: {kind}: {breach}")
        if arguments.write is not None:
            case = mutations.mutant(breach.seed, breach.number, of_list=breach.of_list).case
            arguments.write.mkdir(parents=True, exist_ok=True)
            cases.write(case, arguments.write / f"mutant-{number}.pem")
    return 1 if totals.breaches else 0


def _replay(file: Path) -> int:
    from crosscheck import cases, verdicts

    case = cases.read(file)
    print(case.note)
    print(case.settings)
    print(f"ssl:      {verdicts.ssl_verdict(case)}")
    ours = verdicts.our_verdict(case)
    print(f"certpath: {'store or lists unreadable' if ours is None else ours.explain()}")
    try:
        print(f"contract: {verdicts.compare(case)}")
    except verdicts.Breach as breach:
        print(f"contract broken: {breach}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
