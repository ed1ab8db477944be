"""Names, streets, towns and organisations of many countries, from the lists of Faker (MIT)."""

import importlib
import pkgutil
import unicodedata

import faker.providers.address as address_locales
import faker.providers.company as company_locales
import faker.providers.person as person_locales

# What unicode decomposition leaves, as crates/assay-guard/src/shadow/fold.rs folds it.
LEFT_OVER = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i"})


def fold(text):
    """The shadow of a Latin text."""
    decomposed = unicodedata.normalize("NFKD", text.translate(LEFT_OVER))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def is_latin(text):
    return bool(text) and all(ord(c) < 0x250 or 0x1E00 <= ord(c) < 0x1F00 for c in text)


def providers(package):
    for module in pkgutil.iter_modules(package.__path__):
        loaded = importlib.import_module(f"{package.__name__}.{module.name}")
        if hasattr(loaded, "Provider"):
            yield module.name, loaded.Provider


# Of a longer list every n-th is taken: one country must not outweigh the others.
LISTED_MAX = 1500

# Large towns, written down by hand: most lists name small ones.
TOWNS = """London Paris Berlin Madrid Rome Vienna Lisbon Dublin Amsterdam Brussels Prague Warsaw Budapest
Stockholm Oslo Copenhagen Helsinki Athens Istanbul Moscow Kyiv Zurich Geneva Munich Hamburg Frankfurt Cologne
Barcelona Valencia Milan Naples Turin Lyon Marseille Manchester Birmingham Leeds Liverpool Glasgow Edinburgh
Bristol Cardiff Chicago Boston Houston Dallas Austin Denver Seattle Portland Phoenix Atlanta Miami Detroit
Philadelphia Baltimore Cleveland Memphis Nashville Toronto Montreal Vancouver Calgary Ottawa Sydney Melbourne
Brisbane Perth Auckland Wellington Tokyo Osaka Kyoto Seoul Beijing Shanghai Shenzhen Guangzhou Mumbai Delhi
Bangalore Chennai Kolkata Hyderabad Karachi Lahore Dhaka Bangkok Hanoi Jakarta Manila Singapore Dubai Cairo
Lagos Nairobi Johannesburg Casablanca Tunis Lima Bogota Santiago Quito Caracas Havana Brasilia Salvador
Recife Fortaleza Curitiba Rosario Montevideo Guadalajara Monterrey Tijuana""".split()


def values(provider, *names):
    found = []
    for name in names:
        listed = getattr(provider, name, None)
        listed = () if listed is None or isinstance(listed, property) or callable(listed) else listed
        for value in listed:
            value = value if isinstance(value, str) else value[0] if value else ""
            if isinstance(value, str) and is_latin(value) and "{" not in value:
                found.append(value)
    found = list(dict.fromkeys(found))
    return found[:: len(found) // LISTED_MAX + 1]


def people():
    """Per locale: given names and family names."""
    out = {}
    for locale, provider in providers(person_locales):
        given = values(provider, "first_names", "first_names_male", "first_names_female",
                       "first_romanized_names_male", "first_romanized_names_female",
                       "first_names_unisex", "first_names_nonbinary")
        family = values(provider, "last_names", "last_names_male", "last_names_female",
                        "last_romanized_names", "unisex_last_names")
        if given and family:
            out[locale] = (given, family)
    return out


def places():
    """Per locale: towns, street words, provinces; and the countries of English."""
    out, countries = {}, []
    for locale, provider in providers(address_locales):
        towns = values(provider, "cities", "cities_name", "city_names", "towns", "municipalities", "_cities")
        suffixes = values(provider, "street_suffixes", "street_suffixes_short", "street_suffixes_long",
                          "street_prefixes", "street_prefixes_short")
        streets = values(provider, "streets", "street_names")
        provinces = values(provider, "provinces", "states", "states_abbr", "regions", "counties")
        out[locale] = (towns, suffixes, streets, provinces)
        if locale == "en":
            countries = values(provider, "countries")
    return out, countries


def company_words():
    out = set()
    for _, provider in providers(company_locales):
        out.update(values(provider, "company_suffixes"))
    return sorted(out)
