"""Signed notes: what is signed comes back, and whatever could be read in two ways is refused."""

import string
from base64 import b64decode
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.log import note as note_module
from exchange.log.note import BadNote, Opened, Signature, Signer, Verifier, from_base64, opened, signed, to_base64
from tests.log.vectors import gos_text, published

ADA = Signer("ada.example/log", sha256(b"Ada's seed, not secret").digest())
BEN = Signer("ben.example/witness", sha256(b"Ben's seed, not secret").digest())
IMPOSTOR = Signer("ada.example/log", sha256(b"another seed").digest())
TEXT = "Ada helped Ben\nwith the escrow clause.\n"
LINE = ADA.sign(TEXT)
by_ada = Verifier.parse(ADA.vkey)
by_ben = Verifier.parse(BEN.vkey)


def test_what_is_signed_comes_back():
    note = signed(TEXT, ADA)
    found = opened(note, [by_ada])

    assert note == f"{TEXT}\n{LINE}"
    assert found.text == TEXT
    assert [(one.name, one.key_id) for one in found.signatures] == [("ada.example/log", ADA.key_id)]
    assert opened(note.encode(), [by_ada]) == found


def test_the_example_of_the_reference_is_signed_in_the_same_bytes():
    signer = Signer("favours.example/g/7f3a", sha256(b"research key, not secret").digest())
    text = "favours.example/g/7f3a\n70000\n0+5aZhx45EBx6YFBCqsY/LQdj4O5QmaoBGAVVJk2b9s=\n"

    assert signer.vkey == "favours.example/g/7f3a+fe2b7952+Ac4xxM8OA1s9h2k9a2uUmQGZyqgi/C5GDaLMpKk0OoqF"
    assert signer.sign(text) == (
        "— favours.example/g/7f3a /it5UjPoi2sBofy/ScBC3m89qwsnp5Cp5cErsFvWv86kvS8vSUG4w4uhdUU+BOjL81iIrgpx"
        "BcDYbuBHWN3n5GwgZAw=\n"
    )


letters = st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n")
names = st.text(st.sampled_from(string.ascii_letters + string.digits + "./-é字"), min_size=1, max_size=40)


@settings(deadline=None)
@given(st.text(letters).map(lambda text: text + "\n"), names, st.binary(min_size=32, max_size=32))
def test_every_text_can_be_signed_and_opened(text, name, seed):
    signer = Signer(name, seed)

    assert opened(signed(text, signer, ADA), [Verifier.parse(signer.vkey)]).text == text


def test_the_last_empty_line_parts_text_and_signatures():
    text = "one\n\n— ada.example/log AAAAAAAA\n\ntwo\n\n"

    assert opened(signed(text, ADA), [by_ada]).text == text


def test_who_is_unknown_is_ignored():
    note = signed(TEXT, BEN, IMPOSTOR, ADA)

    assert [one.name for one in opened(note, [by_ada]).signatures] == ["ada.example/log"]
    assert [one.name for one in opened(note, [by_ada, by_ben]).signatures] == ["ben.example/witness", "ada.example/log"]


def test_a_note_that_nobody_known_has_signed_is_refused():
    for note in (signed(TEXT, BEN), signed(TEXT, IMPOSTOR), signed(TEXT, BEN, IMPOSTOR)):
        with pytest.raises(BadNote, match="None of the known keys"):
            opened(note, [by_ada])
    with pytest.raises(BadNote, match="None of the known keys"):
        opened(signed(TEXT, ADA), [])


def test_one_wrong_signature_of_a_known_key_spoils_the_note():
    wrong = f"— {BEN.name} {to_base64(BEN.key_id + bytes(64))}\n"

    assert opened(f"{TEXT}\n{LINE}{wrong}", [by_ada]).text == TEXT
    for lines in (LINE + wrong, wrong + LINE, wrong):
        with pytest.raises(BadNote, match=r"signature of ben\.example/witness is wrong"):
            opened(f"{TEXT}\n{lines}", [by_ada, by_ben])


def test_a_right_signature_does_not_cover_for_a_wrong_one_of_the_same_key():
    with pytest.raises(BadNote, match="is wrong"):
        opened(f"{TEXT}\n{LINE}{ADA.sign('Something else.' + chr(10))}", [by_ada])


