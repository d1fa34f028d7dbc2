"""``rolelint rule new``: what does a rule of one's own look like? A file that works, to be changed step by step."""

import os
from argparse import ArgumentParser, Namespace

from rolelint.commands.console import Parser, show
from rolelint.syntax.files import reason
from rolelint.syntax.regex import pattern
from rolelint.usage import UsageError

_NAME = pattern(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

_RULE = """\
# What the rule finds, in a few words without a full stop.
summary: sqs:PurgeQueue is allowed on every queue
severity: medium # critical | high | medium | low | info
why: >
  Say what somebody can do with it, and why that is more than is needed.
fix: >
  Say what to write instead.
references:
  - https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# 'off' for a rule that only counts when it is selected.
default: on

# What the rule is about, and what must hold of it: every line of 'where'. All words:
# https://github.com/rolelint/rolelint/blob/main/docs/own-rules.md
for: statement
where:
  effect: allow
  action: {covers: "sqs:PurgeQueue"}
  resource: {covers: "arn:aws:sqs:*:*:*"}
# The field of 'where' at which the finding points.
point_at: resource
message: "{owner} may empty any queue: {action} on {resource} → messages are lost for good"

# Each line that ends in a mark must have a finding, as sure as it says; no other line may have one.
examples:
  - title: a star resource
    template: |
      Resources:
        Worker:
          Type: AWS::IAM::ManagedPolicy
          Properties:
            PolicyDocument:
              Statement:
                - Effect: Allow
                  Action: sqs:PurgeQueue
                  Resource: "*" # <- certain
  - title: a parameter, so we can only suspect
    template: |
      Parameters: {Queue: {Type: String}}
      Resources:
        Worker:
          Type: AWS::IAM::ManagedPolicy
          Properties:
            PolicyDocument:
              Statement:
                - Effect: Allow
                  Action: sqs:PurgeQueue
                  Resource: !Ref Queue # <- possible
  - title: a queue of this template is fine
    template: |
      Resources:
        Jobs:
          Type: AWS::SQS::Queue
        Worker:
          Type: AWS::IAM::ManagedPolicy
          Properties:
            PolicyDocument:
              Statement:
                - Effect: Allow
                  Action: sqs:PurgeQueue
                  Resource: !GetAtt Jobs.Arn
"""


def parser() -> ArgumentParser:
    """The options of the command."""
    options = Parser(
        prog="rolelint rule new",
        description="Writes a rule file that works, with examples, as a start for a rule of your own.",
        epilog=(
            "examples:\n"
            "  rolelint rule new no-queue-purge --dir rules     write rules/no-queue-purge.yaml\n"
            "  rolelint rule test rules                         run its examples\n"
            '  rolelint templates/ --rules rules                use it; or in rolelint.toml: rules = ["rules"]'
        ),
    )
    options.add_argument("name", metavar="NAME", help="the rule's name: words joined by -, naming what is found")
    options.add_argument("--dir", metavar="DIR", default=".", help="the directory to write it to (default: this one)")
    return options


def run(asked: Namespace) -> int:
    """Write the file, and give the exit code."""
    if not _NAME.fullmatch(asked.name):
        raise UsageError(
            f"{asked.name!r} is no name for a rule", "write small letters and digits, words joined by -: no-queue-purge"
        )
    path = os.path.join(asked.dir, f"{asked.name}.yaml") if asked.dir != "." else f"{asked.name}.yaml"
    try:
        os.makedirs(asked.dir, exist_ok=True)
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(_RULE)
    except FileExistsError as error:
        raise UsageError(f"{path}: is there already", "give the rule another name, or --dir another directory") from error
    except OSError as error:
        raise UsageError(f"{path}: {reason(error)}", "give --dir a directory that can be written") from error
    show(f"{path}: change it, then run its examples: rolelint rule test {path}\n")
    return 0
