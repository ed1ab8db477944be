"""Plants one error in a sentence: a number, unit, date, name, negation or quantifier is changed."""
import re

MONTHS = ("January February March April May June July August September October November "
          "December").split()
WORDS = "two three four five six seven eight nine ten eleven twelve twenty thirty".split()
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
UNITS = [["kilometres", "metres", "miles", "feet"], ["kilometers", "meters", "miles", "feet"],
         ["km", "m", "mi"], ["kg", "g", "mg"], ["mg", "g", "kg", "µg"], ["pounds", "ounces", "tons"],
         ["years", "months", "weeks", "days"], ["year", "month", "week", "day"],
         ["hours", "minutes", "days", "seconds"], ["hour", "minute", "day"],
         ["million", "billion", "thousand"], ["acres", "hectares"], ["mL", "L"], ["cm", "mm", "m"],
         ["percent", "per thousand"], ["dollars", "euros", "pounds"], ["inches", "feet", "yards"],
         ["gallons", "litres"], ["degrees", "radians"], ["centuries", "decades", "years"]]
SYMBOLS = {"$": ["€", "£"], "£": ["$", "€"], "€": ["$", "£"]}
QUANTIFIERS = {
    "all": ["some", "few", "most"], "every": ["no", "hardly any"], "each": ["no"],
    "most": ["few", "all", "some"], "many": ["few", "all"], "several": ["all", "no"],
    "some": ["all", "most", "no"], "few": ["many", "most", "all"], "always": ["sometimes", "rarely"],
    "often": ["rarely", "always"], "usually": ["rarely", "always"],
    "sometimes": ["always", "often"], "rarely": ["often", "usually"], "both": ["neither of"],
    "only": ["not only"], "at least": ["at most"], "at most": ["at least"],
    "more than": ["less than"], "less than": ["more than"], "up to": ["at least"],
    "generally": ["rarely"], "mostly": ["rarely"], "frequently": ["rarely"], "entire": ["half the"],
    "mainly": ["partly", "rarely"], "majority": ["minority"], "over": ["under"],
    "approximately": ["exactly"], "about": ["exactly"],
}
AUX = ("is are was were has had have can could will would may might must should does did do".split())


def match_case(model, word):
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


def swap(text, match, new):
    return text[:match.start()] + match_case(match.group(), new) + text[match.end():]


def number(text, rng, _names):
    spots = [m for m in re.finditer(r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?![\w]|[.,]\d|-\d)", text)
             if not re.fullmatch(r"1[0-9]{3}|20[0-9]{2}", m.group())
             and not re.search(r"(%s)\s*$" % "|".join(MONTHS), text[:m.start()])
             and not re.match(r"\s*(%s)" % "|".join(MONTHS), text[m.end():])]
    words = [m for m in re.finditer(r"\b(%s)\b" % "|".join(WORDS + ORDINALS), text, re.I)]
    if not spots + words:
        return None
    m = rng.choice(spots + words)
    low = m.group().lower()
    for pool in (WORDS, ORDINALS):
        if low in pool:
            return swap(text, m, rng.choice([w for w in pool if w != low]))
    raw = m.group()
    for _ in range(20):
        at = rng.choice([i for i, c in enumerate(raw) if c.isdigit()])
        new = raw[:at] + rng.choice([d for d in "123456789" if d != raw[at]]) + raw[at + 1:]
        if rng.random() < 0.3 and "," not in raw and "." not in raw:
            new = str(int(raw) * rng.choice([2, 3, 10]) + rng.choice([0, 1]))
        if new != raw:
            return text[:m.start()] + new + text[m.end():]
    return None


def unit(text, rng, _names):
    spots = []
    for group in UNITS:
        for word in group:
            for m in re.finditer(r"(?<=[\d ])(%s)\b" % re.escape(word), text):
                if re.search(r"(\d|\b(%s|hundred|thousand|several|few))[ -]?$" % "|".join(WORDS), text[:m.start()], re.I):
                    spots.append((m, [w for w in group if w != word]))
    for m in re.finditer(r"[$£€](?=\d)", text):
        spots.append((m, SYMBOLS[m.group()]))
    for m in re.finditer(r"(?<=\d)\s?%", text):
        spots.append((m, [" per thousand", " points"]))
    if not spots:
        return None
    m, pool = rng.choice(spots)
    return text[:m.start()] + rng.choice(pool) + text[m.end():]


def date(text, rng, _names):
    spots = [("y", m) for m in re.finditer(r"\b(1[5-9]\d\d|20[0-2]\d)\b", text)]
    spots += [("m", m) for m in re.finditer(r"\b(%s)\b" % "|".join(MONTHS), text)]
    spots += [("d", m) for m in re.finditer(r"(?<=\b)\d{1,2}(?= (%s)\b)" % "|".join(MONTHS), text)]
    if not spots:
        return None
    kind, m = rng.choice(spots)
    if kind == "m":
        new = rng.choice([month for month in MONTHS if month != m.group()])
    elif kind == "y":
        new = str(int(m.group()) + rng.choice([-30, -10, -7, -3, -2, -1, 1, 2, 3, 5, 9, 10, 20]))
    else:
        new = str(rng.choice([d for d in range(1, 29) if str(d) != m.group()]))
    return text[:m.start()] + new + text[m.end():]


NOT_NAMES = set(MONTHS) | set("The A An In On At He She It They This That These Those However As But And For From With By Of To When While After Before During Although I We Its His Her Their There Some Many Most All Both Each".split())


def names_of(text):
    """Capitalised runs that do not open a sentence."""
    found = []
    for m in re.finditer(r"(?<![.!?:\"#•] )(?<!^)(?<!\w)\b[A-Z][a-z]+(?: [A-Z][a-z]+)*", text):
        if m.start() > 0 and m.group().split()[0] not in NOT_NAMES and len(m.group()) > 3:
            found.append(m)
    return found


def name(text, rng, names):
    spots = names_of(text)
    pool = [n for n in names if n not in text]
    if not spots or not pool:
        return None
    m = rng.choice(spots)
    words = m.group().split()
    if len(words) > 1 and rng.random() < 0.4:
        at = rng.randrange(len(words))
        other = rng.choice(pool).split()[-1]
        if other.lower() == words[at].lower():
            return None
        words[at] = other
        new = " ".join(words)
    else:
        new = rng.choice(pool)
    return text[:m.start()] + new + text[m.end():]


def negation(text, rng, _names):
    gone = [m for m in re.finditer(r" (not|never)\b|n't\b", text)]
    if gone and rng.random() < 0.8:
        m = rng.choice(gone)
        return text[:m.start()] + text[m.end():]
    spots = [m for m in re.finditer(r"\b(%s)\b(?! not\b)(?!n't)" % "|".join(AUX), text)]
    if not spots:
        return None
    m = rng.choice(spots)
    return text[:m.end()] + rng.choice([" not", " not", " not", " never"]) + text[m.end():]


def quantifier(text, rng, _names):
    spots = [m for m in re.finditer(r"\b(%s)\b" % "|".join(sorted(QUANTIFIERS, key=len, reverse=True)), text, re.I)
             if m.group().lower() not in ("over", "about") or re.match(r" \d", text[m.end():])]
    if not spots:
        return None
    m = rng.choice(spots)
    return swap(text, m, rng.choice(QUANTIFIERS[m.group().lower()]))


KINDS = {"number": number, "unit": unit, "date": date, "name": name, "negation": negation,
         "quantifier": quantifier}
