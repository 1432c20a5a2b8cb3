#!/usr/bin/env python3
"""Writes the manual pages from what the commands declare of themselves.

    freshet --experimental-dump-help | packaging/manual.py VERSION EPOCH docs/cli.md FOLDER

One page for the program and one for each of its commands, whose own commands are sections of it. The exit statuses are
those of the table in docs/cli.md. The language is man(7).
"""

import datetime
import json
import pathlib
import re
import sys


def escaped(text):
    """Text that troff shows as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga")
    # A full stop or an apostrophe at the beginning of a line would be a request.
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def bold(text):
    return "\\fB" + escaped(text) + "\\fR"


def italic(text):
    return "\\fI" + escaped(text) + "\\fR"


def paragraphs(text):
    """Flowing text, and what is indented as it stands."""
    lines, isLiteral, isFirst = [], False, True
    for line in text.strip("\n").split("\n"):
        if line.startswith("  ") != isLiteral and line:
            lines += [".RS 4", ".nf"] if not isLiteral else [".fi", ".RE"]
            isLiteral = not isLiteral
        if line:
            lines.append(escaped(line.strip() if isLiteral else line))
        elif not isFirst and not isLiteral:
            lines.append(".PP")
        isFirst = False
    return lines + ([".fi", ".RE"] if isLiteral else [])


def spellings(argument):
    """`-C`, `--project`, the short ones first."""
    names = argument.get("names", [])
    dashes = {"long": "--", "short": "-", "longWithSingleDash": "-"}
    return sorted((dashes[name["kind"]] + name["name"] for name in names), key=len)


def shown(arguments):
    """What people are to see, without what every command takes."""
    return [
        argument for argument in arguments
        if argument["shouldDisplay"] and not (set(spellings(argument)) & {"--version", "--help"})
    ]


def synopsis(command, words):
    parts = [".B " + escaped(" ".join(words))]
    children = visible(command)
    for argument in shown(command["arguments"]):
        if argument["kind"] != "positional":
            continue
        text = italic(argument["valueName"]) + ("\\~..." if argument["isRepeating"] else "")
        parts.append(f"[{text}]" if argument["isOptional"] else text)
    if children:
        text = italic("command")
        parts.append(f"[{text}]" if "defaultSubcommand" in command else text)
    return parts + ["[" + italic("options") + "]"]


def options(arguments):
    lines = []
    for argument in arguments:
        value = italic(argument["valueName"])
        if argument["kind"] == "positional":
            head = value
        else:
            head = ", ".join(bold(name) for name in spellings(argument))
            if argument["kind"] == "option":
                head += " " + value
        texts = [argument.get("abstract", ""), argument.get("discussion", "")]
        about = []
        if argument.get("allValues"):
            about.append("one of " + ", ".join(argument["allValues"]))
        if argument.get("defaultValue"):
            about.append("by default " + argument["defaultValue"])
        if argument["isRepeating"] and "several times" not in texts[0]:
            about.append("may be given several times")
        if about:
            text = "; ".join(about)
            texts.append(text[0].upper() + text[1:] + ".")
        lines += [".TP", head] + [escaped(text) for text in texts if text]
    return lines


def visible(command):
    return [
        child for child in command.get("subcommands", [])
        if child["shouldDisplay"] and child["commandName"] != "help"
    ]


def described(command):
    return [escaped(command.get("abstract", ""))] + (
        [".PP"] + paragraphs(command["discussion"]) if command.get("discussion") else []
    )


def exit_statuses(document):
    """The rows of the table whose head is `exit status`."""
    rows = re.search(r"^\| exit status \|.*?\n\|[-|]+\n((?:\|.*\n?)+)", document, re.MULTILINE)
    if not rows:
        sys.exit("packaging/manual.py: the table of exit statuses is not found")
    lines = [".SH EXIT STATUS"]
    for row in rows[1].strip().split("\n"):
        number, meaning = [cell.strip() for cell in row.strip("|").split("|", 1)]
        lines += [".TP", bold(number), escaped(meaning.replace("`", ""))]
    return lines


def heading(name, version, date):
    return [
        ".\\\" Written by packaging/manual.py from the commands' own declarations.",
        f'.TH {name.upper()} 1 {date} "freshet {version}" "Freshet"',
        ".SH NAME",
    ]


ENVIRONMENT = [
    ("FRESHET_PROJECT", "The project's folder, where --project is not given."),
    ("FRESHET_ENV", "The environment to use, where --env is not given."),
    ("FRESHET_WEB", "The folder of the pages, where it is not the one that is installed."),
    ("NO_COLOR, CLICOLOR_FORCE", "No colour; colour even where the output is no terminal."),
    ("COLUMNS", "The width of tables."),
    ("CREDENTIALS_DIRECTORY", "Where ${secret:systemd/NAME} is read; set by systemd."),
    ("NOTIFY_SOCKET, WATCHDOG_USEC", "Where and how often up tells the service manager that it works; set by systemd."),
]

FILES = [
    ("freshet.yaml, assets/, plugins/", "A project; see /usr/share/doc/freshet/definitions.md."),
    (".freshet/freshet.db", "What Freshet knows, unless the project names another place."),
    ("/etc/freshet", "The project of the service freshet.service, where the package is installed."),
    ("/etc/default/freshet", "The environment of the service."),
    ("/var/lib/freshet", "What the service knows."),
    ("/usr/share/freshet/plugins", "Plugins to link or copy into a project."),
    ("/usr/share/doc/freshet", "The documentation, to which docs/ refers in these pages."),
]


def pairs(title, entries):
    lines = [f".SH {title}"]
    for name, text in entries:
        lines += [".TP", bold(name), escaped(text)]
    return lines


def program_page(root, version, date, document):
    lines = heading(root["commandName"], version, date)
    lines += [escaped(f"freshet - {root['abstract']}".rstrip(".")), ".SH SYNOPSIS"] + synopsis(root, ["freshet"])
    lines += [".SH DESCRIPTION"] + described(root) + [".SH COMMANDS"]
    for command in sorted(visible(root), key=lambda command: command["commandName"]):
        lines += [".TP", f".BR freshet\\-{escaped(command['commandName'])} (1)", escaped(command["abstract"])]
    lines += [".SH OPTIONS", ".TP", bold("--version"), "Show the version.", ".TP"]
    lines += [bold("-h") + ", " + bold("--help"), "Show what a command takes."]
    lines += exit_statuses(document) + pairs("ENVIRONMENT", ENVIRONMENT) + pairs("FILES", FILES)
    return lines


def command_page(command, version, date):
    name = "freshet " + command["commandName"]
    lines = heading(name.replace(" ", "-"), version, date)
    lines += [escaped(f"{name.replace(' ', '-')} - {command['abstract']}".rstrip(".")), ".SH SYNOPSIS"]
    lines += synopsis(command, name.split(" "))
    for alias in command.get("aliases", []):
        lines += [".PP", bold("freshet " + alias) + " is the same."]
    lines += [".SH DESCRIPTION"] + described(command)
    if shown(command["arguments"]):
        lines += [".SH OPTIONS"] + options(shown(command["arguments"]))
    children = visible(command)
    if children:
        lines.append(".SH COMMANDS")
    for child in children:
        words = name.split(" ") + [child["commandName"]]
        lines += [".SS " + escaped(" ".join(words))] + synopsis(child, words) + [".PP"] + described(child)
        if child["commandName"] == command.get("defaultSubcommand"):
            lines += ["This is what", bold(name), "alone does."]
        lines += options(shown(child["arguments"]))
    return lines + [".SH SEE ALSO", ".BR freshet (1)"]


def main():
    version, epoch, statuses, folder = sys.argv[1:]
    date = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc).strftime("%Y-%m-%d")
    root = json.load(sys.stdin)["command"]
    document = pathlib.Path(statuses).read_text(encoding="utf-8")
    pages = {"freshet": program_page(root, version, date, document)}
    for command in visible(root):
        pages["freshet-" + command["commandName"]] = command_page(command, version, date)
    out = pathlib.Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for name, lines in pages.items():
        (out / f"{name}.1").write_text("\n".join(lines) + "\n", encoding="utf-8")


main()
