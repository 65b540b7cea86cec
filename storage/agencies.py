"""Which news agency a text is credited to: only by a credit, never by a mention.

"PARIS (AFP) -", a byline "avec AFP" and a last line "(Belga)" are credits. "A déclaré à l'AFP" is the
agency as a source, and says nothing about who wrote the text. Standard library only, and cheap: of a text
only the beginning and the end are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# Name of the agency, then what it is called in credits beside its name. Names in capitals are acronyms.
_AGENCIES: tuple[tuple[str, ...], ...] = (
    (
        "AFP",
        "Agence France-Presse",
        "Agence France Presse",
        "AFP Factuel",
        "afp.com",
        "法新社",
        "أ ف ب",
        "أ.ف.ب",
        "فرانس برس",
        "АФП",
        "AFP時事",
    ),
    ("Belga", "Belga News Agency", "Agence Belga", "Belganews"),
    ("Reuters", "Thomson Reuters", "reuters.com", "路透社", "ロイター", "رويترز", "Рейтер", "로이터"),
    ("AP", "Associated Press", "美联社", "أ ب", "أ.ب"),
    ("ANP", "Algemeen Nederlands Persbureau"),
    ("dpa", "Deutsche Presse-Agentur", "dpa-infocom", "dpa-AFX", "dpa International", "د ب أ", "د.ب.أ"),
    ("EFE", "Agencia EFE"),
    ("ANSA", "Agenzia ANSA"),
    ("Keystone-ATS", "ATS", "Keystone ATS", "Keystone/ATS", "Agence télégraphique suisse", "SDA", "Keystone-SDA"),
    ("PA", "PA Media", "Press Association"),
    ("TASS", "ITAR-TASS", "ТАСС", "ИТАР-ТАСС"),
    ("Xinhua", "Chine nouvelle", "Xinhua News", "新华社", "新華社", "شينخوا"),
    ("La Presse canadienne", "Presse canadienne", "Canadian Press"),
    ("APA", "Austria Presse Agentur", "APA-OTS"),
    ("PAP", "Polska Agencja Prasowa"),
    ("Lusa", "Agência Lusa"),
    ("Ritzau",),
    ("TT", "TT Nyhetsbyrån"),
    ("NTB", "Norsk Telegrambyrå"),
    ("STT", "Suomen Tietotoimisto"),
    ("Anadolu", "Anadolu Agency", "Anadolu Ajansı", "Agence Anadolu", "الأناضول"),
    ("Kyodo", "Kyodo News", "共同通信", "共同"),
    ("Jiji", "Jiji Press", "時事通信", "時事"),
    ("Yonhap", "Yonhap News", "연합뉴스"),
    ("PTI", "Press Trust of India"),
    ("IANS", "Indo-Asian News Service"),
    ("ANI", "Asian News International"),
    ("RIA Novosti", "RIA", "РИА Новости"),
    ("Interfax", "Interfax-Ukraine", "Интерфакс", "Интерфакс-Украина", "INTERFAX.RU"),
    ("Ukrinform", "Укрінформ", "Укринформ"),
    ("MAP", "Maghreb Arabe Presse", "Agence Maghreb Arabe Presse"),
    ("APS", "Algérie Presse Service"),
    ("TAP", "Tunis Afrique Presse"),
    ("MENA", "Middle East News Agency"),
    ("UPI", "United Press International"),
    ("AAP", "Australian Associated Press"),
    ("ČTK", "CTK"),
    ("MTI",),
    ("Agerpres",),
    ("Tanjug",),
    ("AGI", "Agenzia Italia"),
    ("Adnkronos",),
    ("Europa Press",),
    ("Agência Brasil", "Agencia Brasil"),
    ("Prensa Latina",),
    ("Bernama",),
    ("Antara",),
    ("AMNA", "ΑΠΕ-ΜΠΕ", "ΑΜΠΕ", "ΑΠΕ"),
    ("China News Service", "中新社", "中新网"),
    ("WAM", "وام"),
    ("SPA", "واس"),
)
# Words in small letters too, so these acronyms count in capitals only.
_ALSO_WORDS = frozenset(
    {"AP", "PA", "MAP", "TAP", "PAP", "APA", "TT", "MENA", "RIA", "ANI", "AGI", "APS", "STT", "SPA"}
)
# Journalists sign with two initials; these need a person or a place before them.
_ALSO_INITIALS = frozenset({"PA", "TT"})
_BY_NAME = {alias.casefold(): names[0] for names in _AGENCIES for alias in names}

_WORD = re.compile(r"\w+")
# One word of each name, the longest: a credit without any of them names no agency, and most lines have none.
_TELLING = frozenset(max(_WORD.findall(name), key=len) for name in _BY_NAME)

_UNSPACED = tuple(name for name in _BY_NAME if "一" <= name[0] <= "鿿")

# How much of a text is looked at: a dateline or a credit is never further away from its edge.
EDGE = 300
_LONGEST_CREDIT = 90

# What stands between the names of a credit.
_BETWEEN = re.compile(
    r"\s*[,;/|+&•·()\[\]:=、]\s*|\s+[-–—]+\s+|\s+(?:avec|with|mit|met|con|com|et|and|und|en|e|y|och|og)\s+",
    re.IGNORECASE,
)
# What stands around a name without being part of it.
_BEFORE = re.compile(
    r"(?:[-–—*\s]+|©|\(c\)|copyright\b|(?:19|20)\d\d\b|(?:avec|with|mit|met|con|par|by|von|door|van|source|sources|quelle|bron|"
    r"text|texte|crédit|credit|de|the|la|le)\b|(?:l'|l’)|(?:agence|agentur|agency|persbureau|newsroom|rédaction|redaktion|redactie)"
    r"(?: de presse)?\b)\s*",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[\s.]+$|\s+(?:news agency|news|agency|staff|reporters?|newsroom|nieuws|(?:19|20)\d\d)$", re.IGNORECASE
)
_OF_A_PICTURE = re.compile(
    r"\b(?:photos?|pictures?|images?|foto|fotos|bild|bilder|beeld|illustrations?|vidéo|video|getty|handout|shutterstock|epa|"
    r"belgaimage|archives?)\b",
    re.IGNORECASE,
)
_AS_A_SOURCE = re.compile(
    r"\b(?:selon|d['’]après|according to|told|tells|reports?|volgens|aan|laut|zufolge|sagte|segun|según|secondo|"
    r"indique|annonce|rapporte|déclaré|cité|dit|said)\b|\bà l['’]",
    re.IGNORECASE,
)

# A place, perhaps a date, and nothing else: words with a capital, figures, and what joins or abbreviates them.
# Each word is matched as a whole or not at all, (?>), so that no text takes long.
_PLACE_AND_DATE = r"""
    (?: (?> (?: [A-ZÀ-ÖØ-ÞŠŽŁČ][\w'’.-]*
              | \d{1,4} (?: er | st | nd | rd | th | \. )?
              | (?: jan | f[ée]v | feb | m[aä]r | maart | mrt | avr | apr | mai | may | mei | jui?n | jui?l | ao[uû]t
                  | aug | sep | oct | okt | nov | d[ée]c | dez ) [\w.]*
              | de | du | des | la | le | les | of | the | sur | sous | en | upon | am | aan | den | van | der
            ) (?! \w )
        ) [\s,/–—-]*
    ){0,9}"""
_DATELINE = re.compile(rf"\s* {_PLACE_AND_DATE} [(\[] \s* ([^()\[\]\n]{{2,40}})", re.VERBOSE)
# Begins with a letter of ours, or has no other: none of the following is there.
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]|[\0-\x7f]*\Z")
# In other scripts: a name in brackets near the beginning, "Москва. /ТАСС/", "القاهرة (رويترز)", "【東京共同】".
_ELSEWHERE = re.compile(
    r"\s*(?![A-Za-zÀ-ɏ])[^()\[\]（）【】/\n]{0,40}[(\[（【/]\s*([^()\[\]（）【】/\n]{2,40}?)\s*[)\]）】/]"
)
# "Москва, 9 фев — РИА Новости."
_AFTER_DASH = re.compile(r"\s*[Ѐ-ӿ][Ѐ-ӿ\s\d.,/-]{1,40}?[.—–-]\s+([^\W\d][\w. ]{2,20}?)\s*(?:\.\s|[—–-]\s)")
# "新华社北京2月9日电": agency, place and date are written together and end in "telegram" or "news".
_TELEGRAM = re.compile(r"\s*[(（【]?\s*([一-鿿]{2,3}社)[^\s，。]{1,14}?[电電讯訊]")
_NAME_FIRST = re.compile(r"\s*([A-Za-zČ][\w/-]{1,24})\s*(?:[–—-]\s|\s?:\s)")

_LAST_BRACKET = re.compile(r"[(\[（【]\s*([^()\[\]（）【】\n]{2,60}?)\s*[)\]）】]\s*[.*。]?\s*$")
_SENTENCE_END = re.compile(r"[.!?…»”\")]\s+(?=[-–—©(A-ZÀ-Þ])")
_RIGHTS = re.compile(
    r"(?:©|\(c\)|\bcopyright\b)[\s©,]*(?:(?:19|20)\d\d)?\s*(?:by\s+)?(?:the\s+)?([A-ZČ][\w-]*(?:\s[A-Z][\w-]*){0,2})",
    re.IGNORECASE,
)


def find(authors: Iterable[str], byline: str, text: str, structured: Iterable[str] = ()) -> tuple[str, str] | None:
    """Return the agency a text is credited to and where that was found; None when no credit is there.

    ``structured`` are names of creators, sources and copyright holders in a page's metadata; ``text`` is
    lede and body. Found in: "structured data", "author", "byline", "dateline" or "credit line".
    """
    for where, credits_ in (("structured data", structured), ("author", authors), ("byline", [byline])):
        for credit in credits_:
            alone = where != "byline"
            if agency := _in_credit(credit, alone=alone) or (alone and _behind(credit[:EDGE])[1]):
                return agency, where
    if agency := _in_dateline(text[:EDGE]):
        return agency, "dateline"
    if agency := _in_credit_line(text[:EDGE], text[-EDGE:]):
        return agency, "credit line"
    return None


def without(name: str) -> str:
    """Return the name of a person without an agency printed behind it: "Ann Lee The Associated Press"."""
    return _behind(name)[0]


def _behind(name: str) -> tuple[str, str | None]:
    parts = [] if _OF_A_PICTURE.search(name) else name.split()
    for number in range(min(4, len(parts) - 1), 0, -1):
        if agency := _named(" ".join(parts[-number:])):
            return " ".join(parts[:-number]).rstrip(" ,–—-/|"), agency
    return name, None


def _named(name: str) -> str | None:
    """Return the agency that is called so, whatever words of a credit stand around it."""
    former = ""
    while former != name:
        former = name
        if agency := _known(name):
            return agency
        name = _AFTER.sub("", name)
        if before := _BEFORE.match(name):
            name = name[before.end() :]
    return None


def _known(name: str) -> str | None:
    agency = _BY_NAME.get(name.casefold())
    return None if agency is None or (name.upper() in _ALSO_WORDS and not name.isupper()) else agency


def _in_credit(credit: str, *, alone: bool = True) -> str | None:
    """Return the first agency among the names of a credit such as "Le Phare avec AFP".

    ``alone``: initials count even when no other name stands beside them.
    """
    credit = credit[:EDGE]
    if _TELLING.isdisjoint(_WORD.findall(credit.casefold())) or _OF_A_PICTURE.search(credit):
        return None
    if agency := _named(credit.strip()):
        return agency if alone or credit.strip() not in _ALSO_INITIALS else None
    names = [name for name in _BETWEEN.split(credit) if name.strip()]
    for position, name in enumerate(names):
        agency = _named(name.strip())
        if agency and (position > 0 or name.strip() not in _ALSO_INITIALS):
            return agency
    return None


def _in_dateline(start: str) -> str | None:
    # A teaser may stand before the paragraph that has it.
    for paragraph in start.split("\n"):
        bracketed = "(" in paragraph or "[" in paragraph
        found = (_DATELINE.match(paragraph) if bracketed else None) or _NAME_FIRST.match(paragraph)
        if found and (agency := _in_credit(found[1])):
            return agency
        if not _LATIN.match(paragraph) and (agency := _in_other_script(paragraph)):
            return agency
    return None


def _in_other_script(paragraph: str) -> str | None:
    for form in (_ELSEWHERE, _AFTER_DASH, _TELEGRAM):
        found = form.match(paragraph)
        if found and (agency := _in_credit(found[1]) or _glued(found[1])):
            return agency
    return None


def _glued(credit: str) -> str | None:
    """Return the agency after a place with nothing between: "東京共同"."""
    return next((_BY_NAME[name] for name in _UNSPACED if credit.endswith(name)), None)


def _in_credit_line(start: str, end: str) -> str | None:
    for line in _candidates(start, end):
        if (agency := _in_credit(line, alone=False)) and not _AS_A_SOURCE.search(line):
            return agency
    small = end.lower()
    if "©" not in end and "(c)" not in small and "copyr" not in small:
        return None
    for found in _RIGHTS.finditer(end):
        if not _OF_A_PICTURE.search(end[: found.start()].rpartition("\n")[2]):
            words = found[1].split()
            for many in range(len(words), 0, -1):
                if agency := _named(" ".join(words[:many])):
                    return agency
    return None


def _candidates(start: str, end: str) -> Iterator[str]:
    """Yield what may be a credit: the last brackets, the last line, what follows the last sentence, the first line."""
    end = end.rstrip()
    if end.rstrip(".*。").rstrip().endswith((")", "]", "）", "】")) and (found := _LAST_BRACKET.search(end)):
        yield found[1]
    last = end.rpartition("\n")[2]
    if _is_short(last):
        yield last
    rest = ""
    for found in _SENTENCE_END.finditer(last, max(0, len(last) - 2 * _LONGEST_CREDIT)):
        rest = last[found.end() :]
    if rest and len(rest) <= _LONGEST_CREDIT:
        yield rest
    first, separator, _ = start.lstrip().partition("\n")
    if separator and _is_short(first):
        yield first


def _is_short(line: str) -> bool:
    """Whether a line reads as a list of names rather than as a sentence."""
    return len(line) <= _LONGEST_CREDIT and len(line.split()) <= (4 if line.endswith((".", "!", "?")) else 8)