def test_an_altered_text_is_refused():
    with pytest.raises(BadNote, match="is wrong"):
        opened(signed(TEXT, ADA).replace("helped", "robbed"), [by_ada])


def test_the_same_signature_twice_counts_once():
    assert len(opened(f"{TEXT}\n{LINE}{LINE}", [by_ada]).signatures) == 1


@pytest.mark.parametrize("signers", [16, 17, 100])
def test_many_signatures_are_read(signers):
    others = [Signer(f"witness{number}.example", sha256(bytes([number])).digest()) for number in range(signers - 1)]

    assert opened(signed(TEXT, *others, ADA), [by_ada]).text == TEXT


def test_more_than_a_hundred_signatures_are_refused():
    with pytest.raises(BadNote, match="more than 100"):
        opened(f"{TEXT}\n{LINE * 101}", [by_ada])


MALFORMED = {
    "no signature": TEXT,
    "no line behind the empty one": TEXT + "\n",
    "no empty line": TEXT + LINE,
    "no last line feed": f"{TEXT}\n{LINE[:-1]}",
    "an empty line behind the signatures": f"{TEXT}\n{LINE}\n",
    "carriage returns": f"{TEXT}\n{LINE}".replace("\n", "\r\n"),
    "another line among the signatures": f"{TEXT}\n{LINE}Yours truly\n",
    "a hyphen for the dash": f"{TEXT}\n-{LINE[1:]}",
    "a name with a space": f"{TEXT}\n{LINE.replace('ada.', 'ada .')}",
    "a name with a wide space": f"{TEXT}\n{LINE}{LINE.replace('ada.', 'ada　.')}",
    "a name with a plus": f"{TEXT}\n{LINE}{LINE.replace('ada.', 'ada+.')}",
    "no name": f"{TEXT}\n{LINE}{LINE.replace('ada.example/log', '')}",
    "two spaces": f"{TEXT}\n{LINE.replace('log ', 'log  ')}",
    "a space at the end": f"{TEXT}\n{LINE[:-1]} \n",
    "no padding": f"{TEXT}\n{LINE[:-1].rstrip('=')}\n",
    "the other alphabet": f"{TEXT}\n{LINE}— x.example {'_' * 8}\n",
    "four bytes only": f"{TEXT}\n{LINE}— x.example AAAAAA==\n",
    "letters beyond ASCII in base64": f"{TEXT}\n{LINE}— x.example ＡAAAAAAA\n",
    "half a surrogate": f"\ud800{TEXT}\n{LINE}",
}


@pytest.mark.parametrize("note", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_has_another_form_is_refused(note):
    with pytest.raises(BadNote):
        opened(note, [by_ada])


@pytest.mark.parametrize("letter", ["\r", "\t", "\0", "\x1f", "\x0b"])
def test_a_control_character_is_refused_however_well_it_is_signed(letter, monkeypatch):
    monkeypatch.setattr(note_module, "_text_bytes", str.encode)
    note = signed(TEXT.replace("Ben", f"Ben{letter}"), ADA)

    with pytest.raises(BadNote, match="control characters"):
        opened(note, [by_ada])


def test_a_note_of_more_than_a_million_bytes_is_refused():
    assert opened(signed("x" * 999_000 + "\n", ADA), [by_ada])
    with pytest.raises(BadNote, match="more than 1,000,000 bytes"):
        opened(signed("x" * 1_000_000 + "\n", ADA), [by_ada])


def test_bytes_that_are_no_utf_8_are_refused():
    with pytest.raises(BadNote, match="UTF-8"):
        opened(b"\xff" + signed(TEXT, ADA).encode(), [by_ada])


def test_bits_behind_the_last_byte_are_refused():
    assert from_base64("AA==") == b"\0"
    for text in ("AB==", "AA=", "AA", "A A==", "AA==\n", "A-==", "AA====", "é"):
        with pytest.raises(ValueError, match=r"base64|ascii|padding|characters|Excess|multiple of 4"):
            from_base64(text)


@settings(deadline=None)
@given(st.binary())
def test_base64_comes_back(data):
    assert from_base64(to_base64(data)) == data == b64decode(to_base64(data))


def test_an_uncanonical_signature_of_nobody_we_know_is_refused_too():
    lax = LINE[:-3] + chr(ord(LINE[-3]) + 1) + "=\n" if LINE.endswith("=\n") else LINE

    with pytest.raises(BadNote, match="malformed"):
        opened(f"{TEXT}\n{lax}", [by_ada])
    with pytest.raises(BadNote, match="malformed"):
        opened(f"{TEXT}\n{BEN.sign(TEXT)}{lax}", [by_ben])


def test_a_vkey_says_name_id_and_key():
    assert by_ada == Verifier(ADA.name, ADA.key_id, b64decode(ADA.vkey.split("+", 2)[2])[1:])
    assert Verifier.parse(ADA.vkey) == by_ada
    assert not by_ada.verifies("Something else.\n", bytes(64))


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "ada.example/log",
        ADA.vkey.replace("+", " ", 1),
        ADA.vkey.replace("ada", "eve"),
        ADA.vkey.replace(ADA.key_id.hex(), ADA.key_id.hex().upper()),
        ADA.vkey.replace(ADA.key_id.hex(), "00000000"),
        ADA.vkey.replace(ADA.key_id.hex(), ADA.key_id.hex()[1:]),
        ADA.vkey.replace("ada.example/log", ""),
        ADA.vkey.replace("ada.example", "ada .example"),
        ADA.vkey + "\n",
        ADA.vkey[:-4],
        ADA.vkey + "=",
    ],
)
def test_what_is_no_verifier_key_is_refused(vkey):
    with pytest.raises(BadNote):
        Verifier.parse(vkey)


