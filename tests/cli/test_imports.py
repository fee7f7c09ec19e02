"""`exchange import`: what it says, and its exit status."""

from sqlalchemy import func, select

from exchange.cli.bar import bar
from exchange.cli.imports import imports
from exchange.storage.favor import Favor
from exchange.storage.letter import Letter
from exchange.storage.membership import Membership

FAVORS = "giver,receiver,at,category,title\n"
GOOD = "ada@bar.example,ben@bar.example,2024-05-31,advice,An hour on escrow\n"


def written(folder, text):
    path = folder / "file.csv"
    path.write_text(text)
    return str(path)


def test_members_are_added_and_the_command_says_so(runner, group, ada, tmp_path):
    file = written(tmp_path, "email,name,age\nruth@bar.example,Ruth,50\nada@bar.example,Ada,40\n")
    result = runner.invoke(imports, ["members", "bar", file])

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "1 member was added to Harbor County Bar, Business Law.",
        "1 was in the group already; nothing of theirs was changed:",
        "  ada@bar.example",
        "Columns that nobody reads here, and that were ignored: “age”.",
    ]


def test_invite_says_how_many_letters_are_on_the_way(runner, session, group, tmp_path):
    file = written(tmp_path, "email,name\nruth@bar.example,Ruth\nabe@bar.example,Abe\n")
    result = runner.invoke(imports, ["members", "bar", file, "--invite"])

    assert "2 invitations are on the way." in result.stdout
    assert session.scalar(select(func.count()).select_from(Letter)) == 2


def test_a_refused_file_ends_with_1_and_names_twenty_lines_and_how_many_more(
    runner, session, group, ada, ben, tmp_path
):
    file = written(tmp_path, FAVORS + GOOD + GOOD.replace("ben@", "nobody@") * 25)
    result = runner.invoke(imports, ["favors", "bar", file])

    said = result.stderr.splitlines()
    assert (result.exit_code, result.stdout, len(said)) == (1, "", 22)
    assert said[0] == "The file was refused and nothing of it was kept. Lines that cannot be taken: 25."
    assert said[1] == "  line 3: nobody@bar.example is no member of this group."
    assert said[-1] == "  and 5 lines more. --skip-invalid takes the rest."
    assert session.scalar(select(func.count()).select_from(Favor)) == 0


def test_skip_invalid_lists_every_line_that_was_left_out(runner, group, ada, ben, tmp_path):
    file = written(tmp_path, FAVORS + GOOD + GOOD.replace("ben@", "nobody@") * 25)
    result = runner.invoke(imports, ["favors", "bar", file, "--skip-invalid"])

    said = result.stdout.splitlines()
    assert (result.exit_code, result.stderr, len(said)) == (0, "", 27)
    assert said[0] == "1 favor was entered into the log of Harbor County Bar, Business Law."
    assert said[1] == "25 lines were left out:"


def test_an_unknown_group_is_a_sentence(runner, session, tmp_path):
    result = runner.invoke(imports, ["favors", "nowhere", written(tmp_path, FAVORS)])

    assert (result.exit_code, result.stderr) == (1, "There is no group “nowhere”.\n")


def test_a_file_may_come_through_a_pipe(runner, group, ada, ben):
    result = runner.invoke(imports, ["favors", "bar", "-"], input=FAVORS + GOOD)

    assert result.stdout.startswith("1 favor was entered")


def test_thousands_of_real_thanks_come_in_once_those_to_oneself_are_left_out(runner, session, group, shared_data):
    giveth = shared_data / "giveth"
    assert runner.invoke(imports, ["members", "bar", str(giveth / "members.csv")]).exit_code == 0
    assert session.scalar(select(func.count()).select_from(Membership)) == 538

    result = runner.invoke(imports, ["favors", "bar", str(giveth / "favors.csv"), "--skip-invalid"])

    assert result.stdout.startswith("28,556 favors were entered")
    assert "406 lines were left out:" in result.stdout
    assert session.scalar(select(func.count()).select_from(Favor)) == 28_556


def test_the_same_file_is_refused_whole_without_being_told_to_skip(runner, session, group, shared_data):
    giveth = shared_data / "giveth"
    runner.invoke(imports, ["members", "bar", str(giveth / "members.csv")])
    result = runner.invoke(imports, ["favors", "bar", str(giveth / "favors.csv")])

    assert result.exit_code == 1
    assert "Lines that cannot be taken: 406." in result.stderr
    assert session.scalar(select(func.count()).select_from(Favor)) == 0


class Terminal:
    """A screen that keeps what was written on it."""

    def __init__(self, tty=True):
        self.tty, self.shown = tty, ""

    def isatty(self):
        return self.tty

    def write(self, text):
        self.shown += text

    def flush(self):
        """Nothing waits."""


def shown_while(monkeypatch, *, patience, tty):
    terminal = Terminal(tty)
    monkeypatch.setattr("exchange.cli.bar.sys.stderr", terminal)
    monkeypatch.setattr("exchange.cli.bar.PATIENCE_SECONDS", patience)
    with bar("Entering favors") as progress:
        for done in (0, 500, 1_000):
            progress(done, 1_000)
    return terminal.shown


def test_a_bar_appears_on_a_terminal_once_patience_is_over(monkeypatch):
    assert "100%" in shown_while(monkeypatch, patience=0, tty=True)
    assert shown_while(monkeypatch, patience=60, tty=True) == ""
    assert shown_while(monkeypatch, patience=0, tty=False) == ""
