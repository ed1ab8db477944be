"""Writes the lists that `words/lexicon.rs` reads: `lexicon.py WORDS OUT`.

WORDS is a list of common words, one a line (SCOWL, as in the Debian package wamerican-small).
"""

import re
import struct
import sys

from names import TOWNS, company_words, fold, is_latin, people, places

COMMON, GIVEN, FAMILY, TOWN, COUNTRY, STREET, COMPANY, TITLE = (1 << bit for bit in range(8))

STREET_WORDS = """street st avenue ave road rd lane ln drive dr court ct boulevard blvd place pl
square way terrace close crescent parkway highway hwy apt apartment suite floor unit box corner
building rue via viale piazza calle avenida plaza carrer rua travessa largo strasse str weg platz
allee gasse gata gatan vagen vej gade vei veien gate katu tie straat laan plein weg ulica ul aleja
utca ut ter namesti ulice trg cesta bulvar sokak caddesi chemin impasse quai""".split()
COMPANY_WORDS = """inc ltd llc gmbh corp co company limited group holdings partners associates plc
sa ag spa srl bv nv oy ab as bank university college school hospital institute foundation
labs technologies systems solutions services industries international consulting ventures""".split()
TITLES = "mr mrs ms miss dr prof sir madam lord lady herr frau monsieur madame senor senora".split()


def fnv(text):
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def main(words, out):
    lists = {}

    def add(text, bit, whole=False):
        parts = re.findall(r"[^\W_]+", fold(text).lower())
        if whole and len(parts) != 1:
            parts = [part for part in parts if len(part) > 3]
        for part in parts:
            if is_latin(part) and len(part) <= 24:
                lists[part] = lists.get(part, 0) | bit

    for line in open(words, encoding="utf-8"):
        word = line.strip()
        if word.islower() and "'" not in word:
            add(word, COMMON)
    for given, family in people().values():
        for name in given:
            add(name, GIVEN)
        for name in family:
            add(name, FAMILY)
    towns, countries = places()
    for town_names, _, _, provinces in towns.values():
        for name in town_names:
            add(name, TOWN, whole=True)
    for name in TOWNS:
        add(name, TOWN)
    for name in countries:
        add(name, COUNTRY, whole=True)
    for bit, words in ((STREET, STREET_WORDS), (COMPANY, COMPANY_WORDS), (TITLE, TITLES)):
        for word in words:
            add(word, bit)
    for word in company_words():
        add(word, COMPANY)
    entries = sorted((fnv(word), bits) for word, bits in lists.items())
    with open(out, "wb") as file:
        for value, bits in entries:
            file.write(struct.pack("<IB", value, bits))
    print(len(entries), "words")


if __name__ == "__main__":
    main(*sys.argv[1:])
