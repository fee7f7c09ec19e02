"""The page of a letter as a page of the site: a mail program needs its style in each element, a browser may not have it
there, so the same sheets are linked instead.
"""

import re

_TAG = re.compile(r"<[^<>]+>")
_STYLE = re.compile(r'\sstyle="[^"]*"')
_SHEET = re.compile(r"<style\b.*?</style>", re.DOTALL)


def linked(html: str, sheet: str) -> str:
    """The page with the sheet at this address in place of its own. What a member wrote holds no tag and stays."""
    bare = _TAG.sub(lambda tag: _STYLE.sub("", tag[0]), _SHEET.sub("", html))
    return bare.replace("</head>", f'<link rel="stylesheet" href="{sheet}">\n</head>', 1)