@pytest.mark.parametrize("key", [b"\x04" + bytes(32), b"\x01" + bytes(31), b"\x01" + bytes(33), b"\x01", b""])
def test_a_key_of_another_type_or_length_is_refused_though_its_id_is_right(key):
    key_id = sha256(b"ada.example/log\n" + key).digest()[:4]

    with pytest.raises(BadNote, match="not an Ed25519 key"):
        Verifier.parse(f"ada.example/log+{key_id.hex()}+{to_base64(key)}")


def test_two_verifiers_of_one_name_and_id_are_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="same name and id"):
        opened(signed(TEXT, ADA), [by_ada, by_ada])


@pytest.mark.parametrize("text", ["", "no line feed", "a\ttab\n", "carriage return\r\n"])
def test_nobody_signs_what_is_no_text(text):
    with pytest.raises(BadNote, match="ends with a line feed"):
        signed(text, ADA)


def test_nobody_signs_under_a_name_that_cannot_be_read_back():
    for name in ("", "ada example", "ada+example", "ada\nexample", "ada\u00a0example"):
        with pytest.raises(BadNote, match="name of a key"):
            Signer(name, bytes(32))
    with pytest.raises(BadNote, match="at least one"):
        signed(TEXT)
    with pytest.raises(ValueError, match="32 bytes"):
        Signer("ada.example", bytes(31))


def test_the_published_example_of_the_specification_is_opened():
    example = published("notes")["c2sp"]

    assert opened(example["note"], [Verifier.parse(example["vkey"])]).text == "This is an example message.\n"


PETER = Verifier.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
PETERS_KEY = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETERS = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
ENOCH = Verifier.parse("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop")
ENOCHS = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"


def test_the_published_examples_of_go_are_signed_and_opened():
    text, value = gos_text(), b64decode(PETERS.split(" ")[2])

    assert signed(text, Signer("PeterNeumann", b64decode(PETERS_KEY)[1:])) == f"{text}\n{PETERS}"
    assert opened(f"{text}\n{PETERS}{ENOCHS}", [PETER]) == Opened(
        text, (Signature("PeterNeumann", value[:4], value[4:]),)
    )
    assert len(opened(f"{text}\n{PETERS}{ENOCHS}", [PETER, ENOCH]).signatures) == 2


def test_what_go_refuses_is_refused():
    text = gos_text()
    for bad in (
        text,
        f"{text}\n",
        f"{text}\n{PETERS[:-1]}",
        f"\x01{text}\n{PETERS}",
        f"\udcff{text}\n{PETERS}",
        f"{text}\n{PETERS.replace('PeterNeumann', 'Bad Name')}",
        f"{text}\n{PETERS}Unexpected line.\n",
        f"{text}\n{PETERS[:60]}ABCD{PETERS[60:]}",
        f"{text}\n{PETERS.replace('PeterNeumann', 'CarmenSandiego')}",
    ):
        with pytest.raises(BadNote):
            opened(bad, [PETER])
